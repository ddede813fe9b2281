import { CancellationScope, currentUpdateInfo, setDefaultSignalHandler, setHandler, uuid4 } from '@temporalio/workflow';
import * as contract from '../contract.ts';
import { flowParts, flowWay } from '../contract-flow.ts';
import { type TaskEnded, taskEnded } from '../contract-tasks.ts';
import { sayUnmet } from '../domain/ask-words.ts';
import { type Problem, StewardError, sayProblems } from '../domain/errors.ts';
import { checkSaying, type Saying } from '../domain/said.ts';
import { assertLawful, type TicketEvent } from '../domain/ticket.ts';
import { enrichAgain } from './again.ts';
import { hearAssignmentDue } from './assignment.ts';
import { decideAt, hearClick } from './clicks.ts';
import type { Desk } from './desk.ts';
import { wayOf } from './flow-way.ts';
import type { Inbox, Incoming } from './inbox.ts';
import { condition } from './rest.ts';
import { standIn, withStandIns } from './stand-in.ts';
import { hearStranger } from './stranger.ts';
import { hearTokens } from './task-tokens.ts';
import { hearUndelivered } from './undelivered.ts';
import { toUpdateFailure } from './update-failure.ts';
import { viewOf } from './view.ts';

/**
 * Handlers run outside of the workflow's main line, and so would their work be torn when somebody asks to cancel: it is done to its end,
 * and the ticket closes in order.
 */
function whole<A extends unknown[], T>(handle: (...args: A) => T | Promise<T>): (...args: A) => Promise<T> {
  return (...args) => CancellationScope.nonCancellable(async () => handle(...args));
}

/** Registers what one may say to a ticket. */
export function hear(desk: Desk, inbox: Inbox): void {
  setHandler(contract.ticket, () => viewOf(desk.memory));
  setHandler(flowParts, () => [...desk.parts]);
  setHandler(flowWay, () => wayOf(desk.memory.flow, desk.memory.passings ?? [], desk.memory.turn));
  hearSignals(desk, inbox);
  hearAgents(desk, inbox);
  hearDecisions(desk, inbox);
  hearOperators(desk);
  hearTokens(
    () => desk.memory.tokens,
    (event, why) => desk.journal.note('ignored', { event, why }, 'platform'),
  );
  hearTheRest(desk);
}

/** Signals cannot answer: one that is wrong or unlawful is put on the timeline, and changes nothing. */
function hearSignals(desk: Desk, inbox: Inbox): void {
  /** What is wrong is not heard; nothing is heard under a label that must not be written down. */
  function on<P extends contract.Outside>(saying: Saying, act: (said: P) => void | Promise<void>) {
    return whole((said: P | undefined) => {
      const problems = checkSaying(saying, said);
      return problems.length > 0 ? ignore(desk, saying, problems) : act(withStandIns(desk.memory, said ?? ({} as P)));
    });
  }
  function hearing<P extends contract.Outside>(saying: Saying, read: (said: P) => Heard) {
    return on<P>(saying, (said) =>
      inbox.push({ ...read(said), source: said.source ?? 'signal', eventId: said.eventId ?? uuid4(), via: said.via }),
    );
  }
  setHandler(
    contract.customerReplied,
    hearing('customerReplied', ({ message, mail }) => ({ event: 'customerReplied', actor: 'customer', message, mail })),
  );
  setHandler(
    contract.agentReplied,
    hearing('agentReplied', ({ agentId, message }) => ({ event: 'agentReplied', actor: agentId, agentId, message })),
  );
  setHandler(
    contract.claimed,
    hearing('claimed', ({ agentId }) => ({ event: 'claimed', actor: agentId, agentId })),
  );
  setHandler(
    contract.resolved,
    hearing('resolved', ({ agentId }) => ({ event: 'resolved', actor: agentId ?? 'platform', agentId })),
  );
  setHandler(
    contract.reopened,
    hearing('reopened', () => ({ event: 'reopened', actor: 'platform' })),
  );
  setHandler(
    contract.rated,
    hearing('rated', ({ score }) => ({ event: 'rated', actor: 'customer', score })),
  );
  setHandler(
    contract.strangerReplied,
    on<contract.StrangerReplied>('strangerReplied', (said) => hearStranger(desk, said)),
  );
  setHandler(
    contract.deliveryFailed,
    on<contract.DeliveryFailed>('deliveryFailed', (said) => hearUndelivered(desk, said)),
  );
  setHandler(
    contract.lookAgain,
    on<contract.LookAgain>('lookAgain', (said) => enrichAgain(desk, said)),
  );
  setHandler(
    taskEnded,
    whole((said: TaskEnded) => {
      const problems = checkSaying('taskEnded', said);
      if (problems.length > 0) return ignore(desk, 'taskEnded', problems);
      // Kept though nobody seems to wait: a workflow task that was lost may have asked. Said again to a flow that has ended, it is no news.
      if (!desk.memory.flowEnded) desk.memory.taskEnds = { ...desk.memory.taskEnds, [said.occasion]: said };
      return;
    }),
  );
  setHandler(
    contract.assignmentDue,
    on<contract.AssignmentDue>('assignmentDue', (said) => hearAssignmentDue(desk, said)),
  );
  setHandler(
    contract.clicked,
    on<contract.Clicked>('clicked', (said) => hearClick(desk, inbox, said)),
  );
}
type Heard = Omit<Incoming, 'source' | 'eventId' | 'via'>;

