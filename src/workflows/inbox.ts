import type { HeldEvent, TakenEvent } from '../deps.ts';
import { StewardError } from '../domain/errors.ts';
import { eventKey } from '../domain/event-key.ts';
import type { JsonObject } from '../domain/json.ts';
import type { MailFacts } from '../domain/mail.ts';
import { assertLawful, beginsEpisode, nextState, type TicketEvent } from '../domain/ticket.ts';
import { own } from './activities.ts';
import type { Desk } from './desk.ts';
import { hasEarlyWords, readEarlyWords } from './early-words.ts';
import { handOver, handOverUnless } from './modules.ts';
import { persist } from './park.ts';
import { reread } from './reread.ts';
import { condition } from './rest.ts';

type Said = Extract<
  TicketEvent,
  | 'customerReplied'
  | 'agentReplied'
  | 'claimed'
  | 'resolved'
  | 'reopened'
  | 'rated'
  | 'silenceEnded'
  | 'windowEnded'
  | 'cancelled'
  | 'reassigned'
  | 'snoozed'
  | 'noted'
>;

/** The source of the ticket's own deadlines. */
export const CLOCK = 'clock';

/** Something that happened outside, on its way into the ticket. */
export interface Incoming {
  readonly event: Said;
  readonly source: string;
  readonly eventId: string;
  readonly actor: string;
  /** By which API key. */
  readonly via?: string | undefined;
  readonly agentId?: string | undefined;
  readonly message?: string | undefined;
  readonly mail?: MailFacts | undefined;
  readonly score?: number | undefined;
  /** `reassigned`: to whom. */
  readonly to?: string | undefined;
  /** `snoozed`: until when, in epoch ms. */
  readonly until?: number | undefined;
  /** Asked when its turn has come. @throws StewardError: it does not count, and whoever waits for it hears why */
  readonly judge?: () => void;
  /** An agent's reply that Steward is asked to send; one that the support platform reports has gone out there. */
  readonly sendReply?: boolean;
}

interface Waiting extends Incoming {
  /** Somebody hears of its error. */
  readonly awaited: boolean;
  done: boolean;
  error?: unknown;
}

export interface Inbox {
  /** Puts an event in line; resolves when it is taken, throws when it is unlawful by then. */
  take(incoming: Incoming): Promise<void>;
  /** In line, nobody waits for the outcome. */
  push(incoming: Incoming): void;
  readonly idle: boolean;
}

export function createInbox(desk: Desk): Inbox {
  const line: Waiting[] = [];
  let taking = false;
  /** One at a time, in the order they came. Beside the main line: what it throws is a bug of ours, and fails the workflow task. */
  const takeAll = async () => {
    taking = true;
    for (let next = line.shift(); next; next = line.shift()) await takeOne(desk, next);
    taking = false;
  };
  const enqueue = (incoming: Incoming, awaited: boolean): Waiting => {
    const waiting = { ...incoming, awaited, done: false };
    if (isByAgent(waiting)) desk.acting += 1;
    line.push(waiting);
    if (!taking) void takeAll();
    return waiting;
  };
  return {
    get idle() {
      return line.length === 0 && !taking;
    },
    push(incoming) {
      enqueue(incoming, false);
    },
    async take(incoming) {
      const waiting = enqueue(incoming, true);
      await condition(() => waiting.done);
      if (waiting.error !== undefined) throw waiting.error;
    },
  };
}

async function takeOne(desk: Desk, waiting: Waiting): Promise<void> {
  try {
    await happen(desk, waiting);
  } catch (error) {
    // Of an unlawful event that nobody waits for the timeline tells; any other error must not vanish.
    if (!waiting.awaited && !(error instanceof StewardError)) throw error;
    waiting.error = error;
  }
  waiting.done = true;
  if (isByAgent(waiting)) desk.acting -= 1;
}

/** Work on the ticket: nobody is called over it. */
function isByAgent({ event }: Incoming): boolean {
  return BY_AGENT.has(event);
}
const BY_AGENT: ReadonlySet<Said> = new Set([
  'claimed',
  'agentReplied',
  'resolved',
  'cancelled',
  'reassigned',
  'snoozed',
]);

