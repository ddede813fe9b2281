/** A flow's own tests: what is given, what the Tasks answer when they are called, and what then must come of it. */
import type { Json, JsonObject } from '../domain/json.ts';
import { type Mocks, readMocks } from './mocks.ts';
import { below, createReport, type Problem, quoted, type Report, shown } from './problems.ts';
import { parseTimestamp } from './timestamp.ts';
import type { Trial } from './trial.ts';
import { isList, isObject, kindOf, own } from './values.ts';

export interface Scenario {
  readonly name: string;
  readonly input: Json;
  /** Epoch ms at which it begins. */
  readonly at: number | undefined;
  readonly mocks: Mocks;
  readonly expected: Expected;
}

export interface Expected {
  readonly status: 'succeeded' | 'failed';
  /** Objects may have more fields than these; lists and all else must be the same. */
  readonly output: Json | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly path: readonly string[] | undefined;
  /** How long the whole takes, in s. */
  readonly seconds: number | undefined;
}

/** `states`: the names of the flow's states. */
export function readScenarios(
  value: Json,
  states: readonly string[],
): { readonly scenarios: readonly Scenario[]; readonly problems: readonly Problem[] } {
  const report = createReport();
  if (!isObject(value)) report.error('$', `a file of tests is an object with flow and tests; this is ${kindOf(value)}`);
  const file = isObject(value) ? value : {};
  expectOnly(file, ['flow', 'tests'], '$', report);
  const tests = own(file, 'tests');
  if (!isList(tests) || tests.length === 0) {
    report.error('$.tests', 'must be an array with at least one test: {name, given, when, then}');
    return { scenarios: [], problems: report.problems };
  }
  const scenarios = tests.map((test, index) => readScenario(test, below('$.tests', index), states, report));
  return { scenarios: scenarios.filter((one) => one !== undefined), problems: report.problems };
}

function readScenario(test: Json, path: string, states: readonly string[], report: Report): Scenario | undefined {
  const fields = objectAt(test, path, ['name', 'given', 'when', 'then'], report);
  if (!fields) return undefined;
  const name = own(fields, 'name');
  if (typeof name !== 'string' || name === '') report.error(below(path, 'name'), 'a test needs a name');
  const given = objectAt(own(fields, 'given') ?? null, below(path, 'given'), ['input', 'at'], report) ?? {};
  if (own(given, 'input') === undefined)
    report.error(below(below(path, 'given'), 'input'), "the flow's input is missing");
  const at = own(given, 'at');
  const time = typeof at === 'string' ? parseTimestamp(at) : undefined;
  if (at !== undefined && time === undefined) {
    report.error(below(below(path, 'given'), 'at'), 'must be a time like 2026-04-23T14:30:00Z, in quotes');
  }
  const { mocks, problems } = readMocks(own(fields, 'when') ?? {}, states);
  for (const problem of problems) report.error(`${below(path, 'when')}${problem.path.slice(1)}`, problem.message);
  const expected = readExpected(own(fields, 'then') ?? null, below(path, 'then'), states, report);
  return expected && { name: String(name), input: own(given, 'input') ?? null, at: time, mocks, expected };
}

function readExpected(value: Json, path: string, states: readonly string[], report: Report): Expected | undefined {
  const fields = objectAt(value, path, ['status', 'output', 'error', 'cause', 'path', 'seconds'], report);
  if (!fields) return undefined;
  const error = textAt(fields, 'error', path, report);
  const status = own(fields, 'status') ?? (error === undefined ? 'succeeded' : 'failed');
  if (status !== 'succeeded' && status !== 'failed') {
    report.error(below(path, 'status'), 'must be succeeded or failed');
    return undefined;
  }
  if (Object.keys(fields).length === 0) report.error(path, 'a test that expects nothing can fail at nothing');
  const seconds = own(fields, 'seconds');
  if (seconds !== undefined && typeof seconds !== 'number') report.error(below(path, 'seconds'), 'must be a number');
  return {
    status,
    output: own(fields, 'output'),
    error,
    cause: textAt(fields, 'cause', path, report),
    path: pathAt(fields, path, states, report),
    seconds: typeof seconds === 'number' ? seconds : undefined,
  };
}

