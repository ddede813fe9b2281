/** What the Tasks of a flow answer where nobody runs them: in a trial and in a flow's own tests. */
import type { Json, JsonObject } from '../domain/json.ts';
import { nearest } from './nearest.ts';
import type { LineEffect } from './position.ts';
import { below, createReport, type Problem, type Report } from './problems.ts';
import { isList, isObject, kindOf, own } from './values.ts';

/** One attempt's answer. */
export interface Mock {
  /** How long the attempt takes, in s. */
  readonly afterSeconds: number;
  readonly says: { readonly result: Json } | { readonly error: string; readonly cause: string };
}

/** By `<state>`, or by `<state>@<map index>` for one item of the innermost Map; one answer for each attempt, in order. */
export type Mocks = ReadonlyMap<string, readonly Mock[]>;

/** `states`: the names that there are. */
export function readMocks(
  value: Json,
  states: readonly string[],
): { readonly mocks: Mocks; readonly problems: readonly Problem[] } {
  const report = createReport();
  const mocks = new Map<string, readonly Mock[]>();
  if (!isObject(value)) {
    report.error('$', `mocks are an object of lists of answers by state; this is ${kindOf(value)}`);
    return { mocks, problems: report.problems };
  }
  for (const [key, list] of Object.entries(value)) {
    const path = below('$', key);
    const state = key.replace(/@\d+$/u, '');
    if (!states.includes(key) && !states.includes(state)) report.error(path, sayUnknown(state, states));
    if (!isList(list) || list.length === 0) report.error(path, 'must be an array of answers, one for each attempt');
    else
      mocks.set(
        key,
        list.flatMap((answer, index) => readMock(answer, below(path, index), report)),
      );
  }
  return { mocks, problems: report.problems };
}

function sayUnknown(state: string, states: readonly string[]): string {
  const meant = nearest(state, states);
  return `there is no state ${state}${meant === undefined ? '' : `; perhaps ${meant} is meant`}`;
}

const FIELDS = ['result', 'error', 'cause', 'afterSeconds'];

function readMock(answer: Json, path: string, report: Report): Mock[] {
  if (!isObject(answer)) {
    report.error(path, `an answer is {"result": …} or {"error": "…", "cause": "…"}; this is ${kindOf(answer)}`);
    return [];
  }
  for (const field of Object.keys(answer)) {
    if (!FIELDS.includes(field)) report.error(below(path, field), `unknown field; an answer has ${FIELDS.join(', ')}`);
  }
  const afterSeconds = own(answer, 'afterSeconds') ?? 0;
  if (typeof afterSeconds !== 'number' || afterSeconds < 0) {
    report.error(below(path, 'afterSeconds'), 'must be a number of seconds from 0');
    return [];
  }
  const says = readSays(answer, path, report);
  return says ? [{ afterSeconds, says }] : [];
}

function readSays(answer: JsonObject, path: string, report: Report): Mock['says'] | undefined {
  const result = own(answer, 'result');
  const error = own(answer, 'error');
  const cause = own(answer, 'cause') ?? '';
  if ((result === undefined) === (error === undefined)) {
    report.error(path, 'an answer has either a result or an error');
  } else if (result !== undefined) {
    return { result };
  } else if (typeof error !== 'string' || error === '') {
    report.error(below(path, 'error'), "must be an error's name");
  } else if (typeof cause !== 'string') {
    report.error(below(path, 'cause'), 'must be a text');
  } else {
    return { error, cause };
  }
  return undefined;
}

/** Hands the answers out; the last one of a list answers whatever else is asked. */
export function answering(mocks: Mocks): (task: LineEffect, item: number | undefined) => Mock | undefined {
  const taken = new Map<string, number>();
  return ({ state }, item) => {
    const ofItem = `${state}@${item}`;
    const key = item !== undefined && mocks.has(ofItem) ? ofItem : state;
    const list = mocks.get(key);
    if (!list) return undefined;
    const index = taken.get(key) ?? 0;
    taken.set(key, index + 1);
    return list[Math.min(index, list.length - 1)];
  };
}
