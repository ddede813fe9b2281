/** JSONPath that may name any number of places, by RFC 9535; the library knows the language, and here stands what we make of it. */
import { JSONPathEnvironment, jsonpath } from 'json-p3';
import type { Json } from '../domain/json.ts';
import { FlowFailure, RUNTIME } from './failure.ts';
import { beginOf, type Path, readPath, referencePart, rootOf, type Scope } from './path.ts';
import { quoted } from './problems.ts';
import { isObject, own } from './values.ts';

export interface Query {
  readonly text: string;
  readonly root: Path['root'];
  /** What the path must lead to before its first wildcard, filter or slice: as on AWS, nothing there is an error and no empty list. */
  readonly head: Path;
  /** One place at most: what stands there is the value. Else the value is the list of what is found. */
  readonly single: boolean;
  readonly find: (value: Json) => readonly Json[];
}

/** Nested deeper than this, data is not searched by `..`; each level costs some of the stack. */
const DEEPEST = 200;
const environment = new JSONPathEnvironment({ maxRecursionDepth: DEEPEST });
// A regular expression of the definition can take for ever, and workflows share a thread.
for (const name of ['match', 'search']) environment.functionRegister.delete(name);

export type QueryReading = { readonly query: Query } | { readonly problem: string };

export function parseQuery(text: string): QueryReading {
  const head = referencePart(text);
  const slow = tooSlow(text);
  if (slow !== undefined) return { problem: `${quoted(text)} is not supported: ${slow}` };
  try {
    const compiled = environment.compile(`$${text.slice(beginOf(text)[0].length)}`);
    if (unionsThatOverlap(compiled) > 1)
      return {
        problem: `${quoted(text)} is not supported: more than one list in [] may name a place twice, and each doubles what it finds`,
      };
    const variable = head.root === 'variable' ? head.steps[0] : undefined;
    const find = (value: Json): readonly Json[] => {
      const from = typeof variable === 'string' && isObject(value) ? own(value, variable) : value;
      return compiled.query(from as Parameters<typeof compiled.query>[0]).values() as Json[];
    };
    return {
      query: {
        text,
        root: head.root,
        head,
        single: compiled.singularQuery(),
        find,
      },
    };
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message.replace(/ \(.*$/su, '') : String(thrown);
    return { problem: `${quoted(text)} is no JSONPath: ${why}` };
  }
}

/**
 * Undefined when there is nothing: not even a list to look in.
 * @throws FlowFailure States.Runtime when the data is nested too deep to be searched.
 */
export function runQuery(query: Query, scope: Scope): Json | undefined {
  if (readPath(query.head, scope) === undefined) return undefined;
  try {
    const found = query.find(rootOf(query, scope));
    return query.single ? found[0] : found;
  } catch (thrown) {
    // The library's words quote what it met.
    const kind = thrown instanceof Error ? thrown.name : 'a failure';
    throw new FlowFailure(RUNTIME, `${query.text} can't be followed in this input (${kind})`);
  }
}

/**
 * What would let the search take longer than the size of the data times its depth. A second `..` searches below every place that the
 * first one found, and a filter that looks from `$` searches everything for each item.
 */
function tooSlow(text: string): string | undefined {
  const bare = text.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/gu, "''");
  if (bare.split('..').length > 2) return 'it searches all levels (..) more than once';
  const filter = bare.indexOf('?');
  if (filter >= 0 && /\$[\w.[\]']*(?:\*|\.\.|\[\s*\?)/u.test(bare.slice(filter))) {
    return 'its filter searches the whole input for each item';
  }
  return undefined;
}

const { JSONPathSegment, selectors } = jsonpath;
const { IndexSelector, NameSelector } = selectors;

/**
 * How many lists of selectors may find the same place more than once, those of its filters too. One multiplies what is found by its length;
 * each further one multiplies that again, so that a path of some hundred characters would find more than there is memory for.
 */
function unionsThatOverlap(part: unknown): number {
  if (Array.isArray(part)) return part.reduce((sum: number, one) => sum + unionsThatOverlap(one), 0);
  if (typeof part !== 'object' || part === null || part instanceof JSONPathEnvironment) return 0;
  const itself = part instanceof JSONPathSegment && mayOverlap(part) ? 1 : 0;
  const parts = Object.entries(part).filter(([field]) => field !== 'environment' && field !== 'token');
  return parts.reduce((sum, [, one]) => sum + unionsThatOverlap(one), itself);
}

function mayOverlap({ selectors: list }: jsonpath.JSONPathSegment): boolean {
  if (list.length < 2) return false;
  const places = list.map((one) => {
    if (one instanceof NameSelector) return one.name;
    // From the end it may be one that is counted from the beginning.
    return one instanceof IndexSelector && one.index >= 0 ? one.index : undefined;
  });
  return places.includes(undefined) || new Set(places).size < places.length;
}
