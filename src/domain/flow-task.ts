/** What is said to a Task that waits for whoever has its token. */
import type { Problem } from './errors.ts';
import type { Json } from './json.ts';
import { MARK_WORDS, markOf } from './mark.ts';

export interface TaskSucceeded {
  readonly token: string;
  /** Missing: `{}`. */
  readonly output?: Json;
}
export interface TaskFailed {
  readonly token: string;
  /** Missing: `States.TaskFailed`. */
  readonly error?: string;
  readonly cause?: string;
}
/** It is still being worked on. */
export interface TaskBeat {
  readonly token: string;
}
export interface TaskSayings {
  completeTask: TaskSucceeded;
  failTask: TaskFailed;
  heartbeatTask: TaskBeat;
}
export type TaskSayingName = keyof TaskSayings;

const FIELDS: Readonly<Record<TaskSayingName, readonly string[]>> = {
  completeTask: ['token', 'output'],
  failTask: ['token', 'error', 'cause'],
  heartbeatTask: ['token'],
};
/** It stands in histories and summaries in clear. */
const ERROR = /^[\w.:-]{1,100}$/;
/** What looks like the name of a field; anything else may be somebody's words. */
const FIELD_NAME = /^[A-Za-z_$][\w$.-]{0,39}$/;
const MOST_OUTPUT = 262_144;
const MOST_CAUSE = 32_768;

/** Judges anything at all and never throws. */
export function checkTaskAnswer(saying: TaskSayingName, said: unknown): Problem[] {
  const mark = markOf(said);
  if (mark !== undefined) return [{ field: saying, message: MARK_WORDS[mark] }];
  if (typeof said !== 'object' || said === null || Array.isArray(said)) {
    return [{ field: saying, message: 'expected an object like {"token": "…"}' }];
  }
  const { token, error, cause, output } = said as Record<string, unknown>;
  const taken = FIELDS[saying];
  const problems = Object.keys(said)
    .filter((field) => !taken.includes(field))
    .map((field) => ({
      field: FIELD_NAME.test(field) ? field : saying,
      message: `unknown field; taken are ${taken.join(', ')}`,
    }));
  const wrong = (field: string, message: string) => void problems.push({ field, message });
  if (typeof token !== 'string' || token === '') wrong('token', "expected the Task's token");
  if (error !== undefined && !(typeof error === 'string' && ERROR.test(error))) {
    wrong('error', "expected the name of an error: letters, digits, '_', '.', ':' and '-', at most 100");
  }
  if (cause !== undefined && !(typeof cause === 'string' && cause.length <= MOST_CAUSE)) {
    wrong('cause', `expected text of at most ${MOST_CAUSE} characters`);
  }
  if (output !== undefined && !isSmall(output)) wrong('output', `expected ${MOST_OUTPUT} characters of JSON at most`);
  return problems;
}

function isSmall(output: unknown): boolean {
  try {
    return JSON.stringify(output).length <= MOST_OUTPUT;
  } catch {
    return false;
  }
}
