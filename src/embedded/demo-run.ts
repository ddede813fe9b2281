import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveryLine, Operator } from '../compose-operator.ts';
import type { TicketEnvelope } from '../domain/envelope.ts';
import type { JsonObject } from '../domain/json.ts';
import { isSettled, sayEntry } from '../domain/timeline-words.ts';
import { type DemoTicket, demoTickets, runSuffix, sendFresh } from './demo-data.ts';

/** What became of one ticket; the shape of `npm run demo -- --json`. */
export interface DemoOutcome {
  readonly ticketId: string;
  readonly sentiment: { readonly label: string; readonly source: string } | null;
  readonly priority: string | null;
  /** Where the flow's first Choice went. */
  readonly decision: string | null;
  readonly route: string;
  readonly deliveries: readonly {
    readonly recipient: string;
    readonly channel: string;
    readonly template: string;
    readonly status: string;
  }[];
  /** From arrival to the last message settled. */
  readonly seconds: number | null;
}

export interface DemoStage {
  readonly read: Pick<Operator['read'], 'ticket' | 'timeline' | 'deliveries' | 'parked' | 'seconds'>;
  /** Sends an event in by the front door, and answers whether the ticket was known. */
  readonly post: (envelope: TicketEnvelope) => Promise<{ readonly known: boolean }>;
  readonly say: (line: string) => void;
  /** How long one ticket may take, in ms. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

export interface DemoResult {
  readonly outcomes: readonly DemoOutcome[];
  /** Everything that did not go where it should, in words; empty when all is well. */
  readonly troubles: readonly string[];
}

/** Sends the demo tickets one after another, and tells each one's way as it happens. */
export async function runDemo(stage: DemoStage): Promise<DemoResult> {
  const outcomes: DemoOutcome[] = [];
  const troubles: string[] = [];
  for (const fresh of await freshTickets(stage.read)) {
    stage.signal.throwIfAborted();
    const ticket = await sendFresh(fresh, stage.post);
    const { ticketId } = ticket.envelope.detail;
    stage.say(`\n${ticketId}: ${ticket.title}`);
    const end = await follow(stage, ticketId);
    const outcome = await outcomeOf(stage, ticketId);
    for (const { recipient, channel, template, status } of outcome.deliveries) {
      stage.say(`  told      ${recipient} by ${channel}: ${template}, ${status}`);
    }
    outcomes.push(outcome);
    troubles.push(...(end === 'through' ? [] : [`${ticketId}: ${END_WORDS[end]}`]), ...judge(ticket, outcome));
  }
  return { outcomes, troubles };
}

const END_WORDS = {
  late: 'did not get through in time; `npx steward show` tells where it is',
  parked: 'a step is parked; `npx steward parked` tells which',
} as const;

/** The ids of the first run are the well-known ones; a further run's have a suffix that tells when it was. */
async function freshTickets(read: DemoStage['read']): Promise<DemoTicket[]> {
  const tickets = demoTickets();
  const known = await Promise.all(tickets.map(({ envelope }) => read.ticket(envelope.detail.ticketId)));
  if (known.every((ticket) => ticket === null)) return tickets;
  return demoTickets(runSuffix());
}

/** Tells every timeline entry once, until somebody has the ticket and every message is settled. */
async function follow(stage: DemoStage, ticketId: string): Promise<'through' | keyof typeof END_WORDS> {
  const { read, say, limitMs, signal } = stage;
  const end = Date.now() + limitMs;
  let told = 0;
  let first = '';
  for (;;) {
    const timeline = await read.timeline(ticketId);
    for (const line of timeline.slice(told)) {
      first ||= line.at;
      const { text, more } = sayEntry(line);
      say(`  ${((Date.parse(line.at) - Date.parse(first)) / 1000).toFixed(1).padStart(5)} s   ${text}`);
      for (const one of more) say(`            - ${one}`);
    }
    // Steps without a change of state are written a moment after the message: one more look shows them.
    const quiet = told === timeline.length;
    told = timeline.length;
    if ((await read.parked(ticketId)).length > 0) return 'parked';
    const deliveries = await read.deliveries(ticketId);
    // The bot's answer and the hand-over are what every flow of the demo ends in.
    const ended = timeline.some((line) => line.kind === 'escalated' || line.kind === 'answered');
    if (ended && quiet && deliveries.every((d) => isSettled(d.status))) return 'through';
    if (Date.now() > end) return 'late';
    await sleep(100, undefined, { signal });
  }
}

async function outcomeOf({ read }: DemoStage, ticketId: string): Promise<DemoOutcome> {
  const [ticket, deliveries, seconds] = await Promise.all([
    read.ticket(ticketId),
    read.deliveries(ticketId),
    read.seconds(ticketId),
  ]);
  const facts = ticket?.facts ?? {};
  const sentiment = facts.sentiment as JsonObject | undefined;
  const [first] = (facts.decisions ?? []) as readonly JsonObject[];
  return {
    ticketId,
    sentiment: sentiment ? { label: String(sentiment.label), source: String(sentiment.source) } : null,
    priority: ticket?.priority ?? null,
    decision: first ? String(first.next) : null,
    route: ticket?.route ?? 'none',
    deliveries: deliveries.map(deliveryOf),
    seconds: seconds === null ? null : Math.round(seconds * 1000) / 1000,
  };
}

function deliveryOf({ recipient, channel, template, status }: DeliveryLine): DemoOutcome['deliveries'][number] {
  return { recipient: recipient.id, channel, template, status };
}

function judge({ expected }: DemoTicket, outcome: DemoOutcome): string[] {
  const wrong = (['decision', 'priority', 'route'] as const)
    .filter((what) => outcome[what] !== expected[what])
    .map((what) => `${outcome.ticketId}: ${what} is ${outcome[what] ?? 'missing'}, should be ${expected[what]}`);
  const lost = outcome.deliveries
    .filter(({ status }) => status !== 'sent')
    .map(
      ({ template, recipient, status }) => `${outcome.ticketId}: ${template} to ${recipient} is ${status}, not sent`,
    );
  return [...wrong, ...lost];
}
