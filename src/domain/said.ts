import { ASK_ACTS, FORM_ENDS } from './ask.ts';
import { TICKET_ID } from './envelope.ts';
import type { Problem } from './errors.ts';
import { TASK_ENDINGS } from './human-task-asked.ts';
import { MARK_WORDS, markOf } from './mark.ts';
import { MESSAGE_ID } from './message-id.ts';

/** A week. */
export const MOST_MINUTES = 10_080;

/** What people and platforms may say to a ticket, and the fields of each. */
const FIELDS = {
  customerReplied: { message: text(100_000), mail: optional(mail) },
  agentReplied: { agentId: name, message: text(100_000) },
  claimed: { agentId: name },
  resolved: { agentId: optional(name) },
  reopened: {},
  rated: { score },
  deliveryFailed: { deliveryId: number, outcome },
  strangerReplied: { otherTicketId: ticketId },
  lookAgain: { incidentId: optional(number) },
  taskEnded: { taskId: name, occasion: text(2_000), ending, act: orNull(name), by: names, at: text(40) },
  assignmentDue: { off: optional(name) },
  clicked: {
    by: orNull(name),
    user: name,
    act,
    round: wholeUpTo(1_000_000),
    to: optional(name),
    minutes: optional(wholeUpTo(MOST_MINUTES)),
    message: optional(text(100_000)),
    answerUrl: optional(text(500)),
  },
  decide: {
    by: name,
    act: decision,
    round: wholeUpTo(1_000_000),
    to: optional(name),
    minutes: optional(wholeUpTo(MOST_MINUTES)),
    message: optional(text(100_000)),
  },
  claim: { agentId: name },
  reply: { agentId: name, message: text(100_000) },
  resolve: { agentId: name },
  retry: { step: optional(text(300)) },
  fix: { step: optional(text(300)), input: present },
  skip: { step: optional(text(300)), result: present },
  abort: { step: optional(text(300)) },
} as const satisfies Record<string, Record<string, Check>>;
export type Saying = keyof typeof FIELDS;

/** Who sent it, under which id and by which key: lawful on every signal. */
const OUTSIDE = { eventId: optional(text(200)), source: optional(text(200)), via: optional(apiKey) };
const NO_INPUT_NEEDED: ReadonlySet<Saying> = new Set(['resolved', 'reopened', 'retry', 'abort']);

/** Answers what is wrong, as words; undefined when it is right. */
type Check = (value: unknown) => string | undefined;

/** Every wrong field of a payload that came by signal or update, from whoever holds the `temporal` CLI. Empty: it is right. */
export function checkSaying(saying: Saying, payload: unknown): Problem[] {
  const mark = markOf(payload);
  if (mark !== undefined) return [{ field: saying, message: MARK_WORDS[mark] }];
  if (payload === undefined && NO_INPUT_NEEDED.has(saying)) return [];
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    const fields = Object.keys(FIELDS[saying]).join(', ');
    return [{ field: saying, message: `expected an object with ${fields || 'no fields'}` }];
  }
  const given = payload as Readonly<Record<string, unknown>>;
  return Object.entries<Check>({ ...OUTSIDE, ...FIELDS[saying] }).flatMap(([field, check]) => {
    const message = check(given[field]);
    return message === undefined ? [] : [{ field, message }];
  });
}

function text(most: number): Check {
  return (value) => {
    if (typeof value !== 'string' || value.trim() === '') return 'expected text';
    if (value.length > most) return `expected at most ${most} characters`;
    // PostgreSQL has no such character in its text.
    return value.includes('\u0000') ? 'expected text without NUL characters' : undefined;
  };
}

function name(value: unknown): string | undefined {
  return typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}$/.test(value)
    ? undefined
    : 'expected an id: letters, digits and . _ : @ -';
}

/** It stays when the customer is gone: no ticket is called by an address. */
function ticketId(value: unknown): string | undefined {
  return typeof value === 'string' && TICKET_ID.test(value) ? undefined : 'expected the id of a ticket';
}

/** It stays when the customer is gone. */
function apiKey(value: unknown): string | undefined {
  return typeof value === 'string' && /^(key|ownKey)\/[A-Za-z0-9]{1,40}$/.test(value)
    ? undefined
    : 'expected an API key by its id, such as key/1f2e3d';
}

function score(value: unknown): string | undefined {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 5
    ? undefined
    : 'expected a whole number from 1 to 5';
}

function number(value: unknown): string | undefined {
  return typeof value === 'string' && /^\d{1,18}$/.test(value) ? undefined : 'expected a number, as text';
}

function mail(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'expected an object';
  const { messageId, newWords } = value as Readonly<Record<string, unknown>>;
  if (messageId !== undefined && !(typeof messageId === 'string' && MESSAGE_ID.test(messageId))) {
    return 'expected a Message-ID in angle brackets as messageId';
  }
  const wrong = optional(text(100_000))(newWords);
  return wrong === undefined ? undefined : `newWords: ${wrong}`;
}

function outcome(value: unknown): string | undefined {
  return value === 'bounced' || value === 'complained' ? undefined : 'expected "bounced" or "complained"';
}

function act(value: unknown): string | undefined {
  const acts: readonly unknown[] = [...ASK_ACTS, ...FORM_ENDS];
  return acts.includes(value) ? undefined : `expected one of ${acts.join(', ')}`;
}

function decision(value: unknown): string | undefined {
  const acts: readonly unknown[] = ['claim', 'reassign', 'snooze', ...FORM_ENDS];
  return acts.includes(value) ? undefined : `expected one of ${acts.join(', ')}`;
}

function ending(value: unknown): string | undefined {
  const endings: readonly unknown[] = TASK_ENDINGS;
  return endings.includes(value) ? undefined : `expected one of ${endings.join(', ')}`;
}

function names(value: unknown): string | undefined {
  return Array.isArray(value) && value.every((one) => name(one) === undefined) ? undefined : 'expected a list of ids';
}

function wholeUpTo(most: number): Check {
  return (value) =>
    Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most
      ? undefined
      : `expected a whole number from 1 to ${most}`;
}

function orNull(check: Check): Check {
  return (value) => (value === null ? undefined : check(value));
}

function present(value: unknown): string | undefined {
  return value === undefined ? 'expected a JSON value' : undefined;
}

function optional(check: Check): Check {
  return (value) => (value === undefined || value === null ? undefined : check(value));
}
