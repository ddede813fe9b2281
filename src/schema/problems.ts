/** Turns what zod found into problems that a sender can mend. */
import type { z } from 'zod';
import type { Problem } from '../domain/errors.ts';
import { nearest } from '../flow/nearest.ts';

/**
 * Checks `value`; every schema's error text says what the field should be ("text of at most 500 characters"). What came is told by
 * its kind and size alone: problems end up in logs and histories, where nobody's words belong.
 * @param whole what the value as a whole is called
 */
export function check<T extends z.ZodType>(
  schema: T,
  value: unknown,
  whole = 'event',
): { data: z.output<T> } | { problems: Problem[] } {
  const result = schema.safeParse(value);
  if (result.success) return { data: result.data };
  const problems = new Map<string, Problem>();
  for (const issue of result.error.issues) {
    const field = issue.path.length === 0 ? whole : issue.path.map(String).join('.');
    if (!problems.has(field)) problems.set(field, { field, message: sayIssue(issue, value) });
  }
  return { problems: [...problems.values()] };
}

export function sayIssue(issue: z.core.$ZodIssue, value: unknown): string {
  return `expected ${issue.message}, got ${issue.code === 'unrecognized_keys' ? sayKeys(issue) : cameOf(issue, value)}`;
}

const MOST_NAMED = 10;
/** What looks like the name of a field; anything else may be somebody's words. */
const FIELD_NAME = /^[A-Za-z_$][\w$.-]{0,39}$/;

/** Fields that nobody knows, with those that were meant: the schema's words name what it takes. */
function sayKeys({ keys, message }: { readonly keys: readonly string[]; readonly message: string }): string {
  const taken = message.match(/[A-Za-z_][\w-]*/g) ?? [];
  const said = keys.slice(0, MOST_NAMED).map((key) => {
    if (!FIELD_NAME.test(key)) return `a field named by ${sayText(key)}`;
    const meant = nearest(key, taken);
    return meant === undefined ? `"${key}"` : `"${key}" (did you mean "${meant}"?)`;
  });
  return said.join(', ');
}

/** The fields of an object that are none of `known`, with the known one that was meant where one can tell. */
export function unknownFields(known: readonly string[], value: unknown): Problem[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const takes = known.length === 0 ? 'no field is taken here' : `taken are ${known.join(', ')}`;
  const problems = Object.keys(value)
    .filter((name) => !known.includes(name))
    .map((name) => {
      if (!FIELD_NAME.test(name)) return { field: 'body', message: `a field named by ${sayText(name)}; ${takes}` };
      const meant = nearest(name, known);
      return { field: name, message: `unknown field; ${meant === undefined ? takes : `did you mean "${meant}"?`}` };
    });
  return problems.slice(0, MOST_NAMED);
}

/** As it stood in the input: the issue itself may speak of what a schema had made of it, or of the object around it. */
function cameOf(issue: z.core.$ZodIssue, input: unknown): string {
  const value = issue.path.reduce<unknown>(
    (object, key) =>
      typeof object === 'object' && object !== null && Object.hasOwn(object, key)
        ? Reflect.get(object, key)
        : undefined,
    input,
  );
  // Where text was asked for, a number may be somebody's telephone number.
  const numberAsked = typeof value === 'number' && !(issue.code === 'invalid_type' && issue.expected === 'string');
  return numberAsked ? `${value}` : sayKind(value);
}

/** A value by its kind and size. */
export function sayKind(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'string') return sayText(value);
  if (typeof value === 'number') return 'a number';
  return typeof value === 'object' ? 'an object' : `${typeof value === 'boolean' ? value : typeof value}`;
}

function sayText(value: string): string {
  if (value === '') return 'empty text';
  if (value.includes('\u0000')) return 'text with a NUL character (\\u0000)';
  if (value.trim() === '') return 'white space only';
  return `text of ${value.length} character${value.length === 1 ? '' : 's'}`;
}
