/** What a flow tells somebody (`module:notify`): what may be in it, judged as far as it is known. */
import type { Problem } from './errors.ts';
import type { JsonObject } from './json.ts';
import { namesSomebody } from './names-somebody.ts';

export const NOTIFY_CHANNELS = ['mail', 'slack'] as const;
export type NotifyChannel = (typeof NOTIFY_CHANNELS)[number];

export interface Notification {
  /** `customer`, `onCall`, `admins`, `everybody`, `team/NAME`, `contact/NAME` or an agent's id. */
  readonly to: readonly string[];
  /** Null: by Slack where whoever it is has an account there, else by mail. */
  readonly channel: NotifyChannel | null;
  readonly subject: string;
  readonly text: string;
  /** Neither quiet hours nor many of its kind hold it back. */
  readonly urgent: boolean;
}

/** What became of it: how many messages went out, how many wait (quiet hours, too many), and how many never go out. */
export type Notified = {
  readonly delivered: boolean;
  readonly sent: number;
  readonly held: number;
  readonly suppressed: number;
};

export const MOST_SUBJECT = 150;
const MOST_TEXT = 10_000;
const MOST_NAMES = 20;
const NAME = /^((team|contact)\/)?[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/;
export const CONTACT = 'contact/';
/** In the place of whoever wrote it: what a flow tells a customer is no answer to what they wrote. */
export const BY_FLOW = 'flow';

type Check = (value: unknown) => string | undefined;

const FIELDS: Readonly<Record<keyof Notification, Check>> = {
  to: namesProblem,
  channel: (value) =>
    value == null || NOTIFY_CHANNELS.some((one) => one === value)
      ? undefined
      : `expected one of ${NOTIFY_CHANNELS.join(', ')}, or nothing: then it goes the way that each has`,
  subject: subjectProblem,
  text: textProblem,
  urgent: (value) => (value == null || typeof value === 'boolean' ? undefined : 'expected true or false'),
};
export const NOTIFY_FIELDS: readonly string[] = Object.keys(FIELDS);

/** Every wrong field. `later`: fields whose value is not known yet. Empty: it is right. */
export function checkNotification(
  value: unknown,
  { later = [] }: { readonly later?: readonly string[] } = {},
): Problem[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [{ field: 'notification', message: 'expected an object with to, subject and text' }];
  }
  const given = value as JsonObject;
  const strange = [...Object.keys(given), ...later].filter((field) => !Object.hasOwn(FIELDS, field));
  const problems = [
    ...strange.map((field) => ({ field, message: `is no field; the fields are ${NOTIFY_FIELDS.join(', ')}` })),
    ...(later.includes('subject') ? [{ field: 'subject', message: SAY_OWN_WORDS }] : []),
    ...Object.entries(FIELDS).flatMap(([field, check]) => {
      const message = later.includes(field) ? undefined : check(given[field]);
      return message === undefined ? [] : [{ field, message }];
    }),
  ];
  return problems.length > 0 || later.includes('to') ? problems : contradictions(given);
}

function contradictions({ to, channel }: JsonObject): Problem[] {
  const names = listOf(to);
  if (channel === 'slack' && names.includes('customer')) {
    return [{ field: 'channel', message: 'expected mail or nothing: customers are written to by mail' }];
  }
  if (channel != null && names.includes('onCall')) {
    return [{ field: 'channel', message: 'expected nothing: onCall is PagerDuty' }];
  }
  return [];
}

/** What was found right, whole. */
export function notificationOf(value: unknown): Notification {
  const { to, channel, subject, text, urgent } = value as Partial<Notification> & { readonly to: unknown };
  return {
    to: [...new Set(listOf(to))],
    channel: channel ?? null,
    subject: (subject ?? '').trim(),
    text: (text ?? '').trim(),
    urgent: urgent ?? false,
  };
}

const SAY_OWN_WORDS =
  'expected words of the flow itself and no path: they go to lists and on-call services, and are no place for what customers wrote';

function listOf(to: unknown): string[] {
  return (Array.isArray(to) ? to : [to]).filter((one) => typeof one === 'string');
}

function namesProblem(value: unknown): string | undefined {
  const names = Array.isArray(value) ? value : [value];
  const isRight =
    names.length > 0 && names.length <= MOST_NAMES && names.every((one) => typeof one === 'string' && NAME.test(one));
  return isRight
    ? undefined
    : `expected "customer", "admins", "onCall", "team/NAME", "contact/NAME" or an agent's id, or a list of them, at most ${MOST_NAMES}; an address outside is a contact of policies/team.yaml`;
}

function subjectProblem(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.trim() === '' || value.length > MOST_SUBJECT || /\p{Cc}/u.test(value)) {
    return `expected one line of 1 to ${MOST_SUBJECT} characters`;
  }
  const named = namesSomebody(value);
  return named === null ? undefined : `holds ${named}; name nobody in it`;
}

/** Lines and tabs are all that a plain mail needs of what can't be seen. */
const UNSEEN = /[^\P{Cc}\n\r\t]/u;

function textProblem(value: unknown): string | undefined {
  const isRight = typeof value === 'string' && value.trim() !== '' && value.length <= MOST_TEXT && !UNSEEN.test(value);
  return isRight ? undefined : `expected a text of 1 to ${MOST_TEXT} characters, of lines that can be seen`;
}
