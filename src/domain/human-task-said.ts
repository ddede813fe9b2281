import type { Problem } from './errors.ts';
import { TASK_ACT } from './human-task-asked.ts';
import { MARK_WORDS, markOf } from './mark.ts';

/** What people say to a task, and the fields of each: from whoever holds the `temporal` program, too. */
const FIELDS = {
  decide: { by: agent, act, via: optional(label) },
  delegate: { by: agent, to: agent, via: optional(label) },
  clicked: { by: (value) => (value === null ? undefined : agent(value)), user: agent, act, answerUrl: optional(text) },
  withdraw: { by: label },
} as const satisfies Record<string, Record<string, Check>>;
export type TaskSaying = keyof typeof FIELDS;
type Check = (value: unknown) => string | undefined;

/** Every wrong field. Empty: it is right. */
export function checkTaskSaying(saying: TaskSaying, payload: unknown): Problem[] {
  const mark = markOf(payload);
  if (mark !== undefined) return [{ field: saying, message: MARK_WORDS[mark] }];
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    return [{ field: saying, message: `expected an object with ${Object.keys(FIELDS[saying]).join(', ')}` }];
  }
  const given = payload as Readonly<Record<string, unknown>>;
  return Object.entries<Check>(FIELDS[saying]).flatMap(([field, check]) => {
    const message = check(given[field]);
    return message === undefined ? [] : [{ field, message }];
  });
}

function agent(value: unknown): string | undefined {
  return typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/.test(value)
    ? undefined
    : "expected an agent's id: letters, digits and . _ : -";
}

function act(value: unknown): string | undefined {
  return typeof value === 'string' && TASK_ACT.test(value) ? undefined : 'expected a label, such as approve';
}

function label(value: unknown): string | undefined {
  return typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,249}$/.test(value)
    ? undefined
    : 'expected a label';
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= 500 ? undefined : 'expected text of at most 500 characters';
}

function optional(check: Check): Check {
  return (value) => (value === undefined || value === null ? undefined : check(value));
}
