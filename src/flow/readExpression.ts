/** Reads what `expression.ts` evaluates. */
import type { Json } from '../domain/json.ts';
import { type Argument, type Call, type Expression, isOf } from './expression.ts';
import { INTRINSICS, type Kind } from './intrinsics.ts';
import { nearest } from './nearest.ts';
import { isCall, isSearch, type Path, parsePath } from './path.ts';
import { oneOf, quoted } from './problems.ts';
import { parseQuery, type Query } from './query.ts';
import { kindOf } from './values.ts';

/** Longer than any that a person writes; what parses them must not have to bear more. */
const LONGEST = 10_000;
/** AWS nests ten functions at most in one field. */
const DEEPEST = 10;

type Reading<T> = { readonly expression: T } | { readonly problem: string };

/** A path, or a search: what InputPath and OutputPath take. */
export function parseSelection(text: string): Reading<Path | Query> {
  const reading = parsePath(text);
  if ('path' in reading) return { expression: reading.path };
  if (text.length > LONGEST || !isSearch(text)) return reading;
  const search = parseQuery(text);
  return 'query' in search ? { expression: search.query } : search;
}

/** Anything: what a field `x.$` of a payload template takes. */
export function parseExpression(text: string): Reading<Expression> {
  if (text.length > LONGEST) return { problem: `an expression has at most ${LONGEST} characters` };
  if (!isCall(text)) return parseSelection(text);
  const cursor: Cursor = { text, at: 0 };
  try {
    const call = readCall(cursor, 1);
    skipSpace(cursor);
    if (cursor.at < text.length) throw new Wrong(`${quoted(text.slice(cursor.at))} after the function is too much`);
    return { expression: call };
  } catch (thrown) {
    if (!(thrown instanceof Wrong)) throw thrown;
    return { problem: `${quoted(text)}: ${thrown.message}` };
  }
}

interface Cursor {
  readonly text: string;
  at: number;
}

/** What is wrong with the text; never leaves this file. */
class Wrong extends Error {}

function skipSpace(cursor: Cursor): void {
  while (/\s/.test(cursor.text.charAt(cursor.at))) cursor.at += 1;
}

function take(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  if (found !== undefined) cursor.at += found.length;
  return found;
}

const NAME = /States\.\w+/y;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y;
const WORD = /(?:true|false|null)(?!\w)/y;

function readCall(cursor: Cursor, depth: number): Call {
  if (depth > DEEPEST) throw new Wrong(`more than ${DEEPEST} functions are nested`);
  skipSpace(cursor);
  const begin = cursor.at;
  const name = take(cursor, NAME) ?? '';
  const known = ['States.Format', ...Object.keys(INTRINSICS)];
  if (!known.includes(name)) throw new Wrong(sayUnknown(name, known));
  skipSpace(cursor);
  if (cursor.text.charAt(cursor.at) !== '(') throw new Wrong(`after ${name} comes (`);
  cursor.at += 1;
  const args = readArguments(cursor, name, depth);
  checkArguments(name, args);
  return { text: cursor.text.slice(begin, cursor.at), name, args };
}

function sayUnknown(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return `there is no function ${name}${meant === undefined ? `; there are ${oneOf(known)}` : `, perhaps ${meant} is meant`}`;
}

function readArguments(cursor: Cursor, name: string, depth: number): Argument[] {
  const args: Argument[] = [];
  for (;;) {
    skipSpace(cursor);
    if (args.length === 0 && cursor.text.charAt(cursor.at) === ')') break;
    args.push(readArgument(cursor, name === 'States.Format' && args.length === 0, depth));
    skipSpace(cursor);
    const sign = cursor.text.charAt(cursor.at);
    if (sign === ')') break;
    if (sign !== ',') throw new Wrong(sign === '' ? `${name} lacks its )` : `${quoted(sign)} stands where , or ) must`);
    cursor.at += 1;
  }
  cursor.at += 1;
  return args;
}

