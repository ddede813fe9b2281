import { sleep } from '@temporalio/workflow';
import type { Parked } from '../contract.ts';
import { isOpen, type TicketState } from '../domain/ticket.ts';
import { own } from './activities.ts';
import type { Answer } from './answer.ts';
import type { Desk } from './desk.ts';
import { type Failure, failureOf, retryDelayMs } from './failure.ts';
import { condition } from './rest.ts';
import { tellUntilHeard } from './tell.ts';

/**
 * What a step works for. A solved ticket needs no further step of its flow and no hand-over; a message that somebody wrote to the
 * customer must go out all the same.
 */
type Purpose = 'flow' | 'handOver' | 'message';

function isOvertaken(purpose: Purpose, state: TicketState): boolean {
  return purpose === 'message' ? state === 'closed' : !isOpen(state);
}

/** Parks a step: flags the ticket, tells the admins, and waits for an operator, however long it takes. */
export async function park(
  desk: Desk,
  step: string,
  failure: Failure,
  attempts: number,
  purpose: Purpose = 'flow',
): Promise<Answer> {
  const { memory, journal } = desk;
  const overtaken = () => isOvertaken(purpose, memory.row.state);
  if (overtaken()) return { act: 'overtaken' };
  if (!memory.parked.some((parked) => parked.step === step)) {
    const { error, cause } = failure;
    const since = new Date().toISOString();
    const parked: Parked = {
      step,
      error,
      cause: cause.slice(0, MOST_CAUSE),
      attempts,
      since,
      fixable: purpose === 'flow',
    };
    memory.parked = [...memory.parked, parked];
    await announce(desk, parked);
  }
  // Only the flow's place is in memory: a new run takes it up there.
  if (purpose === 'flow') desk.resting = true;
  await condition(() => desk.answers[step] !== undefined || overtaken());
  if (purpose === 'flow') desk.resting = false;
  const answer = desk.answers[step] ?? { act: 'overtaken' };
  delete desk.answers[step];
  memory.parked = memory.parked.filter((parked) => parked.step !== step);
  await journal.commit(
    {
      kind: 'operator',
      actor: answer.act === 'overtaken' ? 'steward' : 'operator',
      facts: { step, act: answer.act === 'abort' && purpose !== 'flow' ? 'giveUp' : answer.act },
      row: () => ({ needsAttention: memory.parked.length > 0 }),
    },
    own.recordChange,
  );
  return answer;
}
/** Enough for a cause of ours; it stands in the Web UI and in a mail. */
const MOST_CAUSE = 300;

/** Puts the park on record with word of it to the admins, which goes out beside: an operator's answer need not wait for it. */
async function announce(desk: Desk, parked: Parked): Promise<void> {
  const { memory, journal } = desk;
  const { step, error, cause, attempts } = parked;
  const facts = { step, error, cause, attempts };
  memory.parkings += 1;
  const occasion = `parked:${step}:${memory.parkings}`;
  const queue = (channel?: 'mail') =>
    journal.commit(
      {
        kind: channel ? 'delivered' : 'parked',
        facts: channel ? { step, fallback: channel } : facts,
        row: () => ({ needsAttention: memory.parked.length > 0 }),
      },
      (change) => own.tellAdmins({ change, occasion, facts, ...(channel ? { channel } : {}) }),
    );
  const queued = await queue();
  desk.background += 1;
  const isStale = () => !desk.memory.parked.includes(parked);
  void tellUntilHeard(desk, { occasion, queue, isStale }, queued).finally(() => {
    desk.background -= 1;
  });
}

/** Does `act` until it works: three retries, then parked until an operator says `retry`, `skip` or `abort`. */
export async function persist(
  desk: Desk,
  step: string,
  purpose: 'handOver' | 'message',
  act: (attempt: number, again: boolean) => Promise<void>,
): Promise<void> {
  let again = false;
  for (let attempt = 1; ; attempt++) {
    // Once: when that answer is lost too, it is the operator's to say again.
    const sendAgain = again;
    again = false;
    try {
      return await act(attempt, sendAgain);
    } catch (error) {
      const failure = failureOf(error);
      const delay = retryDelayMs(failure, attempt);
      if (delay !== undefined) {
        await sleep(delay, { summary: `${step}: attempt ${attempt + 1} of 4` });
        continue;
      }
      const answer = await park(desk, step, failure, attempt, purpose);
      if (answer.act !== 'retry') return own.giveUpDeliveries(desk.memory.ticketId, step);
      again = true;
      attempt = 0;
    }
  }
}
