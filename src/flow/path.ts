import type { Json } from '../domain/json.ts';
import { FlowFailure, RESULT_PATH_MATCH_FAILURE } from './failure.ts';
import { quoted } from './problems.ts';
import { isList, isObject, kindOf, own } from './values.ts';

/**
 * A reference path: names exactly one place, in the input (`$.a.b[0]['c d']`), in the context object (`$$.State.Name`) or in a variable
 * (`$order.id`, whose first step is the variable's name).
 */
export interface Path {
  readonly text: string;
  readonly root: 'input' | 'context' | 'variable';
  readonly steps: readonly (string | number)[];
}

/** What paths are read from. The context is made when it is first asked for: most flows never do. */
export interface Scope {
  readonly input: Json;
  readonly context: () => Json;
  readonly variables?: Variables;
  /** A text that no other draw has: what functions of chance are made of. Absent where no state runs. */
  readonly draw?: () => string;
}

/** What Assign has set, by name. */
export type Variables = Readonly<Record<string, Json>>;

export type PathReading = { readonly path: Path } | { readonly problem: string };

export const WHOLE: Path = { text: '$', root: 'input', steps: [] };

const STEP = /\.((?:[^\s.[\]()*?@,:'"\\]|\\.)+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/uy;

/** Signs of JSONPath beyond reference paths: descent, wildcards, filters, slices, unions, negative indexes. */
const FULL_JSONPATH = /\.\.[^.]|\*|\[\s*[?(]|@|\[\s*-?\d*\s*:|\[\s*-\d|\[\s*\d+\s*,|['"]\s*,\s*['"]/u;

/** Longer than any path that a person writes; of millions of characters the regular expression's stack would overflow. */
const LONGEST_PATH = 1_000;

export function parsePath(text: string): PathReading {
  if (text.length > LONGEST_PATH) return { problem: `a path has at most ${LONGEST_PATH} characters` };
  if (isCall(text)) return { problem: `${quoted(text)} calls a function; here a path is needed` };
  if (!text.startsWith('$'))
    return { problem: `${quoted(text)} is not a path; a path begins with $, as in $.ticket.priority` };
  const path = referencePart(text);
  return path.text === text ? { path } : { problem: problemAt(text, path.text.length) };
}

function problemAt(text: string, at: number): string {
  if (isSearch(text)) {
    return `${quoted(text)} may name more than one place; here one is needed, as in $.a.b[0]['c d']`;
  }
  return `${quoted(text)} is not a path: character ${at + 1} is out of place; write it like $.a.b[0]['c d']`;
}

/** Does `text` want to be a JSONPath that may name any number of places? */
export function isSearch(text: string): boolean {
  return text.startsWith('$') && FULL_JSONPATH.test(text);
}

/** The name that a path to a variable begins with, after its `$`; AWS's rule for names of variables is Unicode's for identifiers. */
const VARIABLE = /\$([\p{ID_Start}_][\p{ID_Continue}]*)/uy;

export function isCall(text: string): boolean {
  return /^States\.\w+\s*\(/u.test(text);
}

/** The reference path that a path begins with: all of it, or what stands before the first sign that has no place in one. */
export function referencePart(text: string): Path {
  const [begin, variable] = beginOf(text);
  const root = begin === '$$' ? 'context' : variable === undefined ? 'input' : 'variable';
  const steps: (string | number)[] = variable === undefined ? [] : [variable];
  let at = begin.length;
  for (;;) {
    STEP.lastIndex = at;
    const step = STEP.exec(text);
    if (!step) return { text: text.slice(0, at), root, steps };
    steps.push(stepOf(step));
    at += step[0].length;
  }
}

/** `$`, `$$` or a variable's `$name`. */
export function beginOf(text: string): readonly [begin: string, variable?: string] {
  if (text.startsWith('$$')) return ['$$'];
  // A class of Unicode letters is compiled anew in every workflow: what is no variable at first sight doesn't ask it.
  if (text.length < 2 || '.['.includes(text.charAt(1))) return ['$'];
  VARIABLE.lastIndex = 0;
  const [begin = '$', variable] = VARIABLE.exec(text) ?? [];
  return variable === undefined ? ['$'] : [begin, variable];
}

function stepOf([, plain, index, single, double]: RegExpExecArray): string | number {
  return index === undefined ? (plain ?? single ?? double ?? '').replace(/\\(.)/gu, '$1') : Number(index);
}

/** The value at `path`, or undefined when there is none. */
export function readPath(path: Path, scope: Scope): Json | undefined {
  let value: Json | undefined = rootOf(path, scope);
  for (const step of path.steps) {
    if (typeof step === 'number') value = isList(value) ? value[step] : undefined;
    else value = isObject(value) ? own(value, step) : undefined;
    if (value === undefined) return undefined;
  }
  return value;
}

export function rootOf({ root }: Pick<Path, 'root'>, scope: Scope): Json {
  if (root === 'input') return scope.input;
  return root === 'context' ? scope.context() : (scope.variables ?? {});
}

/**
 * `input` with `value` put at `path`; missing objects on the way are made.
 * @throws FlowFailure States.ResultPathMatchFailure when something that is no object, or no such place in an array, is in the way.
 */
export function writePath(path: Path, input: Json, value: Json): Json {
  return writeSteps(path, 0, input, value);
}

function writeSteps(path: Path, depth: number, target: Json | undefined, value: Json): Json {
  const step = path.steps[depth];
  if (step === undefined) return value;
  if (typeof step === 'number') {
    if (!isList(target) || step >= target.length) throw inTheWay(path, depth, target);
    return target.map((item, index) => (index === step ? writeSteps(path, depth + 1, item, value) : item));
  }
  if (target !== undefined && !isObject(target)) throw inTheWay(path, depth, target);
  const inner = writeSteps(path, depth + 1, target && own(target, step), value);
  return { ...target, [step]: inner };
}

function inTheWay(path: Path, depth: number, target: Json | undefined): FlowFailure {
  const step = path.steps[depth];
  const found = isList(target) ? `an array of ${target.length}` : kindOf(target);
  const cause = `ResultPath ${path.text} can't be applied: at step ${depth + 1} (${step}) the input has ${found}`;
  return new FlowFailure(RESULT_PATH_MATCH_FAILURE, cause);
}
