import { uuid4 } from '@temporalio/workflow';
import type { Clicked } from '../contract.ts';
import { type Unmet, unmetBy } from '../domain/ask.ts';
import { StewardError } from '../domain/errors.ts';
import { isToCall } from '../domain/path-follow.ts';
import { slackDesk } from './activities.ts';
import type { Desk } from './desk.ts';
import { failureOf } from './failure.ts';
import type { Inbox, Incoming } from './inbox.ts';

export const SLACK = 'slack';

/** It does not count: judged when its turn has come, when all that was said before it is done. */
class NotDone extends StewardError {
  readonly unmet: Unmet;
  constructor(unmet: Unmet) {
    super('DecisionDenied', unmet.why);
    this.unmet = unmet;
  }
}

/** What somebody did at a message in Slack. Whoever is refused hears why, in private. */
export async function hearClick(desk: Desk, inbox: Inbox, said: Clicked): Promise<void> {
  const unmet = await decideAt(desk, inbox, { ...said, source: SLACK });
  // Of a note no message tells.
  if (unmet !== null || said.act === 'note') answer(desk, said, unmet);
}

type Decided = Pick<Clicked, 'by' | 'act' | 'round' | 'to' | 'minutes' | 'message' | 'eventId'> & {
  readonly source: string;
};

/** Takes what one of us decides about what they are asked; null: it counts. */
export async function decideAt(desk: Desk, inbox: Inbox, said: Decided): Promise<Unmet | null> {
  const { memory } = desk;
  let refused: NotDone | undefined;
  const judge = () => {
    const { by, act, round, to } = said;
    const wanted = { by, act, round, to, at: Date.now() };
    const unmet = memory.ask
      ? unmetBy(memory.ask, memory.row.state, wanted, isToCall(memory.path))
      : ({ why: 'older' } as const);
    if (unmet === null) return;
    refused = new NotDone(unmet);
    throw refused;
  };
  // In line together: nothing comes between a reply and the solution that was said with it.
  const taken = stepsOf(said).map((step, i) =>
    inbox.take({
      ...step,
      judge: () => {
        if (i === 0) judge();
        else if (refused) throw refused;
      },
    }),
  );
  const steps = await Promise.allSettled(taken);
  const failed = steps.find((step) => step.status === 'rejected');
  if (failed === undefined) return null;
  const error: unknown = failed.reason;
  if (!(error instanceof StewardError)) throw error;
  return error instanceof NotDone ? error.unmet : { why: 'unlawful', state: memory.row.state };
}

function stepsOf(said: Decided): Incoming[] {
  const { eventId = uuid4(), by, act, message, to, source } = said;
  const actor = by ?? 'platform';
  const who = { source, eventId, actor, agentId: by ?? undefined };
  const solved = { ...who, event: 'resolved' } as const;
  const replied = { ...who, event: 'agentReplied', message, sendReply: true } as const;
  switch (act) {
    case 'claim':
      return [{ ...who, event: 'claimed' }];
    case 'resolve':
    case 'solve':
      return [solved];
    case 'reply':
      return [replied];
    case 'replyAndSolve':
      return [replied, { ...solved, eventId: `${eventId}/solved` }];
    case 'note':
      return [{ ...who, event: 'noted', message }];
    case 'reassign':
      return [{ ...who, event: 'reassigned', to: to ?? undefined }];
    case 'snooze':
      return [{ ...who, event: 'snoozed', until: Date.now() + (said.minutes ?? 60) * 60_000 }];
  }
}

/** Beside the line: Slack may take its time. Null: it was done, and no message shows it. */
function answer(desk: Desk, { user, answerUrl, message }: Clicked, unmet: Unmet | null): void {
  const { ticketId, timings } = desk.memory;
  desk.background += 1;
  const asked = slackDesk(timings.lostAttemptMs, 'Answer in private', ANSWER_TRIES).answerClick({
    ticketId,
    user,
    answerUrl: answerUrl ?? null,
    unmet,
    // Nobody shall have to write it again.
    ...(unmet !== null && message !== undefined ? { written: message } : {}),
  });
  // Nobody else can be told that somebody could not be told.
  void asked
    .catch((error: unknown) => void failureOf(error))
    .finally(() => {
      desk.background -= 1;
    });
}
const ANSWER_TRIES = 5;