function pathAt(
  fields: JsonObject,
  path: string,
  states: readonly string[],
  report: Report,
): readonly string[] | undefined {
  const way = own(fields, 'path');
  if (way === undefined) return undefined;
  const at = below(path, 'path');
  if (!isList(way)) report.error(at, 'must be an array of names of states');
  const names = isList(way) ? way.map(String) : [];
  for (const [index, name] of names.entries()) {
    if (!states.includes(name)) report.error(below(at, index), `there is no state ${quoted(name)}`);
  }
  return names;
}

function textAt(fields: JsonObject, field: string, path: string, report: Report): string | undefined {
  const value = own(fields, field);
  if (value === undefined || typeof value === 'string') return value;
  report.error(below(path, field), 'must be a text');
  return undefined;
}

function objectAt(value: Json, path: string, allowed: readonly string[], report: Report): JsonObject | undefined {
  if (!isObject(value)) {
    report.error(path, `must be an object of ${allowed.join(', ')}; this is ${kindOf(value)}`);
    return undefined;
  }
  expectOnly(value, allowed, path, report);
  return value;
}

function expectOnly(object: JsonObject, allowed: readonly string[], path: string, report: Report): void {
  for (const field of Object.keys(object)) {
    if (!allowed.includes(field)) report.error(below(path, field), `unknown field; there are ${allowed.join(', ')}`);
  }
}

/** How the trial differs from what was expected, in words; empty when it does not. */
export function differences(trial: Trial, then: Expected): string[] {
  const failed = trial.status === 'failed' ? trial : undefined;
  const ended = failed ? `failed: ${failed.error}: ${failed.cause}` : 'succeeded';
  if (trial.status !== then.status) return [`status: expected ${then.status}, and it ${ended}`];
  const found: string[] = [];
  const compare = (what: string, expected: Json | undefined, actual: Json | undefined): void => {
    if (expected !== undefined && !same(expected, actual)) found.push(sayDifference(what, expected, actual));
  };
  compare('error', then.error, failed?.error);
  compare('cause', then.cause, failed?.cause);
  compare('path', then.path, trial.path);
  compare('seconds', then.seconds, secondsOf(trial));
  if (then.output !== undefined && trial.status === 'succeeded') {
    found.push(...within('output', then.output, trial.output));
  }
  return found;
}

function secondsOf({ states }: Trial): number {
  const times = states.flatMap(({ enteredAt, exitedAt = enteredAt }) => [Date.parse(enteredAt), Date.parse(exitedAt)]);
  // No spread: a flow may pass very many states.
  const last = times.reduce((most, time) => Math.max(most, time), times[0] ?? 0);
  return (last - (times[0] ?? 0)) / 1000;
}

/** Objects may have more; what is expected of them must be there. */
function within(what: string, expected: Json, actual: Json | undefined): string[] {
  if (isObject(expected) && isObject(actual)) {
    return Object.entries(expected).flatMap(([key, value]) => within(below(what, key), value, own(actual, key)));
  }
  return same(expected, actual) ? [] : [sayDifference(what, expected, actual)];
}

function sayDifference(what: string, expected: Json, actual: Json | undefined): string {
  const say = (value: Json | undefined) => (value === undefined ? 'nothing' : shown(JSON.stringify(value)));
  return `${what}: expected ${say(expected)}, found ${say(actual)}`;
}

/** The same JSON, in whatever order an object's fields stand. */
function same(left: Json, right: Json | undefined): boolean {
  if (isList(left)) {
    return isList(right) && left.length === right.length && left.every((item, index) => same(item, right[index]));
  }
  if (!isObject(left)) return left === right;
  const keys = Object.keys(left);
  if (!isObject(right) || keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => {
    const value = own(left, key);
    return value !== undefined && same(value, own(right, key));
  });
}
