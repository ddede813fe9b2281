/** What a field may give in the place of a value: a path to one place, a search that finds many, or a call of an intrinsic function. */
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { Json } from '../domain/json.ts';
import { DATA_LIMIT_EXCEEDED, FlowFailure, INTRINSIC_FAILURE } from './failure.ts';
import { fail, format, INTRINSICS, type Kind } from './intrinsics.ts';
import { type Path, readPath, type Scope } from './path.ts';
import { type Query, runQuery } from './query.ts';
import { isList, isObject, kindOf } from './values.ts';

export type Expression = Path | Query | Call;

export interface Call {
  readonly text: string;
  /** `States.Format`, … */
  readonly name: string;
  readonly args: readonly Argument[];
}

/** `template`: a literal in the first place of `States.Format`, as what stands around its `{}`. */
export type Argument = Expression | { readonly literal: Json } | { readonly template: readonly string[] };

/** AWS's bound on what a state hands on, in bytes; here of what one function makes, in characters of JSON. */
const LARGEST = 262_144;

/**
 * The value, or undefined when a path finds nothing.
 * @throws FlowFailure States.IntrinsicFailure, States.Runtime, States.DataLimitExceeded
 */
export function evaluate(expression: Expression, scope: Scope): Json | undefined {
  if ('steps' in expression) return readPath(expression, scope);
  return 'find' in expression ? runQuery(expression, scope) : call(expression, scope);
}

/** Every path in it, for whoever asks what a definition reads; of a search, where it begins. */
export function pathsOf(expression: Argument): readonly Path[] {
  if ('literal' in expression || 'template' in expression) return [];
  if ('steps' in expression) return [expression];
  return 'find' in expression ? [expression.head] : expression.args.flatMap(pathsOf);
}

function call({ name, args, text }: Call, scope: Scope): Json {
  try {
    const result = name === 'States.Format' ? formatted(args, scope) : applied(name, args, scope);
    if (!fits(result)) throw new FlowFailure(DATA_LIMIT_EXCEEDED, `${text} makes more than ${LARGEST} characters`);
    return result;
  } catch (thrown) {
    if (!(thrown instanceof FlowFailure) || thrown.error !== INTRINSIC_FAILURE) throw thrown;
    // The innermost call names itself.
    throw thrown.message.startsWith('States.')
      ? thrown
      : new FlowFailure(INTRINSIC_FAILURE, `${name}: ${thrown.message}`);
  }
}

function applied(name: string, args: readonly Argument[], scope: Scope): Json {
  const intrinsic = INTRINSICS[name];
  if (!intrinsic) return fail('there is no such function');
  const values = args.map((arg) => valueAt(arg, scope));
  for (const [index, value] of values.entries()) {
    const kind = intrinsic.takes[Math.min(index, intrinsic.takes.length - 1)] ?? 'any';
    if (!isOf(kind, value)) fail(`argument ${index + 1} must be of kind ${kind}; this is ${kindOf(value)}`);
  }
  return intrinsic.run(values, () => sha256(utf8ToBytes(scope.draw?.() ?? fail('there is no chance here'))));
}

function formatted([template, ...rest]: readonly Argument[], scope: Scope): string {
  const values = rest.map((arg) => valueAt(arg, scope));
  if (template === undefined) return fail('a template is needed');
  if ('template' in template) return format(template.template, values);
  const text = valueAt(template, scope);
  return typeof text === 'string'
    ? format(text.split('{}'), values)
    : fail(`the template is no text but ${kindOf(text)}`);
}

function valueAt(arg: Argument, scope: Scope): Json {
  if ('literal' in arg) return arg.literal;
  if ('template' in arg) return arg.template.join('{}');
  const value = evaluate(arg, scope);
  return value === undefined ? fail(`there is nothing at ${arg.text}`) : value;
}

export function isOf(kind: Kind, value: Json): boolean {
  return kind === 'any' || kindOf(value) === kind;
}

/** Stops to look as soon as it is too much: what holds the same list many times over is small in memory alone. */
function fits(value: Json): boolean {
  let left = LARGEST;
  const take = (inner: Json): boolean => {
    left -= typeof inner === 'string' ? inner.length : 1;
    if (left < 0) return false;
    if (isList(inner)) return inner.every(take);
    return !isObject(inner) || Object.entries(inner).every(([key, field]) => take(key) && take(field));
  };
  return take(value);
}