/** Records the event and its consequences; a repeated one is left alone, an unlawful one is put on the timeline. */
async function happen(desk: Desk, incoming: Incoming): Promise<void> {
  const { memory, journal } = desk;
  const { event } = incoming;
  const key = occasionOf(incoming);
  if (key in memory.seen) return;
  try {
    incoming.judge?.();
  } catch (error) {
    if (error instanceof StewardError) {
      journal.note('ignored', { event, why: `${incoming.source}: ${error.message}` }, incoming.actor);
      await journal.flush();
    }
    throw error;
  }
  const before = memory.row;
  const turnedAway = desk.cancelled && before.state === 'closed' && event === 'customerReplied';
  if (turnedAway || nextState(before.state, event) === undefined) {
    // A deadline that something overtook is no news.
    if (incoming.source !== CLOCK) {
      journal.note('ignored', { event, state: before.state }, incoming.actor);
      await journal.flush();
    }
    if (!turnedAway) assertLawful(before.state, event);
    return;
  }
  const { duplicate } = await journal.commit(
    {
      kind: event === 'windowEnded' || event === 'cancelled' ? 'closed' : event,
      actor: incoming.actor,
      facts: factsOf(incoming),
      row: (row) => ({
        state: nextState(row.state, event) ?? row.state,
        ...(beginsEpisode(row.state, event) ? { episode: row.episode + 1 } : {}),
        ...(event === 'claimed' && incoming.agentId ? { assigneeId: incoming.agentId, route: 'agent' as const } : {}),
        ...(event === 'reassigned' && incoming.to ? { assigneeId: incoming.to, route: 'agent' as const } : {}),
        // Who answers has the ticket from then on, unless somebody had it already.
        ...(event === 'agentReplied'
          ? { route: 'agent' as const, assigneeId: row.assigneeId ?? incoming.agentId ?? null }
          : {}),
      }),
    },
    (change) => own.takeEvent(change, takenOf(incoming), memory.seenSince),
    ({ duplicate }) => {
      if (duplicate) return false;
      // Here, so that the bot's answer, if it stands in line behind this, finds it.
      if (event === 'customerReplied' && memory.row.state === 'new') memory.early = [...(memory.early ?? []), key];
      return {};
    },
  );
  if (duplicate) return;
  memory.seen[key] = Date.now();
  if (event === 'claimed' || event === 'agentReplied') memory.taken = true;
  if (!SAYS_NOTHING.has(event)) setDeadline(desk);
  if (incoming.sendReply) {
    inBackground(desk, incoming, 'message', (attempt, again) => sendReply(desk, incoming, attempt, again));
  }
  if (event === 'reassigned') {
    inBackground(desk, incoming, 'handOver', async (attempt, again) => {
      await handOver(desk, occasionOf(incoming), 'reassigned', { number: attempt, of: 4, again });
    });
  }
  if (memory.early?.includes(key) && hasEarlyWords(memory)) hearEarly(desk, incoming);
  const needsPerson = event === 'reopened' || (event === 'customerReplied' && memory.row.state !== 'new');
  if (needsPerson) {
    const why = event === 'reopened' ? 'reopened' : 'customer replied';
    let isRead = !memory.rereads || event !== 'customerReplied';
    inBackground(desk, incoming, 'handOver', async (attempt, again) => {
      // First, so that whoever gets the ticket is told how the customer feels now.
      if (!isRead) await reread(desk, occasionOf(incoming));
      isRead = true;
      await handOver(desk, occasionOf(incoming), why, { number: attempt, of: 4, again });
    });
  }
}

/** Whatever the flow is at, and if it is parked: who asks for a person gets one. What else they wrote waits for whoever answers. */
function hearEarly(desk: Desk, incoming: Incoming): void {
  const { memory } = desk;
  const occasion = occasionOf(incoming);
  inBackground(desk, incoming, 'handOver', async (attempt, again) => {
    if (!(occasion in memory.done)) {
      const wish = await own.asksForPerson(memory.ticketId);
      if (memory.analysed) await readEarlyWords(desk);
      if (!wish || memory.row.route === 'agent') return;
    }
    memory.wantsPerson = true;
    memory.given = true;
    const tries = { number: attempt, of: 4, again };
    await handOverUnless(desk, occasion, 'asked for a person', tries, ({ route }) => route === 'agent');
  });
}