/** Whoever says it may choose it. */
function updateId({ memory }: Desk): string {
  return standIn(memory, currentUpdateInfo()?.id ?? uuid4());
}

function ignore(desk: Desk, event: Saying, problems: readonly Problem[]): Promise<void> {
  desk.journal.note('ignored', { event, why: sayProblems(problems) }, 'platform');
  return desk.journal.flush();
}

/** A signal by a name that nobody listens to would be lost without a word. */
function hearTheRest(desk: Desk): void {
  setDefaultSignalHandler(
    whole((name: string) => {
      const event = /^\w{1,60}$/.test(name) ? name : 'a signal';
      desk.journal.note('ignored', { event, why: 'there is no such signal' }, 'platform');
      return desk.journal.flush();
    }),
  );
}

/** Updates answer: a wrong or unlawful one is rejected with the reason, before anything is written. */
function hearAgents(desk: Desk, inbox: Inbox): void {
  const update = whole(async (heard: Heard) => {
    try {
      await inbox.take({ ...heard, source: 'update', eventId: updateId(desk) });
    } catch (error) {
      throw toUpdateFailure(error);
    }
    return viewOf(desk.memory);
  });
  const valid = (saying: Saying, event: TicketEvent) => ({
    validator: (args: unknown) =>
      rejecting(() => {
        assertRight(saying, args);
        assertLawful(desk.memory.row.state, event);
      }),
  });
  setHandler(
    contract.claim,
    ({ agentId }) => update({ event: 'claimed', actor: agentId, agentId }),
    valid('claim', 'claimed'),
  );
  setHandler(
    contract.reply,
    ({ agentId, message }) => update({ event: 'agentReplied', actor: agentId, agentId, message, sendReply: true }),
    valid('reply', 'agentReplied'),
  );
  setHandler(
    contract.resolve,
    ({ agentId }) => update({ event: 'resolved', actor: agentId, agentId }),
    valid('resolve', 'resolved'),
  );
}

/** The links in mails lead to a page that says this. Judged when its turn has come: of two at once the first one counts. */
function hearDecisions(desk: Desk, inbox: Inbox): void {
  const decide = whole(async (said: contract.Decide) => {
    const eventId = updateId(desk);
    const unmet = await decideAt(desk, inbox, { ...said, eventId, source: LINK });
    if (unmet === null) return viewOf(desk.memory);
    throw toUpdateFailure(
      new StewardError(
        'DecisionDenied',
        sayUnmet(unmet, desk.memory.ticketId, (id) => id),
      ),
    );
  });
  setHandler(contract.decide, decide, {
    validator: (said: contract.Decide) =>
      rejecting(() => {
        assertRight('decide', said);
        const field = NEEDS[said.act];
        if (field === undefined || said[field] != null) return;
        throw new StewardError('InvalidRequest', `${field}: expected one, for ${said.act} is nothing without it`);
      }),
  });
}
const LINK = 'link';
/** What an act is nothing without. */
const NEEDS: Readonly<Partial<Record<contract.Decide['act'], 'to' | 'minutes' | 'message'>>> = {
  reassign: 'to',
  snooze: 'minutes',
  reply: 'message',
  replyAndSolve: 'message',
  note: 'message',
};

/** What operators say to a parked step. Their answer waits at the desk until the step takes it. */
function hearOperators(desk: Desk): void {
  const find = (step: string | undefined) =>
    desk.memory.parked.find((parked) => (step === undefined || parked.step === step) && !desk.answers[parked.step]);
  const answer = whole(async (args: contract.ParkedStep | undefined, given: Desk['answers'][string]) => {
    const step = find(args?.step)?.step;
    if (step !== undefined) {
      desk.answers[step] = given;
      // A step that is overtaken takes no answer any more, and is parked no longer.
      await condition(() => desk.answers[step] === undefined || !desk.memory.parked.some((p) => p.step === step));
    }
    return viewOf(desk.memory);
  });
  const valid = (saying: 'retry' | 'fix' | 'skip' | 'abort') => ({
    validator: (args?: contract.ParkedStep) =>
      rejecting(() => {
        assertRight(saying, args);
        const found = find(args?.step);
        if (found && (saying !== 'fix' || found.fixable)) return;
        if (found) throw new StewardError('NotParked', `${found.step} has no input to fix; say retry, skip or abort`);
        const steps = desk.memory.parked.map((parked) => parked.step).join(', ') || 'none';
        throw new StewardError('NotParked', `no such parked step; parked now: ${steps}`);
      }),
  });
  setHandler(contract.retry, (args?: contract.ParkedStep) => answer(args, { act: 'retry' }), valid('retry'));
  setHandler(contract.fix, (args) => answer(args, { act: 'fix', input: args.input }), valid('fix'));
  setHandler(contract.skip, (args) => answer(args, { act: 'skip', result: args.result }), valid('skip'));
  setHandler(contract.abort, (args?: contract.ParkedStep) => answer(args, { act: 'abort' }), valid('abort'));
}

function assertRight(saying: Saying, args: unknown): void {
  const problems = checkSaying(saying, args);
  if (problems.length > 0) throw new StewardError('InvalidRequest', sayProblems(problems), { problems });
}

function rejecting(check: () => void): void {
  try {
    check();
  } catch (error) {
    throw toUpdateFailure(error);
  }
}
