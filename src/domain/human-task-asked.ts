/** What may be asked of people as a task of its own, as a flow, an operator or the support platform asks it. */

import { TICKET_ID } from './envelope.ts';
import type { Problem } from './errors.ts';
import { StewardError } from './errors.ts';
import { askPeople, type HumanTask } from './human-task.ts';
import { namesSomebody } from './names-somebody.ts';

/** `correction`: the form has the labels of which one is right. */
export const TASK_KINDS = ['approval', 'correction'] as const;
export type TaskKind = (typeof TASK_KINDS)[number];
/** `withdrawn`: it need not be decided any more. */
export const TASK_ENDINGS = ['decided', 'timedOut', 'withdrawn'] as const;
export type TaskEnding = (typeof TASK_ENDINGS)[number];

export const TASK_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/;
/** What may be said: a label, on a button as it stands in the audit log. */
export const TASK_ACT = /^[A-Za-z][A-Za-z0-9_-]{0,39}$/;
/** An agent's id, `team/` and a team's, `admins` or `everybody`. */
const AUDIENCE = /^(team\/)?[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/;
export const AGENT_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/;
export const MOST_ACTS = 10;
export const MOST_QUESTION = 200;
/** A year. */
export const MOST_DUE_SECONDS = 31_536_000;

/** As it is asked; `audience` has names, of which whoever takes it makes people. */
export interface Asking {
  readonly kind: TaskKind;
  readonly question: string;
  readonly audience: readonly string[];
  readonly form: readonly string[];
  readonly quorum: number;
  readonly barred: readonly string[];
  readonly dueSeconds: number | null;
  readonly otherwise: string | null;
  readonly requester: string | null;
}
/** By API or command line it has an id, that the same twice is asked once, and perhaps a ticket. */
export interface AskingAlone extends Asking {
  readonly id: string | null;
  readonly ticketId: string | null;
}

type Given = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => string | undefined;

const FIELDS: Readonly<Record<keyof Asking, Check>> = {
  kind: optional((value) => (TASK_KINDS as readonly unknown[]).includes(value), `one of ${TASK_KINDS.join(', ')}`),
  question,
  audience: listOf(AUDIENCE, 50, 'a list of who may decide: ids of agents, "team/NAME", "admins" or "everybody"'),
  form: listOf(TASK_ACT, MOST_ACTS, `a list of what may be said, such as ["approve", "refuse"], at most ${MOST_ACTS}`),
  quorum: optional((value) => isWhole(value, 1, 50), 'how many have to say the same, a whole number from 1 to 50'),
  barred: (value) => (value == null || isEmpty(value) ? undefined : BARRED(value)),
  dueSeconds: optional(
    (value) => isWhole(value, 1, MOST_DUE_SECONDS),
    `in how many seconds it ends by itself, a whole number from 1 to ${MOST_DUE_SECONDS}`,
  ),
  otherwise: optional((value) => typeof value === 'string' && TASK_ACT.test(value), 'a label, such as "refuse"'),
  requester: optional((value) => typeof value === 'string' && AGENT_ID.test(value), "an agent's id"),
};
const BARRED = listOf(AGENT_ID, 50, 'a list of ids of agents who may not decide');
const ALONE: Readonly<Record<'id' | 'ticketId', Check>> = {
  id: optional(
    (value) => typeof value === 'string' && TASK_ID.test(value),
    'letters, digits, "_" and "-", at most 40, beginning with a letter or digit',
  ),
  ticketId: optional((value) => typeof value === 'string' && TICKET_ID.test(value), "a ticket's id"),
};

/**
 * Every wrong field of what is asked. `alone`: not by a flow, which knows what it is about and needs no id; `later`: fields whose value is not known yet.
 * Empty: it is right.
 */
export function checkAsking(
  value: unknown,
  { alone = false, later = [] }: { readonly alone?: boolean; readonly later?: readonly string[] } = {},
): Problem[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [{ field: 'task', message: 'expected an object with question, audience and form' }];
  }
  const given = value as Given;
  const fields: Readonly<Record<string, Check>> = alone ? { ...FIELDS, ...ALONE } : FIELDS;
  const isKnown = (field: string) => !later.includes(field);
  const strange = [...Object.keys(given), ...later].filter((field) => !Object.hasOwn(fields, field));
  const problems = [
    ...strange.map((field) => ({ field, message: `is no field; the fields are ${Object.keys(fields).join(', ')}` })),
    ...OWN_WORDS.filter((field) => !isKnown(field)).map((field) => ({ field, message: SAY_OWN_WORDS })),
    ...Object.entries(fields).flatMap(([field, check]) => {
      const message = isKnown(field) ? check(given[field]) : undefined;
      return message === undefined ? [] : [{ field, message }];
    }),
  ];
  if (problems.length > 0 || !isKnown('form')) return problems;
  return contradictions(given).filter(({ field }) => isKnown(field));
}

