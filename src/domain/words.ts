import type { Path } from './path-follow.ts';
import { sayPath } from './path-words.ts';
import type { Priority } from './route.ts';
import { sayTime } from './say-time.ts';
import type { Sla } from './sla.ts';
import { sayNextDue } from './sla-words.ts';
import type { Route, TicketState } from './ticket.ts';

/** A ticket's state as a customer or an agent would say it. */
export const STATE_WORDS: Readonly<Record<TicketState, string>> = {
  new: 'new, being looked at',
  waitingForAgent: 'waiting for an agent',
  inProgress: 'an agent is working on it',
  waitingForCustomer: 'answered, waiting for the customer',
  solved: 'solved',
  closed: 'closed',
};

/** Why a person is brought in, as the agent reads it. */
export const WHY_WORDS = {
  flow: 'the flow sends this ticket to a person',
  'asked for a person': 'the customer asks for a person',
  'bot unsure': 'the bot found no answer that it is sure of',
  'customer replied': 'the customer wrote again',
  'answer came back': 'the bot’s answer did not reach the customer: their silence says nothing',
  reopened: 'the ticket was reopened',
  reassigned: 'it was given to you by whoever had it',
  'late fact': 'a fact that came late says so: what was decided without it still stands beside',
  'given back': 'whoever had it is off',
  'agent found': 'it waited for somebody with room for it',
  aborted: 'an operator ended the automatic way',
  'flow ended': 'the automatic way ended without an answer',
} as const;
export type Why = keyof typeof WHY_WORDS;

export function sayWhy(why: string): string {
  return why in WHY_WORDS ? WHY_WORDS[why as Why] : why;
}

const SPANS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const;

/** `45 s`, `3 min`, `2 d 4 h`: the two greatest units. */
export function saySeconds(seconds: number): string {
  const said: string[] = [];
  let left = seconds;
  for (const [unit, size] of SPANS) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) said.push(`${count} ${unit}`);
  }
  if (said.length === 0) return `${left} s`;
  return (said.length === 1 && left > 0 && seconds < 3_600 ? [...said, `${left} s`] : said.slice(0, 2)).join(' ');
}

interface Speaking {
  readonly ticketId: string;
  readonly row: {
    readonly state: TicketState;
    readonly route: Route;
    readonly priority: Priority | null;
    readonly tier: string | null;
    readonly assigneeId: string | null;
  };
  readonly parked: readonly {
    readonly step: string;
    readonly error: string;
    readonly cause: string;
    readonly attempts: number;
    readonly fixable: boolean;
  }[];
  readonly sla?: Sla | null;
  readonly path?: Path | null;
  readonly deadline: { readonly at: number; readonly event: 'silenceEnded' | 'windowEnded' } | null;
}

/** What the ticket waits for, in one sentence without personal data. */
export function sayWaiting({ row, parked, deadline }: Speaking): string {
  const first = parked[0];
  if (first) {
    const times = first.attempts === 1 ? 'once' : `${first.attempts} times`;
    return `an operator: ${first.step} failed ${times} (${first.error})`;
  }
  const until = deadline === null ? '' : ` until ${sayTime(deadline.at)}`;
  switch (row.state) {
    case 'new':
      return 'the flow to act';
    case 'waitingForAgent':
      return row.assigneeId === null ? 'an agent of the team' : `agent ${row.assigneeId}`;
    case 'inProgress':
      return `agent ${row.assigneeId ?? 'at work'}`;
    case 'waitingForCustomer':
      return deadline?.event === 'silenceEnded' ? `the customer; silence${until} counts as solved` : 'the customer';
    case 'solved':
      return `nothing: it can be reopened${until}`;
    case 'closed':
      return 'nothing';
  }
}

/** Markdown for the Temporal Web UI: where the ticket is, and for a parked one the very commands that bring it on. */
export function sayDetails(ticket: Speaking): string {
  const { row } = ticket;
  const lines = [
    `**${capital(STATE_WORDS[row.state])}**, with ${sayHolder(row)}`,
    `Waits for ${sayWaiting(ticket)}`,
    `Priority ${row.priority ?? 'not decided'}, tier ${row.tier ?? 'not known'}`,
  ];
  const due = ticket.sla ? sayNextDue(ticket.sla) : undefined;
  if (due !== undefined) lines.push(`SLA: ${due}`);
  const path = ticket.path ? sayPath(ticket.path) : undefined;
  if (path !== undefined) lines.push(`Escalation ${path}`);
  for (const parked of ticket.parked) lines.push('', ...sayParked(ticket.ticketId, parked));
  return lines.join('\n\n');
}

function sayHolder(row: Speaking['row']): string {
  if (row.route === 'none') return 'nobody yet';
  if (row.route === 'bot') return 'the bot';
  return row.assigneeId === null ? 'the team' : `agent ${row.assigneeId}`;
}

/** Why it is parked, and the commands that answer it. */
function sayParked(ticketId: string, { step, cause, fixable }: Speaking['parked'][number]): string[] {
  const command = (name: string, more = '') => `npx steward ${name} ${ticketId} --step ${inShell(step)}${more}`;
  const commands = [
    command('retry'),
    ...(fixable ? [command('fix', " --input '{}'")] : []),
    command('skip', " --result '{}'"),
    command('abort'),
  ];
  const why = cause === '' ? '' : `: ${cause}`;
  return [
    `Parked at \`${step}\`${why}. To go on:`,
    `\`\`\`\n${commands.join('\n')}\n\`\`\``,
    // The Web UI shows a line too few: what it cuts off should be this one.
    'Each is an update of this workflow as well.',
  ];
}

/** One word of a shell: a state may be called `Can't answer`. */
export function inShell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
