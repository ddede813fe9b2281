/** Judges a whole policy in one round: what is wrong with each field, and what is wrong between those that are in order. */
import { z } from 'zod';
import type { Problem } from '../domain/errors.ts';
import { nearest } from '../flow/nearest.ts';
import { sayIssue, sayKind } from './problems.ts';
import { insideOf, standIn } from './stand-in.ts';

/**
 * Can the field be gone by? Not where it, what it stands in, or anything in it is wrong: the policy has a stand-in there, which says
 * nothing. `*` is any entry: `agents.*.skills`.
 */
export type IsSound = (field: string) => boolean;
/** What is wrong between the fields of a policy. It says nothing that rests on a field which is not sound, its own apart. */
export type ContradictionsOf<T> = (policy: T, isSound: IsSound) => readonly Problem[];

export interface Judged<T> {
  /** With stand-ins where a field is wrong; undefined: nothing can be read of it. */
  readonly policy: T | undefined;
  readonly isSound: IsSound;
  readonly problems: readonly Problem[];
}

/** The field that the whole file is called. */
export const WHOLE = 'file';

export function judge<T extends z.ZodType>(
  schema: T,
  value: unknown,
  contradictionsOf: ContradictionsOf<z.output<T>>,
): Judged<z.output<T>> {
  const found: Found = { problems: [], wrong: [] };
  const read = schema.safeParse(mended(schema, value, [], found));
  const isSound: IsSound = (field) => !found.wrong.some((path) => touches(path, partsOf(field)));
  const policy = read.success ? read.data : undefined;
  const contradictions = policy === undefined ? [] : contradictionsOf(policy, isSound);
  const isOwn = ({ field }: Problem) =>
    !found.wrong.some((path) => path.length <= partsOf(field).length && touches(path, partsOf(field)));
  return { policy, isSound, problems: [...found.problems, ...contradictions.filter(isOwn)] };
}

type Path = readonly string[];
interface Found {
  readonly problems: Problem[];
  /** Where there are stand-ins now, and fields that may be there under a name which nobody knows. */
  readonly wrong: Path[];
}

function partsOf(field: string): Path {
  return field === '' ? [] : field.split('.');
}

/** Is one of them the other, or in it? */
function touches(path: Path, wanted: Path): boolean {
  const shared = Math.min(path.length, wanted.length);
  return path.slice(0, shared).every((part, i) => wanted[i] === '*' || wanted[i] === part);
}

/** What the schema takes of the value, with stand-ins for the rest. */
function mended(schema: z.ZodType, value: unknown, path: Path, found: Found): unknown {
  const result = schema.safeParse(value);
  if (result.success) return value;
  const wrongBefore = found.wrong.length;
  const parts = mendedParts(insideOf(schema), value, path, found);
  const again = parts === undefined ? result : schema.safeParse(parts);
  if (again.success) return parts;
  // A rule for the whole of it can't be held against stand-ins; how many there are can.
  const issues = again.error.issues.filter(({ code }) => found.wrong.length === wrongBefore || isOfNumber(code));
  complain(issues, parts ?? value, path, found);
  found.wrong.push(path);
  return standIn(schema);
}

function isOfNumber(code: z.core.$ZodIssue['code']): boolean {
  return code === 'too_small' || code === 'too_big';
}

function complain(issues: readonly z.core.$ZodIssue[], value: unknown, path: Path, { problems }: Found): void {
  const fields = new Set<string>();
  for (const issue of issues) {
    const field = [...path, ...issue.path.map(String)].join('.') || WHOLE;
    const message =
      path.length === 0 && value === null ? `is empty; expected ${issue.message}` : sayIssue(issue, value);
    if (!fields.has(field)) problems.push({ field, message });
    fields.add(field);
  }
}

/** Undefined for what has no parts, or none that fit. */
function mendedParts(inside: z.ZodType, value: unknown, path: Path, found: Found): unknown {
  if (inside instanceof z.ZodArray) {
    if (!Array.isArray(value)) return undefined;
    return value.map((part, i) => mended(inside.element as z.ZodType, part, [...path, `${i}`], found));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const given = value as Readonly<Record<string, unknown>>;
  if (inside instanceof z.ZodObject) return mendedObject(inside, given, path, found);
  if (inside instanceof z.ZodRecord) return mendedRecord(inside, given, path, found);
  const option = inside instanceof z.ZodUnion ? optionFor(inside, given) : undefined;
  return option && mendedParts(option, value, path, found);
}

function mendedObject(object: z.ZodObject, given: Readonly<Record<string, unknown>>, path: Path, found: Found) {
  const names = Object.keys(object.shape);
  // The reader of the file has told of that one.
  const strangers = Object.keys(given).filter((name) => !names.includes(name) && name !== '__proto__');
  const absent = names.filter((name) => given[name] === undefined);
  const meant = strangers.map((name) => nearest(name, absent));
  for (const [i, name] of strangers.entries()) {
    const mend = meant[i] ?? nearest(name, names);
    const said = mend === undefined ? `taken are ${names.join(', ')}` : `did you mean "${mend}"?`;
    found.problems.push({ field: [...path, name].join('.'), message: `unknown field; ${said}` });
  }
  // Whatever is absent may be what a stranger was to be.
  if (strangers.length > 0) found.wrong.push(...absent.map((name) => [...path, name]));
  const parts = names.map((name) => {
    const part = object.shape[name] as z.ZodType;
    if (meant.includes(name)) return [name, standIn(part)] as const;
    return [name, mended(part, given[name], [...path, name], found)] as const;
  });
  return Object.fromEntries(parts.filter(([, part]) => part !== undefined));
}

function mendedRecord(record: z.ZodRecord, given: Readonly<Record<string, unknown>>, path: Path, found: Found) {
  const named = Object.entries(given).filter(([name]) => {
    const key = (record.keyType as z.ZodType).safeParse(name);
    if (key.success) return true;
    found.wrong.push([...path, name]);
    found.problems.push({
      field: [...path, name].join('.'),
      message: `expected as its name ${key.error.issues[0]?.message ?? 'another one'}, got ${sayKind(name)}`,
    });
    return false;
  });
  const entries = named.map(
    ([name, part]) => [name, mended(record.valueType as z.ZodType, part, [...path, name], found)] as const,
  );
  return Object.fromEntries(entries);
}

/** The one that the fields speak for: by its kind, as the only one that has fields, or that has these. */
function optionFor(union: z.ZodUnion, given: Readonly<Record<string, unknown>>): z.ZodType | undefined {
  const options = union.options.map((option) => insideOf(option as z.ZodType));
  const fitting = options.filter((option) => {
    if (option instanceof z.ZodRecord) return true;
    if (!(option instanceof z.ZodObject)) return false;
    if (!(union instanceof z.ZodDiscriminatedUnion)) return true;
    const { discriminator } = union.def;
    return (option.shape[discriminator] as z.ZodType).safeParse(given[discriminator]).success;
  });
  if (fitting.length <= 1) return fitting[0];
  const having = fitting.filter(
    (option) => option instanceof z.ZodObject && Object.keys(given).every((name) => Object.hasOwn(option.shape, name)),
  );
  return having.length === 1 ? having[0] : undefined;
}
