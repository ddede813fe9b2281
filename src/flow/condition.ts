import type { Json } from '../domain/json.ts';
import { FlowFailure, RUNTIME } from './failure.ts';
import { type Path, readPath, type Scope } from './path.ts';
import { compareInstants, parseInstant } from './timestamp.ts';

export type Family = 'String' | 'Numeric' | 'Boolean' | 'Timestamp';
export type Relation = '=' | '<' | '>' | '<=' | '>=';
export type Test = 'IsNull' | 'IsPresent' | 'IsNumeric' | 'IsString' | 'IsBoolean' | 'IsTimestamp';

/** Everything a Choice rule can ask. */
export type Condition =
  | {
      readonly kind: 'compare';
      readonly family: Family;
      readonly relation: Relation;
      readonly variable: Path;
      readonly value: { readonly constant: Json } | { readonly path: Path };
    }
  | { readonly kind: 'matches'; readonly variable: Path; readonly pattern: string }
  | { readonly kind: 'test'; readonly test: Test; readonly variable: Path; readonly expected: boolean }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  /** Not for us to ask: `text` is what is written. */
  | { readonly kind: 'jsonata'; readonly text: string };

/** What was looked at, by the path's text. `kindOnly`: no more was asked than what kind of value it is. */
export type Looked = Map<string, Look>;
export interface Look {
  readonly path: Path;
  readonly value: Json | undefined;
  readonly kindOnly: boolean;
}

/**
 * Is the condition met? And/Or stop at the first answer, so that a test for presence guards what follows it. `looked`: takes what was looked
 * at, for who wants a record of it.
 * @throws FlowFailure States.Runtime when a path other than IsPresent's finds nothing.
 */
export function isMet(condition: Condition, scope: Scope, looked?: Looked): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.parts.every((part) => isMet(part, scope, looked));
    case 'or':
      return condition.parts.some((part) => isMet(part, scope, looked));
    case 'not':
      return !isMet(condition.part, scope, looked);
    case 'test':
      return isKind(condition, scope, looked) === condition.expected;
    case 'matches': {
      const actual = look(condition.variable, scope, looked);
      return typeof actual === 'string' && matchesPattern(actual, condition.pattern);
    }
    case 'compare': {
      const actual = look(condition.variable, scope, looked);
      const value = 'path' in condition.value ? look(condition.value.path, scope, looked) : condition.value.constant;
      return compare(condition.family, condition.relation, actual, value);
    }
    case 'jsonata':
      throw new TypeError(`${condition.text} is no condition in JSONPath`);
  }
}

function look(path: Path, scope: Scope, looked?: Looked): Json {
  const value = readPath(path, scope);
  if (value === undefined) throw new FlowFailure(RUNTIME, `the Choice looks at ${path.text}, and there is nothing`);
  looked?.set(path.text, { path, value, kindOnly: false });
  return value;
}

function isKind(condition: { test: Test; variable: Path }, scope: Scope, looked?: Looked): boolean {
  const path = condition.variable;
  const value = readPath(path, scope);
  if (looked && !looked.has(path.text)) looked.set(path.text, { path, value, kindOnly: true });
  if (condition.test === 'IsPresent') return value !== undefined;
  if (value === undefined) {
    throw new FlowFailure(RUNTIME, `the Choice looks at ${condition.variable.text}, and there is nothing`);
  }
  switch (condition.test) {
    case 'IsNull':
      return value === null;
    case 'IsNumeric':
      return typeof value === 'number';
    case 'IsString':
      return typeof value === 'string';
    case 'IsBoolean':
      return typeof value === 'boolean';
    case 'IsTimestamp':
      return typeof value === 'string' && parseInstant(value) !== undefined;
  }
}

/** Values of another type than the operator's are not an error: they are just not equal, nor less, nor greater. */
function compare(family: Family, relation: Relation, left: Json, right: Json): boolean {
  switch (family) {
    case 'String':
      return typeof left === 'string' && typeof right === 'string' && related(relation, left, right);
    case 'Numeric':
      return typeof left === 'number' && typeof right === 'number' && related(relation, left, right);
    case 'Boolean':
      return typeof left === 'boolean' && left === right;
    case 'Timestamp': {
      if (typeof left !== 'string' || typeof right !== 'string') return false;
      const [a, b] = [parseInstant(left), parseInstant(right)];
      return a !== undefined && b !== undefined && related(relation, compareInstants(a, b), 0);
    }
  }
}

function related<T extends string | number>(relation: Relation, left: T, right: T): boolean {
  switch (relation) {
    case '=':
      return left === right;
    case '<':
      return left < right;
    case '>':
      return left > right;
    case '<=':
      return left <= right;
    case '>=':
      return left >= right;
  }
}

/** `*` stands for any characters, also none; `\*` is an asterisk, `\\` a backslash. */
export function matchesPattern(text: string, pattern: string): boolean {
  const [head = '', ...rest] = splitPattern(pattern);
  const tail = rest.pop();
  if (tail === undefined) return text === head;
  if (text.length < head.length + tail.length || !text.startsWith(head) || !text.endsWith(tail)) return false;
  // First fit is best fit between wildcards, so a text of any length takes linear time, unlike a regular expression.
  let at = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - tail.length;
}

function splitPattern(pattern: string): string[] {
  const parts = [''];
  for (const [token] of pattern.matchAll(/\\[\s\S]|[\s\S]/gu)) {
    if (token === '*') parts.push('');
    else parts[parts.length - 1] += token.length > 1 && token.startsWith('\\') ? token.slice(1) : token;
  }
  return parts;
}
