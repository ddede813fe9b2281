import { standingOf } from '../domain/sla.ts';
import { METRIC_WORDS, sayDeadline, sayDerivation } from '../domain/sla-words.ts';
import { own } from './activities.ts';
import type { Desk } from './desk.ts';
import { condition, hasCome, now } from './rest.ts';
import { tellUntilHeard } from './tell.ts';

/**
 * Wakes for each deadline of the ticket's clock, beside the main line: it runs on while a step is parked. What it throws is a bug of ours,
 * and fails the workflow task.
 */
export async function watchClock(desk: Desk): Promise<void> {
  const { memory } = desk;
  while (memory.sla) {
    if (memory.struck.length > 0) tellOfStrikes(desk);
    const { next } = memory.sla;
    const changed = () => memory.struck.length > 0 || memory.sla?.next !== next;
    if (next === null) {
      await condition(changed);
      continue;
    }
    // A deadline is kept to its last millisecond.
    const due = next + 1;
    if (await condition(changed, Math.max(1, due - now()), { summary: 'The next deadline of the SLA' })) continue;
    hasCome(due);
    await desk.journal.flush();
  }
}

/** To those concerned, as long as it still matters; a provider that is down holds up nothing. */
function tellOfStrikes(desk: Desk): void {
  const { memory } = desk;
  const { struck, sla } = memory;
  memory.struck = [];
  if (!sla) return;
  const { rules } = sla;
  for (const { clock, kind, deadline } of struck) {
    const isStale = () => !memory.sla?.clocks.some(({ id }) => id === clock.id);
    if (isStale()) continue;
    const occasion = `sla:${clock.id}:${kind === 'slaWarned' ? 'warned' : 'breached'}`;
    const facts = {
      metric: METRIC_WORDS[clock.metric],
      due: sayDeadline(clock, kind === 'slaWarned' ? (standingOf(clock, rules)?.dueAt ?? deadline) : deadline, rules),
      derivation: sayDerivation(clock, rules),
    };
    const queue = (channel?: 'mail') =>
      desk.journal.commit(
        { kind: 'delivered', facts: { occasion, ...(channel ? { fallback: channel } : {}) } },
        (change) =>
          own.tellOfSla({
            change,
            occasion,
            template: kind === 'slaWarned' ? 'sla-warned' : 'sla-breached',
            assigneeId: memory.row.assigneeId,
            facts,
            ...(channel ? { channel } : {}),
          }),
      );
    desk.background += 1;
    void tellUntilHeard(desk, { occasion, queue, isStale }).finally(() => {
      desk.background -= 1;
    });
  }
}
