import { condition, sleep } from '@temporalio/workflow';
import type { Parked } from '../contract.ts';
import { isOpen } from '../domain/ticket.ts';
import { own } from './activities.ts';
import type { Answer } from './answer.ts';
import type { Desk } from './desk.ts';
import { type Failure, failureOf } from './failure.ts';

/** Parks a step: flags the ticket, tells the admins, and waits for an operator, however long it takes. */
export async function park(desk: Desk, step: string, failure: Failure, attempts: number): Promise<Answer> {
  const { memory, journal } = desk;
  if (!isOpen(memory.row.state)) return { act: 'overtaken' };
  if (!memory.parked.some((parked) => parked.step === step)) {
    const parked: Parked = { step, error: failure.error, attempts, since: new Date().toISOString() };
    memory.parked = [...memory.parked, parked];
    await tellAdmins(desk, parked);
  }
  desk.resting = true;
  await condition(() => desk.answers[step] !== undefined || !isOpen(memory.row.state));
  desk.resting = false;
  const answer = desk.answers[step] ?? { act: 'overtaken' };
  delete desk.answers[step];
  memory.parked = memory.parked.filter((parked) => parked.step !== step);
  await journal.commit(
    {
      kind: 'operator',
      actor: answer.act === 'overtaken' ? 'steward' : 'operator',
      facts: { step, act: answer.act },
      row: { needsAttention: memory.parked.length > 0 },
    },
    own.recordChange,
  );
  return answer;
}

/** By Slack where that is configured; by mail when Slack won't take it. Nobody being told must not park the ticket twice. */
async function tellAdmins(desk: Desk, parked: Parked): Promise<void> {
  const { step, error, attempts, since } = parked;
  const occasion = `parked:${step}:${since}`;
  const facts = { step, error, attempts };
  const queued = await desk.journal.commit({ kind: 'parked', facts, row: { needsAttention: true } }, (change) =>
    own.tellAdmins({ change, occasion, facts }),
  );
  const bySlack = queued.some((delivery) => delivery.channel === 'slack');
  if ((await desk.sendQuietly(queued)) === 'sent' || !bySlack) return;
  const mails = await desk.journal.commit({ kind: 'delivered', facts: { step, fallback: 'mail' } }, (change) =>
    own.tellAdmins({ change, occasion, facts, channel: 'mail' }),
  );
  await desk.sendQuietly(mails);
}

/** The reference retry (2 s, 4 s, 8 s), for messages that no flow's Retry governs. */
const RETRIES_MS = [2_000, 4_000, 8_000] as const;

/** Does `act` until it works: three retries, then parked until an operator says `retry`, `skip` or `abort`. */
export async function persist(
  desk: Desk,
  step: string,
  act: (attempt: number, again: boolean) => Promise<void>,
): Promise<void> {
  let again = false;
  for (let attempt = 1; ; attempt++) {
    try {
      return await act(attempt, again);
    } catch (error) {
      const failure = failureOf(error);
      const delay = RETRIES_MS[attempt - 1];
      if (failure.retryable && delay !== undefined) {
        await sleep(Math.max(delay, failure.retryAfterMs), { summary: `${step}: attempt ${attempt + 1} of 4` });
        continue;
      }
      const answer = await park(desk, step, failure, attempt);
      if (answer.act !== 'retry' && answer.act !== 'fix') return;
      again = true;
      attempt = 0;
    }
  }
}