function readArgument(cursor: Cursor, isTemplate: boolean, depth: number): Argument {
  const first = cursor.text.charAt(cursor.at);
  if (first === "'") return readLiteral(cursor, isTemplate);
  if (first === '$') return readInner(cursor);
  if (isCall(cursor.text.slice(cursor.at, cursor.at + LONGEST_NAME))) return readCall(cursor, depth + 1);
  const plain = take(cursor, NUMBER) ?? take(cursor, WORD);
  if (plain !== undefined) return { literal: JSON.parse(plain) as Json };
  const rest = cursor.text.slice(cursor.at, cursor.at + 20);
  throw new Wrong(`${quoted(rest)} is no argument; take 'text', a number, true, false, null, a path or a function`);
}

const LONGEST_NAME = 100;

/** `\'`, `\{`, `\}` and `\\` stand for the sign itself; `{}` without a backslash is a place of a template. */
function readLiteral(cursor: Cursor, isTemplate: boolean): Argument {
  const parts = [''];
  const add = (sign: string) => {
    parts[parts.length - 1] += sign;
  };
  for (cursor.at += 1; ; cursor.at += 1) {
    const sign = cursor.text.charAt(cursor.at);
    if (sign === '') throw new Wrong("a text lacks its closing '");
    if (sign === "'") break;
    if (sign === '\\') {
      cursor.at += 1;
      const escaped = cursor.text.charAt(cursor.at);
      if (!"'{}\\".includes(escaped) || escaped === '')
        throw new Wrong("a backslash stands before ', {, } or \\ alone");
      add(escaped);
    } else if (isTemplate && cursor.text.startsWith('{}', cursor.at)) {
      cursor.at += 1;
      parts.push('');
    } else {
      add(sign);
    }
  }
  cursor.at += 1;
  return isTemplate ? { template: parts } : { literal: parts.join('') };
}

/** A path ends at the comma or bracket that belongs to the call, not to a filter or a name in quotes. */
function readInner(cursor: Cursor): Path | Query {
  const begin = cursor.at;
  let depth = 0;
  for (; cursor.at < cursor.text.length; cursor.at += 1) {
    const sign = cursor.text.charAt(cursor.at);
    if (sign === "'" || sign === '"') skipQuoted(cursor, sign);
    else if (sign === '[' || sign === '(') depth += 1;
    else if (depth > 0 && (sign === ']' || sign === ')')) depth -= 1;
    else if (depth === 0 && (sign === ',' || sign === ')')) break;
  }
  const reading = parseSelection(cursor.text.slice(begin, cursor.at).trimEnd());
  if ('problem' in reading) throw new Wrong(reading.problem);
  return reading.expression;
}

function skipQuoted(cursor: Cursor, quote: string): void {
  for (cursor.at += 1; cursor.at < cursor.text.length && cursor.text.charAt(cursor.at) !== quote; cursor.at += 1) {
    if (cursor.text.charAt(cursor.at) === '\\') cursor.at += 1;
  }
}

function checkArguments(name: string, args: readonly Argument[]): void {
  const { least, most, takes } = INTRINSICS[name] ?? FORMAT;
  if (args.length < least || args.length > most) {
    throw new Wrong(`${name} takes ${sayCount(least, most)}; these are ${args.length}`);
  }
  for (const [index, arg] of args.entries()) {
    const kind = takes[Math.min(index, takes.length - 1)] ?? 'any';
    if ('literal' in arg && !isOf(kind, arg.literal)) {
      throw new Wrong(`argument ${index + 1} of ${name} must be of kind ${kind}; this is ${kindOf(arg.literal)}`);
    }
  }
  const [template, ...rest] = args;
  if (template && 'template' in template && template.template.length - 1 !== rest.length) {
    throw new Wrong(`the template has ${template.template.length - 1} {} and there are ${rest.length} values for them`);
  }
}

const FORMAT: { readonly takes: readonly Kind[]; readonly least: number; readonly most: number } = {
  takes: ['string', 'any'],
  least: 1,
  most: Number.POSITIVE_INFINITY,
};

function sayCount(least: number, most: number): string {
  if (most === Number.POSITIVE_INFINITY) return `at least ${least} argument${least === 1 ? '' : 's'}`;
  const range = least === most ? `${least}` : `${least} to ${most}`;
  return `${range} argument${most === 1 ? '' : 's'}`;
}
