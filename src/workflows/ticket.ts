import {
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  continueAsNew,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { TicketOutcome } from '../contract.ts';
import { NOTHING_ASKED } from '../domain/ask.ts';
import { CHANGES } from '../domain/changes.ts';
import type { TicketEnvelope } from '../domain/envelope.ts';
import { type ErrorCode, StewardError } from '../domain/errors.ts';
import { MARK_WORDS, markOf } from '../domain/mark.ts';
import { own } from './activities.ts';
import { watchCards } from './cards.ts';
import { beganWith } from './changes.ts';
import { createDesk, type Desk } from './desk.ts';
import { readEarlyWords } from './early-words.ts';
import { FROZEN, frozenPauses } from './frozen.ts';
import { hear } from './handlers.ts';
import { CLOCK, createInbox, heldIncoming, type Inbox } from './inbox.ts';
import { createJournal, publish } from './journal.ts';
import type { Memory } from './memory.ts';
import { awaitSilence, handOver } from './modules.ts';
import { owesPagerDuty } from './pages.ts';
import { persist } from './park.ts';
import { watchPath } from './path.ts';
import { condition } from './rest.ts';
import { watchClock } from './sla.ts';
import { forgetOldStandIns } from './stand-in.ts';
import { followTicketFlow } from './ticket-flow.ts';

/**
 * A ticket's whole life. `envelope`: the event that brought it in, as it came; `carried`: what an earlier run of the same ticket
 * knew. Fails with `InvalidTicket` or `TicketConflict`; ends as `known` when the ticket had come before.
 */
export async function supportTicket(envelope: TicketEnvelope, carried?: Memory): Promise<TicketOutcome> {
  // What is asked to be cancelled is closed first: steps under way are not torn, and the ticket's row says what became of it.
  return CancellationScope.nonCancellable(async () => {
    assertReadable(envelope, carried);
    const memory = carried ?? (await receive(envelope));
    return 'outcome' in memory ? memory : live(envelope, memory, carried !== undefined);
  });
}

/** Nothing is known of such a ticket, not even its id. */
function assertReadable(...args: readonly unknown[]): void {
  const mark = args.map(markOf).find((found) => found !== undefined);
  if (mark === undefined) return;
  const type: ErrorCode = mark === 'erased' ? 'KeyShredded' : 'InvalidTicket';
  throw ApplicationFailure.create({ type, message: `the ticket ${MARK_WORDS[mark]}`, nonRetryable: true });
}

async function live(envelope: TicketEnvelope, memory: Memory, continued: boolean): Promise<TicketOutcome> {
  beganWith(memory.changes);
  const desk = createDesk(memory, createJournal(memory));
  const inbox = createInbox(desk);
  if (continued) publish(memory);
  // First what came before the ticket: signals that came with it are heard the moment that handlers are there.
  for (const held of memory.held) inbox.push(heldIncoming(held));
  memory.held = [];
  hear(desk, inbox);

  // Beside the main line. What it throws is a bug of ours: it fails the workflow task, visibly, and never the ticket.
  if (!memory.flowEnded) void followFlow(desk, envelope);

  // Likewise. Tickets from before there were clocks have none, and run on as they did.
  if (memory.sla) void watchClock(desk);
  if (memory.path) void watchPath(desk);
  if (memory.ask) void watchCards(desk);

  whenCancelled(desk, inbox);
  for (;;) {
    while (memory.row.state !== 'closed') {
      await deadlineOrChange(desk, inbox);
      if (isTooLong(desk, inbox)) {
        forgetOldEvents(memory);
        await continueAsNew<typeof supportTicket>(envelope, memory);
      }
    }
    // A message that was let in while the ticket closed brings it back.
    await condition(() => (allHandlersFinished() && isQuiet(desk, inbox)) || memory.row.state !== 'closed');
    if (memory.row.state !== 'closed') continue;
    if (desk.cancelled) throw new CancelledFailure('cancelled by request; the ticket is closed');
    return { ticketId: memory.ticketId, outcome: 'closed' };
  }
}

/** A request to cancel the workflow closes its ticket. */
function whenCancelled(desk: Desk, inbox: Inbox): void {
  const root = CancellationScope.current().parent ?? CancellationScope.current();
  root.cancelRequested.catch(() => {
    desk.cancelled = true;
    const eventId = `cancelled/${workflowInfo().runId}`;
    inbox.push({ event: 'cancelled', source: 'temporal', eventId, actor: 'operator' });
  });
}

/** The last ones, by far enough to know a repeated one; older ones the store knows. */
const MOST_EVENTS = 1_000;

function forgetOldEvents(memory: Memory): void {
  forgetOldStandIns(memory);
  const events = Object.entries(memory.seen);
  const last = events.at(-MOST_EVENTS - 1);
  if (last === undefined) return;
  memory.seenSince = new Date(last[1]).toISOString();
  memory.seen = Object.fromEntries(events.slice(-MOST_EVENTS));
}

/** The first step of every ticket, whoever started it: the envelope is judged and the id taken. */
async function receive(envelope: TicketEnvelope): Promise<Memory | TicketOutcome> {
  const { workflowId, firstExecutionRunId, startTime } = workflowInfo();
  const at = startTime.toISOString();
  try {
    const ask = () =>
      own.receiveTicket({ envelope, workflowId, runId: firstExecutionRunId, at, changes: CHANGES.length });
    let received = await ask();
    // Nothing new begins for a customer while they are erased, and nothing that comes meanwhile is lost.
    const pauses = frozenPauses();
    while (received.outcome === 'frozen') {
      await sleep(pauses.next().value, { summary: FROZEN });
      received = await ask();
    }
    if (received.outcome === 'known') return { ticketId: received.ticketId, outcome: 'known' };
    const {
      ticketId,
      customerId,
      flow,
      sources,
      timings,
      held,
      own: facts,
      sla = null,
      escalation = null,
      rereads = false,
      asks = false,
      changes,
    } = received;
    return {
      ...newMemory,
      ticketId,
      customerId,
      flow,
      sources,
      timings,
      held: [...held],
      own: facts,
      sla,
      rereads,
      changes,
      ...(asks ? { ask: NOTHING_ASKED } : {}),
      path: escalation && { rules: escalation, run: null, runs: 0, pages: [] },
      done: {},
      attempts: {},
      seen: {},
    };
  } catch (error) {
    // The workflow's own failure carries the code, so that whoever started it sees it first.
    const cause = error instanceof ActivityFailure ? error.cause : error;
    if (!(cause instanceof ApplicationFailure)) throw error;
    const { type, message, details } = cause;
    throw ApplicationFailure.create({ ...(type ? { type } : {}), message, nonRetryable: true, details: details ?? [] });
  }
}

const newMemory = {
  row: {
    state: 'new',
    route: 'none',
    priority: null,
    tier: null,
    assigneeId: null,
    episode: 1,
    needsAttention: false,
  },
  labels: {},
  // The first entry, `received`, is written with the claim.
  seq: 1,
  notes: [],
  facts: {},
  decisions: [],
  turn: null,
  flowEnded: false,
  parked: [],
  parkings: 0,
  taken: false,
  seenSince: null,
  deadline: null,
  struck: [],
  published: '',
} as const;

/** The flow, and the net under it: a flow that ends without anybody having the ticket gives it to a person. */
async function followFlow(desk: Desk, envelope: TicketEnvelope): Promise<void> {
  const { memory } = desk;
  await followTicketFlow(desk, envelope);
  await readEarlyWords(desk);
  if (memory.row.state === 'new') {
    await persist(desk, 'flow-end', 'handOver', async (number, again) => {
      const why = memory.wantsPerson ? 'asked for a person' : 'flow ended';
      await handOver(desk, 'flow-end', why, { number, of: 4, again });
    });
  }
  // The bot's answer went out by an operator's word, or another way than through its module.
  if (memory.deadline === null) awaitSilence(memory, 'flow-end');
  memory.flowEnded = true;
  publish(memory);
}

/** Waits for the running deadline, and acts on it when nothing came before it. */
async function deadlineOrChange(desk: Desk, inbox: Inbox): Promise<void> {
  const { memory } = desk;
  const { deadline } = memory;
  // While a message is on its way or an operator is waited for, silence means nothing, and the ticket does not close over it.
  const isHeld = () => memory.parked.length > 0 || desk.background > 0;
  const held = isHeld();
  const changed = () =>
    memory.deadline !== deadline || isHeld() !== held || memory.row.state === 'closed' || isTooLong(desk, inbox);
  if (deadline === null || held) return condition(changed);
  const left = Math.max(1, deadline.at - Date.now());
  if (await condition(changed, left, { summary: SUMMARY[deadline.event] })) return;
  try {
    const eventId = `${memory.ticketId}/${deadline.id}`;
    await inbox.take({ event: deadline.event, source: CLOCK, eventId, actor: 'steward' });
    // A deadline that struck strikes once, even when its event turned out to be known.
    if (memory.deadline === deadline) memory.deadline = null;
  } catch (error) {
    // An event that was in line before the deadline moved the ticket on.
    if (!(error instanceof StewardError)) throw error;
    if (memory.deadline === deadline) memory.deadline = null;
  }
}
const SUMMARY = {
  silenceEnded: 'Silence after the bot’s answer counts as solved',
  windowEnded: 'The reopen window ends, the ticket closes',
} as const;

/** The server asks for a new run, nothing is in flight that it would lose, and the ticket is not just about to end. */
function isTooLong(desk: Desk, inbox: Inbox): boolean {
  if (desk.memory.row.state === 'closed') return false;
  return workflowInfo().continueAsNewSuggested && allHandlersFinished() && isQuiet(desk, inbox);
}

function isQuiet(desk: Desk, inbox: Inbox): boolean {
  const flowRests = desk.memory.flowEnded || desk.resting;
  return inbox.idle && !desk.journal.busy && desk.background === 0 && flowRests && !owesPagerDuty(desk);
}
