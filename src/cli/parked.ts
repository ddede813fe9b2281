import { groupParked } from '../domain/parked-group.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { sayAgo, sayTable } from './say.ts';

export interface ParkedOptions extends JsonOption {
  readonly groups?: boolean;
}

/** Every step that waits for an operator, the one that waits longest first, and what can be said to it; or these by what failed. */
export async function parked(context: Context, options: ParkedOptions): Promise<void> {
  const { read } = await context.operator();
  const steps = await read.parked();
  const groups = options.groups ? groupParked(steps) : undefined;
  if (options.json) return sayJson(context, groups ?? steps);
  if (steps.length === 0) return context.out('Nothing is parked.\n');
  const ago = (iso: string) => sayAgo(iso, context.now());
  if (groups) {
    const rows = groups.map((g) => [
      g.fingerprint,
      String(g.count),
      ago(g.first),
      ago(g.last),
      g.error,
      `${g.example.ticketId} ${g.example.step}`,
      g.cause,
    ]);
    return context.out(`${sayTable([GROUP_HEADINGS, ...rows])}\n`);
  }
  const rows = steps.map((s) => [s.ticketId, s.step, s.error, String(s.attempts), ago(s.since)]);
  context.out(`${sayTable([['TICKET', 'STEP', 'ERROR', 'ATTEMPTS', 'SINCE'], ...rows])}\n\n${HOW}\n`);
}

const GROUP_HEADINGS = ['GROUP', 'STEPS', 'FIRST', 'LAST', 'ERROR', 'EXAMPLE', 'CAUSE'];
const HOW = `To go on: npx steward retry TICKET              try the step again
          npx steward fix TICKET --input JSON   with new input
          npx steward skip TICKET               as if it had worked
          npx steward abort TICKET              end the flow, give the ticket to a person
          npx steward parked --groups           by what failed`;
