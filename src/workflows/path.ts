import { roundToAsk } from '../domain/ask.ts';
import type { Delivery } from '../domain/delivery.ts';
import {
  type Called,
  called,
  type Due,
  dueOf,
  isLastAnew,
  lapsed,
  nextTurn,
  type PathRun,
  paged,
  pathOf,
} from '../domain/path.ts';
import { isCalling, withPage } from '../domain/path-follow.ts';
import { own } from './activities.ts';
import { isSince } from './changes.ts';
import type { Desk } from './desk.ts';
import { watchPages } from './pages.ts';
import { condition, hasCome, now } from './rest.ts';
import { Overtaken, sendUnless, tellUntilHeard } from './tell.ts';

/**
 * Calls people, one level of the path after another, beside the main line, until somebody acknowledges the ticket. What it throws is a bug
 * of ours, and fails the workflow task.
 */
export async function watchPath(desk: Desk): Promise<void> {
  const { memory } = desk;
  void watchPages(desk);
  while (memory.path) {
    const { run } = memory.path;
    const next = run && nextTurn(run);
    const changed = () => memory.path?.run !== run;
    if (run === null || next === null) {
      await condition(changed);
      continue;
    }
    const left = Math.max(1, next - now());
    const summary = run.acknowledged ? 'An acknowledgement holds' : 'The escalation path goes on';
    if (await condition(changed, left, { summary })) continue;
    hasCome(next);
    // What an agent said is on its way in: it has the word first.
    await condition(() => desk.acting === 0);
    if (!changed()) await takeTurn(desk, run);
  }
}

async function takeTurn(desk: Desk, run: PathRun): Promise<void> {
  const { memory } = desk;
  const due = memory.path && dueOf(run, memory.path.rules, now());
  if (!due) {
    // The last level was called, its wait is over, and nobody is paged.
    if (isSince('path-rests-at-its-end')) goOn(desk, { ...run, dueAt: null });
    return;
  }
  desk.background += 1;
  try {
    if (due.kind === 'lapse') await lapse(desk, run, due);
    else if (due.kind === 'page') await page(desk, run, due);
    else await call(desk, run, due);
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
    // What an agent said goes before it, and this turn may still come.
    await condition(() => desk.acting === 0);
  } finally {
    desk.background -= 1;
  }
}

/** For a write's turn: throws when the ticket is no longer where the path thought. */
function unlessOvertaken(desk: Desk, run: PathRun) {
  return () => {
    if (desk.acting > 0 || desk.memory.path?.run !== run) throw new Overtaken();
    return {};
  };
}

function goOn(desk: Desk, run: PathRun): Record<string, never> {
  if (desk.memory.path) desk.memory.path = { ...desk.memory.path, run };
  return {};
}

async function lapse(desk: Desk, run: PathRun, due: Extract<Due, { kind: 'lapse' }>): Promise<void> {
  const facts = { run: run.id, path: run.path, by: due.by };
  await desk.journal.commit({ kind: 'leaseEnded', facts, row: unlessOvertaken(desk, run) }, own.recordChange, () => {
    const rules = rulesOf(desk);
    const next = lapsed(run, rules, now());
    // Before, such a path stayed at its end for good.
    const isAtItsEnd = isLastAnew(run, rules) && !isSince('last-level-anew');
    return goOn(desk, isAtItsEnd ? { ...next, dueAt: null } : next);
  });
}

async function page(desk: Desk, run: PathRun, due: Extract<Due, { kind: 'page' }>): Promise<void> {
  const { severity, number } = due;
  const facts = { run: run.id, path: run.path, number, severity };
  await desk.journal.commit({ kind: 'paged', facts, row: unlessOvertaken(desk, run) }, own.recordChange, () => {
    const { path } = desk.memory;
    if (!path) return {};
    const one = { run: run.id, path: run.path, number, severity, told: 'nothing' } as const;
    const on = { ...path, run: paged(run, path.rules, now()) };
    const hasOthers = path.pages.some((other) => other.run !== run.id);
    const isFirst = !hasOthers || isSince('own-pages-first');
    desk.memory.path = isFirst ? withPage(on, one) : { ...on, pages: [...path.pages, one] };
    return {};
  });
}

async function call(desk: Desk, run: PathRun, due: Extract<Due, { kind: 'call' }>): Promise<void> {
  const { memory, journal } = desk;
  const rules = rulesOf(desk);
  const level = pathOf(run, rules).levels[due.level];
  if (!level) return;
  const occasion = `path:${run.id}:${due.level + 1}.${due.number}`;
  const facts = { run: run.id, path: run.path, level: due.level + 1, number: due.number };
  const queue = (channel?: 'mail') =>
    journal.commit<Called & { readonly deliveries: readonly Delivery[] }>(
      channel
        ? { kind: 'delivered', facts: { occasion, fallback: channel } }
        : { kind: 'called', facts, row: unlessOvertaken(desk, run) },
      (change) =>
        own.callPeople({
          change,
          occasion,
          level,
          assigneeId: memory.row.assigneeId,
          at: now(),
          facts: {
            ...facts,
            since: new Date(run.startedAt).toISOString(),
            ...(memory.ask ? { round: roundToAsk(memory.ask) } : {}),
          },
          ...(channel ? { channel } : {}),
        }),
      (result) => (channel ? {} : goOn(desk, called(run, rules, due, result, now()))),
    );
  const { deliveries } = await queue();
  await condition(() => desk.acting === 0);
  const isStale = () => desk.acting > 0 || !isCalling(memory.path, run.id);
  if (isStale()) return own.withdraw(deliveries.flatMap(({ id, status }) => (status === 'sent' ? [] : [id])));
  desk.background += 1;
  const telling = {
    occasion,
    isStale,
    queue: async () => (await queue('mail')).deliveries,
    send: (unsent: readonly Delivery[]) => sendUnless(isStale, () => desk.sendQuietly(unsent)),
  };
  void tellUntilHeard(desk, telling, deliveries).finally(() => {
    desk.background -= 1;
  });
}

function rulesOf({ memory }: Desk) {
  if (!memory.path) throw new TypeError('a ticket on a path has its rules');
  return memory.path.rules;
}