function contradictions({ form, quorum = 1, otherwise, dueSeconds }: Given): Problem[] {
  if (otherwise != null && dueSeconds == null) {
    return [{ field: 'dueSeconds', message: 'expected when "otherwise" counts as said; without a time it never does' }];
  }
  // Of several who say different things none may win, ever.
  if (Number(quorum) > 1 && (form as unknown[]).length > 1 && dueSeconds == null) {
    return [{ field: 'dueSeconds', message: 'expected a time, since people may disagree until then' }];
  }
  return [];
}

/** What was found right, whole. */
export function askingOf(value: unknown): Asking {
  const { kind, question, audience, form, quorum, barred, dueSeconds, otherwise, requester } = value as Partial<Asking>;
  return {
    kind: kind ?? 'approval',
    question: (question ?? '').trim(),
    audience: audience ?? [],
    form: form ?? [],
    quorum: quorum ?? 1,
    barred: barred ?? [],
    dueSeconds: dueSeconds ?? null,
    otherwise: otherwise ?? null,
    requester: requester ?? null,
  };
}

/** Who may decide, by their ids. */
export interface People {
  /** Of one name of an audience; undefined: nobody knows it. */
  named(name: string): readonly string[] | undefined;
}

/** The people whom it is asked of. @throws StewardError InvalidRequest naming whom nobody knows, or that too few are left */
export function whoDecides(asking: Asking, people: People): { readonly audience: string[]; readonly barred: string[] } {
  const { audience, barred, requester, quorum } = asking;
  const fields = { audience, barred, requester: requester === null ? [] : [requester] };
  const problems = Object.entries(fields).flatMap(([field, names]) =>
    names
      .filter((name) => people.named(name) === undefined)
      .map((name) => ({ field, message: `nobody in policies/team.yaml is "${name}"` })),
  );
  const ids = [...new Set(audience.flatMap((name) => people.named(name) ?? []))];
  const out = [...new Set([...barred, ...fields.requester])];
  const left = ids.filter((id) => !out.includes(id));
  if (problems.length === 0 && left.length < quorum) {
    const message = `expected at least ${quorum} who may decide; of those named there are ${left.length}`;
    problems.push({ field: 'audience', message });
  }
  if (problems.length === 0) return { audience: ids, barred: out };
  const said = problems.map(({ field, message }) => `${field}: ${message}`).join('; ');
  throw new StewardError('InvalidRequest', said, { problems });
}

/** The task as the rule of decisions knows it, from what is kept of it. */
export function taskOf(kept: Omit<HumanTask, 'outcome'> & Pick<HumanTask, 'outcome'>): HumanTask {
  return { ...askPeople(kept), said: kept.said, outcome: kept.outcome };
}

/** What a path leads to may be the customer's words, whichever way they came there. */
const OWN_WORDS: readonly (keyof Asking)[] = ['question', 'form', 'otherwise'];
const SAY_OWN_WORDS =
  'expected words of the flow itself and no path: they are kept when the customer is gone, and go to Slack; the message leads to what it is about';

function question(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.trim() === '' || value.length > MOST_QUESTION || /\p{Cc}/u.test(value)) {
    return `expected one line of 1 to ${MOST_QUESTION} characters: what is to be decided`;
  }
  const named = namesSomebody(value);
  return named === null ? undefined : `holds ${named}; it is kept, and goes to Slack: name nobody in it`;
}

function optional(isRight: (value: unknown) => boolean, words: string): Check {
  return (value) => (value == null || isRight(value) ? undefined : `expected ${words}`);
}

function listOf(item: RegExp, most: number, words: string): Check {
  return (value) => {
    const isRight = Array.isArray(value) && value.length > 0 && value.length <= most && value.every((one) => is(one));
    if (!isRight) return `expected ${words}`;
    return new Set(value).size === value.length ? undefined : 'names one twice';
  };
  function is(one: unknown): boolean {
    return typeof one === 'string' && item.test(one);
  }
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}
