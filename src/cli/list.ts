import { type Context, type JsonOption, sayJson } from './context.ts';
import { sayAgo, sayTable, sayWith } from './say.ts';

export interface ListOptions extends JsonOption {
  readonly state?: string;
  readonly needsAttention?: boolean;
  readonly limit: number;
}

const HEADINGS = ['TICKET', 'STATE', 'WITH', 'PRIORITY', 'TIER', 'CAME', 'ATTENTION'];

/** The newest first. */
export async function list(context: Context, options: ListOptions): Promise<void> {
  const { read } = await context.operator();
  const { limit, needsAttention = false, state } = options;
  const tickets = await read.list({ limit, needsAttention, ...(state === undefined ? {} : { state }) });
  if (options.json) {
    // Facts are for `show`: a list of many would drown in them.
    return sayJson(
      context,
      tickets.map(({ facts: _, ...ticket }) => ticket),
    );
  }
  if (tickets.length === 0) {
    const asked = state !== undefined || needsAttention;
    return context.out(
      asked ? 'No such ticket.\n' : 'No tickets yet. Send one: npx steward submit FILE, or npm run demo\n',
    );
  }
  const rows = tickets.map((t) => [
    t.ticketId,
    t.state,
    sayWith(t),
    t.priority ?? '-',
    t.tier ?? '-',
    sayAgo(t.openedAt, context.now()),
    t.needsAttention ? 'parked' : '',
  ]);
  context.out(`${sayTable([HEADINGS, ...rows])}\n`);
  if (tickets.length === limit) context.out(`\nThe newest ${limit}; --limit shows more.\n`);
}

/** Every step that waits for an operator, the one that waits longest first, and what can be said to it. */
export async function parked(context: Context, options: JsonOption): Promise<void> {
  const { read } = await context.operator();
  const steps = await read.parked();
  if (options.json) return sayJson(context, steps);
  if (steps.length === 0) return context.out('Nothing is parked.\n');
  const rows = steps.map((s) => [s.ticketId, s.step, s.error, String(s.attempts), sayAgo(s.since, context.now())]);
  context.out(`${sayTable([['TICKET', 'STEP', 'ERROR', 'ATTEMPTS', 'SINCE'], ...rows])}\n\n${HOW}\n`);
}

const HOW = `To go on: npx steward retry TICKET              try the step again
          npx steward fix TICKET --input JSON   with new input
          npx steward skip TICKET               as if it had worked
          npx steward abort TICKET              end the flow, give the ticket to a person`;
