/** Fields in JSONata, which are kept as they are written. */
import type { Json, JsonObject } from '../domain/json.ts';
import { complain, type Source } from './fields.ts';
import { MOST_SECONDS } from './inout.ts';
import { below } from './problems.ts';
import { nameProblem } from './readAssign.ts';
import { parseTimestamp } from './timestamp.ts';
import { isList, isObject, kindOf, own } from './values.ts';

/** The fields that may hold expressions, each judged as far as it is a literal. */
export function writtenFields(source: Source, names: readonly string[]): JsonObject {
  const fields: [string, Json][] = [];
  for (const name of names) {
    const value = own(source.object, name);
    if (value === undefined) continue;
    if (!isExpression(value)) judge(source, name, value);
    fields.push([name, value]);
  }
  return Object.fromEntries(fields);
}

/** A string that is one expression as a whole. */
function isExpression(value: Json): boolean {
  return typeof value === 'string' && value.startsWith('{%') && value.endsWith('%}');
}

function judge(source: Source, name: string, value: Json): void {
  const bounds = NUMBERS[name];
  if (bounds) {
    const [least, most] = bounds;
    const whole = name !== 'ToleratedFailurePercentage';
    if (typeof value !== 'number' || value < least || value > most || (whole && !Number.isInteger(value)))
      complain(source, name, `${name} must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}, or {% … %}`);
  } else if (TEXTS.includes(name)) {
    if (typeof value !== 'string') complain(source, name, `${name} must be a string; this is ${kindOf(value)}`);
    else if (name === 'Timestamp' && parseTimestamp(value) === undefined)
      complain(source, name, 'Timestamp must be like 2026-04-23T14:30:00Z, or {% … %}');
  } else if (name === 'Items' && !isList(value)) {
    complain(source, name, `Items must be an array, or {% … %}; this is ${kindOf(value)}`);
  } else if (name === 'Condition' && typeof value !== 'boolean') {
    complain(source, name, `Condition must be {% … %}, true or false; this is ${kindOf(value)}`);
  } else if (name === 'Assign') {
    judgeAssign(source, value);
  }
}

const WHOLE_NUMBERS = Number.MAX_SAFE_INTEGER;
const NUMBERS: Readonly<Record<string, readonly [number, number]>> = {
  Seconds: [0, MOST_SECONDS],
  TimeoutSeconds: [1, MOST_SECONDS],
  HeartbeatSeconds: [1, MOST_SECONDS],
  MaxConcurrency: [0, WHOLE_NUMBERS],
  ToleratedFailureCount: [0, WHOLE_NUMBERS],
  ToleratedFailurePercentage: [0, 100],
};
const TEXTS = ['Timestamp', 'Error', 'Cause'];

function judgeAssign(source: Source, value: Json): void {
  if (!isObject(value)) {
    complain(source, 'Assign', `Assign must be an object of variables by name; this is ${kindOf(value)}`);
    return;
  }
  for (const name of Object.keys(value)) {
    const problem = nameProblem(name);
    if (problem !== undefined) source.report.error(below(below(source.path, 'Assign'), name), problem);
  }
}
