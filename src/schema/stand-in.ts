/** Something that a schema takes, in the place of what it refuses. */
import { z } from 'zod';

/** One of each kind of field. Nobody has such a name. */
const ANY: readonly unknown[] = [
  undefined,
  false,
  1,
  'stand-in',
  'STAND_IN',
  'stand-in@stand-in.example',
  'https://stand-in.example',
  'UTC',
  '1 h',
  '7 d',
  '50%',
  '01-01',
  '00:00',
  '00:00-01:00',
  '2026-01-05 09:00',
  'P1Y',
  [],
  {},
];

/** Undefined where there is none, or where nothing will do. Whoever looks at it must know that it says nothing (`judge`). */
export function standIn(schema: z.ZodType): unknown {
  const inside = insideOf(schema);
  const found = ANY.find((one) => schema.safeParse(one).success);
  if (found !== undefined || schema.safeParse(undefined).success) return found;
  if (inside instanceof z.ZodEnum) return inside.options[0];
  if (inside instanceof z.ZodArray) return [standIn(inside.element as z.ZodType)];
  if (inside instanceof z.ZodUnion) return standIn(inside.options[0] as z.ZodType);
  if (!(inside instanceof z.ZodObject)) return undefined;
  const parts = Object.entries(inside.shape as Record<string, z.ZodType>).map(([key, part]) => [key, standIn(part)]);
  return Object.fromEntries(parts.filter(([, part]) => part !== undefined));
}

/** What is written in the file: without the defaults and changes around it. */
export function insideOf(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return insideOf(schema.unwrap() as z.ZodType);
  }
  return schema instanceof z.ZodPipe ? insideOf(schema.in as z.ZodType) : schema;
}
