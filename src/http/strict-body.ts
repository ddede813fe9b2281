/** A body whose every field counts: one that nobody knows is a slip of the pen, and what it was to say must not be lost in silence. */
import type { z } from 'zod';
import type { Problem } from '../domain/errors.ts';
import { check, unknownFields } from '../schema/problems.ts';
import { parseJson } from './body.ts';
import { Refusal } from './refusal.ts';

/** @throws Refusal 400 (no JSON; a field that is not known), 422 (a field that is wrong) */
export function readFields<T extends z.ZodObject>(schema: T, body: Uint8Array): z.output<T> {
  const value = parseJson(body);
  const unknown = unknownFields(Object.keys(schema.shape), value);
  if (unknown.length > 0) {
    throw refused(400, 'UnknownField', 'There are fields that are not known here; "problems" names each.', unknown);
  }
  const checked = check(schema, value, 'body');
  if (!('problems' in checked)) return checked.data;
  const wrong = 'The request is not as it should be; "problems" names every wrong field.';
  throw refused(422, 'InvalidRequest', wrong, checked.problems);
}

function refused(status: 400 | 422, code: 'UnknownField' | 'InvalidRequest', message: string, problems: Problem[]) {
  return new Refusal(status, code, message, { problems });
}
