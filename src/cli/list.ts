import { type Context, type JsonOption, sayJson } from './context.ts';
import { sayAgo, sayTable, sayWith } from './say.ts';

export interface ListOptions extends JsonOption {
  readonly state?: string;
  readonly needsAttention?: boolean;
  readonly summary?: string;
  readonly limit: number;
}

const HEADINGS = ['TICKET', 'STATE', 'WITH', 'PRIORITY', 'TIER', 'CAME', 'ATTENTION'];

/** The newest first. */
export async function list(context: Context, options: ListOptions): Promise<void> {
  const { read } = await context.operator();
  const { limit, needsAttention = false, state, summary } = options;
  const tickets = await read.list({
    limit,
    needsAttention,
    ...(state === undefined ? {} : { state }),
    ...(summary === undefined ? {} : { summary }),
  });
  if (options.json) {
    // Facts are for `show`: a list of many would drown in them.
    return sayJson(
      context,
      tickets.map(({ facts: _, ...ticket }) => ticket),
    );
  }
  if (tickets.length === 0) {
    const asked = state !== undefined || summary !== undefined || needsAttention;
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
