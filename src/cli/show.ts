import type { DeliveryLine, Operator, TicketLine, TimelineLine } from '../compose-operator.ts';
import type { TicketView } from '../contract.ts';
import type { DeliveryStatus } from '../domain/delivery.ts';
import { StewardError } from '../domain/errors.ts';
import { type ClockRow, sayClockStatus } from '../domain/sla-row.ts';
import { METRIC_WORDS } from '../domain/sla-words.ts';
import type { TicketState } from '../domain/ticket.ts';
import { DELIVERY_WORDS, sayEntry } from '../domain/timeline-words.ts';
import { inShell, STATE_WORDS } from '../domain/words.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { factRows } from './facts.ts';
import { sayClock, sayTable, sayTime, sayWith } from './say.ts';

/** What there is to show. `waitingFor` is the workflow's own word; null when it is gone or does not answer. */
interface Shown {
  readonly ticket: TicketLine;
  readonly waitingFor: string | null;
  readonly parked: Awaited<ReturnType<Operator['read']['parked']>>;
  readonly timeline: readonly TimelineLine[];
  readonly deliveries: readonly DeliveryLine[];
  readonly clocks: readonly ClockRow[];
  readonly webUi: string;
}

/** A ticket's way in words, and who was told what. @throws StewardError TicketUnknown */
export async function show(context: Context, ticketId: string, options: JsonOption): Promise<void> {
  const { read, links } = await context.operator();
  const ticket = await read.ticket(ticketId);
  if (ticket === null)
    throw new StewardError('TicketUnknown', `there is no ticket ${ticketId}; see \`npx steward list\``);
  const [timeline, deliveries, clocks, parked, view] = await Promise.all([
    read.timeline(ticketId),
    read.deliveries(ticketId),
    read.clocks(ticketId),
    read.parked(ticketId),
    ask(context, ticketId),
  ]);
  const shown = {
    ticket,
    waitingFor: view?.waitingFor ?? null,
    parked,
    timeline,
    deliveries,
    clocks,
    webUi: links.webUi(ticketId),
  };
  if (options.json) return sayJson(context, jsonOf(shown));
  context.out(
    `${[head(shown), facts(shown), promises(clocks), way(timeline), told(deliveries)].filter(Boolean).join('\n\n')}\n`,
  );
}

/** The workflow may be over and forgotten, or Temporal away: all but this the database tells without it. */
async function ask(context: Context, ticketId: string): Promise<TicketView | null> {
  try {
    return await (await context.steward()).describe(ticketId);
  } catch {
    return null;
  }
}

function jsonOf({ ticket, waitingFor, parked, timeline, deliveries, clocks, webUi }: Shown) {
  return {
    ...ticket,
    waitingFor,
    parked: parked.map(({ ticketId: _, ...step }) => step),
    timeline: timeline.map((line) => ({ ...line, words: sayEntry(line).text })),
    deliveries,
    clocks,
    webUi,
  };
}

function head({ ticket, waitingFor, parked, webUi }: Shown): string {
  const state = STATE_WORDS[ticket.state as TicketState] ?? ticket.state;
  const waits = waitingFor ?? (ticket.state === 'closed' ? 'nothing' : 'not known: its workflow does not answer');
  const rows = [
    ['State', `${state}; with ${sayWith(ticket)}`],
    ['Waits for', waits],
    ...parked.map((p) => [
      'Parked',
      `${p.step} since ${sayTime(p.since)}: npx steward retry|fix|skip|abort ${p.ticketId} --step ${inShell(p.step)}`,
    ]),
    ...parked.flatMap((p) => (p.cause === '' ? [] : [['Why', `${p.error}: ${p.cause}`]])),
    ['Priority', `${ticket.priority ?? 'not decided'}, tier ${ticket.tier ?? 'not known'}`],
    ['Came', `${sayTime(ticket.openedAt)} UTC from ${ticket.source}, customer ${ticket.customerId}`],
    ['Flow', ticket.flow],
    ['Web UI', webUi],
  ];
  return `Ticket ${ticket.ticketId}\n${sayTable(rows, '  ')}`;
}

function facts({ ticket }: Shown): string {
  const rows = factRows(ticket.facts);
  return rows.length === 0 ? '' : `Facts\n${sayTable(rows, '  ')}`;
}

/** What was promised, the newest episode last, each with how its deadline came about. */
function promises(clocks: readonly ClockRow[]): string {
  if (clocks.length === 0) return '';
  return `Promises\n${sayTable(
    clocks.map((clock) => [METRIC_WORDS[clock.metric], sayClockStatus(clock), clock.derivation]),
    '  ',
  )}`;
}

/** One line an entry: when, who, what; its particulars below it. A day is named when it begins. */
function way(timeline: readonly TimelineLine[]): string {
  const who = Math.max(0, ...timeline.map((line) => line.actor.length));
  let day = '';
  const lines = timeline.flatMap((line) => {
    const { text, more } = sayEntry(line);
    // The facts stand above, in full.
    const particulars = line.kind === 'enriched' ? [] : more;
    const today = line.at.slice(0, 10);
    const heading = today === day ? [] : [`  ${today}`];
    day = today;
    const left = `  ${sayClock(line.at)}  ${line.actor.padEnd(who)}  `;
    return [...heading, `${left}${text}`, ...particulars.map((one) => `${' '.repeat(left.length)}- ${one}`)];
  });
  return `Its way\n${lines.join('\n')}`;
}

function told(deliveries: readonly DeliveryLine[]): string {
  if (deliveries.length === 0) return 'Nobody was told anything yet.';
  const rows = deliveries.map((d) => [
    sayTime(d.at),
    `${d.recipient.kind} ${d.recipient.id}`,
    d.transport === 'outbox' ? `${d.channel} (outbox)` : d.channel,
    d.template,
    sayStatus(d),
  ]);
  return `Who was told what\n${sayTable(rows, '  ')}`;
}

function sayStatus({ status, reason, attempts }: DeliveryLine): string {
  const words = DELIVERY_WORDS[status as DeliveryStatus] ?? status;
  const tries = attempts > 1 ? `, ${attempts} attempts` : '';
  return `${words}${reason === null ? '' : `: ${reason}`}${tries}`;
}
