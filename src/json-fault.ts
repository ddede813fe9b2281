import { quoted } from './flow/problems.ts';

/** What is wrong with a text that should be JSON, and at which character. */
export interface JsonFault {
  readonly at: number;
  readonly what: string;
}

class Fault extends Error {
  readonly at: number;

  constructor(at: number, what: string) {
    super(what);
    this.at = at;
  }
}

/** Deeper than what is taken for a flow; readers call themselves for what is nested. */
export const DEEPEST = 200;

/**
 * The first fault of a text as JSON; a key that stands twice in an object is one too, though `JSON.parse` takes the last. The engine's own
 * messages quote the text, which may not be a flow at all, and leave out the place where the text is short.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  try {
    const end = skipSpace(text, readValue(text, skipSpace(text, 0), 0));
    if (end < text.length) throw faultAt(text, end, 'the end, for the value is complete');
    return undefined;
  } catch (fault) {
    if (fault instanceof Fault) return { at: fault.at, what: fault.message };
    throw fault;
  }
}

export const TOO_DEEP = `this is nested more than ${DEEPEST} deep`;

const SPACE = /[ \t\n\r]*/y;
const LITERAL = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

/** Each reader takes the place where its part begins and gives the place behind it. */
function readValue(text: string, at: number, depth: number): number {
  if (depth > DEEPEST) throw new Fault(at, TOO_DEEP);
  if (text[at] === '{') return readObject(text, at, depth);
  if (text[at] === '[') return readArray(text, at, depth);
  if (text[at] === '"') return readString(text, at);
  const length = lengthAt(LITERAL, text, at);
  if (length === 0) throw faultAt(text, at, 'a value');
  return at + length;
}

function readObject(text: string, start: number, depth: number): number {
  const keys = new Set<string>();
  let at = skipSpace(text, start + 1);
  if (text[at] === '}') return at + 1;
  for (;;) {
    if (text[at] !== '"') throw faultAt(text, at, 'a key in double quotes');
    const end = readString(text, at);
    const key = JSON.parse(text.slice(at, end)) as string;
    if (keys.has(key)) throw new Fault(at, `the key ${quoted(key)} stands twice`);
    keys.add(key);
    at = skipSpace(text, end);
    if (text[at] !== ':') throw faultAt(text, at, 'a colon');
    at = skipSpace(text, readValue(text, skipSpace(text, at + 1), depth + 1));
    if (text[at] === '}') return at + 1;
    at = readComma(text, at, '}');
  }
}

function readArray(text: string, start: number, depth: number): number {
  let at = skipSpace(text, start + 1);
  if (text[at] === ']') return at + 1;
  for (;;) {
    at = skipSpace(text, readValue(text, at, depth + 1));
    if (text[at] === ']') return at + 1;
    at = readComma(text, at, ']');
  }
}

function readComma(text: string, at: number, close: '}' | ']'): number {
  if (text[at] !== ',') throw faultAt(text, at, `a comma or ${close}`);
  const next = skipSpace(text, at + 1);
  if (text[next] === close) throw new Fault(at, `JSON has no comma before ${close}; take it out`);
  return next;
}

function readString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const sign = text[at] ?? '';
    if (sign === '"') return at + 1;
    if (sign < ' ') throw new Fault(at, 'a string stands on one line, its line breaks and tabs as \\n and \\t');
    if (sign !== '\\') continue;
    const length = lengthAt(ESCAPE, text, at);
    if (length === 0) throw new Fault(at, 'a backslash stands before " \\ / b f n r t, or u and four digits');
    at += length - 1;
  }
  throw new Fault(start, 'this string has no end');
}

function faultAt(text: string, at: number, expected: string): Fault {
  if (text.trim() === '') return new Fault(at, 'the file is empty');
  if (at >= text.length) return new Fault(at, `the file ends too early, before ${expected}`);
  if (/^(?:\/[/*]|#)/.test(text.slice(at, at + 2))) {
    return new Fault(at, 'JSON has no comments; take it out, or give it to a field "Comment"');
  }
  return new Fault(at, `here JSON needs ${expected}`);
}

function skipSpace(text: string, at: number): number {
  return at + lengthAt(SPACE, text, at);
}

function lengthAt(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}
