/** What is known of a value before anything runs: which fields it may have. */
import type { Json, JsonObject } from '../domain/json.ts';
import type { Expression } from './expression.ts';
import type { Path } from './path.ts';
import type { Template } from './template.ts';
import { isList, isObject, own } from './values.ts';

/**
 * `any`: nothing is known. `leaf`: a value without fields. `object`: no field but these, each of which may be missing; an `open` one may have
 * others. `personal`: it is, or may hold, what a person wrote or is called.
 */
export type Shape =
  | { readonly kind: 'any'; readonly personal?: boolean }
  | { readonly kind: 'leaf'; readonly personal?: boolean }
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, Shape>; readonly open?: true };

export const ANY: Shape = { kind: 'any' };
export const LEAF: Shape = { kind: 'leaf' };
export const EMPTY: Shape = { kind: 'object', fields: new Map() };

/** What is deeper is taken as unknown, and so is what has more fields: a loop may nest a value without end. */
const DEEPEST = 8;
const MOST_FIELDS = 200;

export function objectOf(fields: Iterable<readonly [string, Shape]>, isOpen = false): Shape {
  const open = isOpen ? { open: true as const } : {};
  const shape = cut({ kind: 'object', fields: new Map(fields), ...open }, DEEPEST);
  return size(shape) > MOST_FIELDS ? ANY : shape;
}

function cut(shape: Shape, depth: number): Shape {
  if (shape.kind !== 'object') return shape;
  if (depth === 0) return isPersonal(shape) ? PERSONAL_ANY : ANY;
  const fields = new Map([...shape.fields].map(([name, field]) => [name, cut(field, depth - 1)] as const));
  return isSame(fields, shape.fields) ? shape : { ...shape, fields };
}

function size(shape: Shape): number {
  if (shape.kind !== 'object') return 1;
  return [...shape.fields.values()].reduce((sum, field) => sum + size(field), 1);
}

/** Either of the two: whatever one of them may have. */
export function either(one: Shape, other: Shape): Shape {
  if (one === other) return one;
  if (one.kind === 'object' && other.kind === 'object') {
    const fields = new Map(one.fields);
    for (const [name, field] of other.fields) {
      const there = fields.get(name);
      fields.set(name, there ? either(there, field) : field);
    }
    const isOpen = one.open === true || other.open === true;
    return isSame(fields, one.fields) && isOpen === (one.open === true) ? one : objectOf(fields, isOpen);
  }
  if (one.kind === 'any' && (isPersonal(one) || !isPersonal(other))) return one;
  if (one.kind === 'any' || other.kind === 'any') return isPersonal(one) || isPersonal(other) ? PERSONAL_ANY : ANY;
  if (one.kind === 'object') return one;
  if (other.kind === 'object') return other;
  return isPersonal(one) ? one : other;
}
const PERSONAL_ANY: Shape = { kind: 'any', personal: true };

function isSame(one: ReadonlyMap<string, Shape>, other: ReadonlyMap<string, Shape>): boolean {
  return one.size === other.size && [...one].every(([name, shape]) => other.get(name) === shape);
}

export function isPersonal(shape: Shape): boolean {
  return shape.kind === 'object' ? [...shape.fields.values()].some(isPersonal) : shape.personal === true;
}

/** What is at these steps; undefined: nothing can be there. */
export function shapeAt(shape: Shape, steps: Path['steps']): Shape | undefined {
  let at: Shape = shape;
  for (const step of steps) {
    if (at.kind === 'any') return at;
    const next = at.kind === 'object' && typeof step === 'string' ? fieldOf(at, step) : undefined;
    if (next === undefined) return undefined;
    at = next;
  }
  return at;
}

function fieldOf({ fields, open }: Shape & { kind: 'object' }, name: string): Shape | undefined {
  return fields.get(name) ?? (open ? ANY : undefined);
}

/** `shape` with `value` put at these steps, as ResultPath does. */
export function shapeWith(shape: Shape, steps: Path['steps'], value: Shape): Shape {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (shape.kind !== 'object' || typeof step === 'number') return ANY;
  const there = fieldOf(shape, step) ?? EMPTY;
  return objectOf([...shape.fields, [step, shapeWith(there, rest, value)]], shape.open);
}

export function shapeOfValue(value: Json): Shape {
  // Nobody asks what the fields of a list's items are.
  if (isList(value)) return ANY;
  return isObject(value) ? objectOf(Object.entries(value).map(([name, field]) => [name, shapeOfValue(field)])) : LEAF;
}

/** What a payload template makes. `at`: what a path in it finds. */
export function shapeOfTemplate(template: Template, at: (expression: Expression) => Shape): Shape {
  switch (template.kind) {
    case 'value':
      return shapeOfValue(template.value);
    case 'array':
      return ANY;
    case 'object':
      return objectOf(template.fields.map(([name, field]) => [name, shapeOfTemplate(field, at)]));
    case 'expression':
      return at(template.expression);
  }
}

/** Of JSON Schema only what says which fields there are (`properties`, `additionalProperties`), and `x-personal` of ours. */
export function shapeOfSchema(schema: JsonObject): Shape {
  const personal = own(schema, 'x-personal') === true;
  const properties = own(schema, 'properties');
  if (isObject(properties)) {
    const fields = Object.entries(properties).map(([name, field]) => {
      return [name, isObject(field) ? shapeOfSchema(field) : ANY] as const;
    });
    return objectOf(fields, own(schema, 'additionalProperties') !== false);
  }
  const types = [own(schema, 'type')].flat();
  const isLeaf = types.every((type) => typeof type === 'string' && type !== 'object' && type !== 'array');
  return { kind: isLeaf ? 'leaf' : 'any', ...(personal ? { personal } : {}) };
}