/** Nothing is said to the customer by it, nor by them: silence goes on. */
const SAYS_NOTHING: ReadonlySet<Said> = new Set(['rated', 'snoozed', 'noted']);

function occasionOf(incoming: Incoming): string {
  return eventKey(incoming.source, incoming.eventId);
}

/** What follows an event goes on beside the line: a provider that is down must not hold up the next event. */
function inBackground(
  desk: Desk,
  incoming: Incoming,
  purpose: 'handOver' | 'message',
  act: (attempt: number, again: boolean) => Promise<void>,
): void {
  desk.background += 1;
  const work = persist(desk, occasionOf(incoming), purpose, act).finally(() => {
    desk.background -= 1;
    // Nobody comes back to it, and a long life must not grow the memory that goes on to the next run.
    delete desk.memory.done[occasionOf(incoming)];
  });
  // persist() ends in a parked step, never in a provider's error; what is left is a bug, which must fail the workflow task.
  void work;
}

async function sendReply(desk: Desk, incoming: Incoming, attempt: number, again: boolean): Promise<void> {
  const { memory } = desk;
  const occasion = occasionOf(incoming);
  const queued =
    (memory.done[occasion] as unknown as Awaited<ReturnType<typeof own.queueMail>> | undefined) ??
    (await desk.journal.commit({ kind: 'delivered', facts: { occasion } }, (change) =>
      own.queueMail({ change, occasion, customerId: memory.customerId, template: 'agent-reply' }),
    ));
  memory.done[occasion] = queued as unknown as JsonObject;
  await desk.send(queued, { number: attempt, of: 4, again });
  // Whoever gets it has the whole window to answer, however long it was on its way.
  if (memory.row.state === 'solved') setDeadline(desk, { anew: true });
}

function factsOf(incoming: Incoming): JsonObject {
  return {
    source: incoming.source,
    eventId: incoming.eventId,
    ...(incoming.agentId ? { agentId: incoming.agentId } : {}),
    ...(incoming.via ? { via: incoming.via } : {}),
    ...(incoming.score === undefined ? {} : { score: incoming.score }),
    ...(incoming.to === undefined ? {} : { givenTo: incoming.to }),
    ...(incoming.until === undefined ? {} : { until: incoming.until }),
    ...(incoming.event === 'cancelled' ? { why: 'cancelled' } : {}),
  };
}

function takenOf(incoming: Incoming): TakenEvent {
  const { source, eventId, message, mail, score } = incoming;
  const isNote = incoming.event === 'noted';
  const author = isNote || incoming.event === 'agentReplied' ? ('agent' as const) : ('customer' as const);
  return {
    source,
    eventId,
    ...(message === undefined
      ? {}
      : {
          message: {
            author,
            authorId: incoming.agentId ?? null,
            body: message,
            ...(mail ? { mail } : {}),
            ...(isNote ? { internal: true } : {}),
          },
        }),
    ...(score === undefined ? {} : { score }),
  };
}

/** Solved starts the reopen window; anything else that was said or done ends the silence. A rating is neither. */
function setDeadline({ memory }: Desk, { anew = false } = {}): void {
  const { state, episode } = memory.row;
  if (state !== 'solved') {
    memory.deadline = null;
  } else if (anew || memory.deadline?.event !== 'windowEnded') {
    const at = Date.now() + memory.timings.reopenWindowMs;
    memory.deadline = { at, event: 'windowEnded', id: `window:${episode}` };
  }
}

/** The event of a held row, as if it came now. */
export function heldIncoming(held: HeldEvent): Incoming {
  return {
    event: held.type,
    source: held.source,
    eventId: held.eventId,
    actor: actorOf(held),
    agentId: held.agentId ?? undefined,
    score: held.score ?? undefined,
  };
}

function actorOf({ type, agentId }: HeldEvent): string {
  if (type === 'agentReplied' || type === 'claimed') return agentId ?? 'agent';
  return type === 'resolved' ? 'platform' : 'customer';
}
