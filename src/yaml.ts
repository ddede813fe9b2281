/** YAML as it is written by hand: read with its faults, each at its place. They quote keys and tags alone: a file that was named by mistake may hold secrets. */
import {
  type CST,
  type Document,
  isAlias,
  isCollection,
  isScalar,
  Parser,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import { quoted } from './flow/problems.ts';
import { DEEPEST, type JsonFault, TOO_DEEP } from './json-fault.ts';

/** As often as that an anchor may be used, alone or within others. Enough for a big file, and too little to blow up a small one. */
const MOST_ALIASES = 1_000;

export interface ReadYaml {
  /** In the order of the text; after a fault of grammar no other is told: what follows may come of it. */
  readonly faults: readonly JsonFault[];
  /** What can be judged in spite of the faults (a key that stands twice, a tag that is unknown); undefined: nothing can. */
  readonly document: Document | undefined;
  readonly value: unknown;
}

/** @param merge whether `<<` merges, or is a key like others */
export function readYaml(text: string, { merge }: { readonly merge: boolean }): ReadYaml {
  const deep = findDeep(text);
  if (deep !== undefined) return unread([{ at: deep, what: TOO_DEEP }]);
  const document = parseDocument(text, { merge, prettyErrors: false, logLevel: 'error' });
  // Its warnings are of tags and directives that it doesn't know, and would leave out.
  const wrong = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  const first = wrong.findIndex(({ code }) => !HARMLESS.has(code));
  const faults = (first < 0 ? wrong : wrong.slice(0, first + 1)).map((one) => ({
    at: one.pos[0],
    what: sayWrong(one, document, text),
  }));
  if (first >= 0) return unread(faults);
  try {
    return { faults, document, value: document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown };
  } catch {
    return unread([...faults, findAliasFault(document)]);
  }
}

/** They leave the rest of the file what it is. */
const HARMLESS: ReadonlySet<YAMLError['code']> = new Set(['DUPLICATE_KEY', 'TAG_RESOLVE_FAILED']);

function unread(faults: readonly JsonFault[]): ReadYaml {
  return { faults, document: undefined, value: undefined };
}

/** Where the file is nested too deep. To compose such a one would use up the stack, and with it the process. */
function findDeep(text: string): number | undefined {
  const todo: { readonly token: CST.Token; readonly depth: number }[] = [];
  const look = (token: CST.Token | null | undefined, depth: number) => token && todo.push({ token, depth });
  for (const token of new Parser().parse(text)) look(token, 0);
  for (const { token, depth } of todo) {
    if (depth > DEEPEST) return token.offset;
    if (token.type === 'document') look(token.value, depth);
    if (!('items' in token)) continue;
    for (const { key, value } of token.items) {
      look(key, depth + 1);
      look(value, depth + 1);
    }
  }
  return undefined;
}

const WORDS: { readonly [code in YAMLError['code']]?: string } = {
  BAD_INDENT: 'the indentation is wrong, or a bracket is not closed',
  BAD_SCALAR_START: 'text that begins with this sign needs quotes',
  BAD_DQ_ESCAPE: 'double quotes know no such escape; use single quotes for a bare backslash',
  BLOCK_AS_IMPLICIT_KEY: 'a second colon on this line; put the value into quotes',
  MISSING_CHAR: 'a quote, a bracket, a comma or a colon is missing',
  MULTILINE_IMPLICIT_KEY: 'a key stands on one line; a colon is missing, or a quote',
  MULTIPLE_DOCS: 'a second document begins here; a file holds one',
  TAB_AS_INDENT: 'a tab indents this line; use spaces',
  UNEXPECTED_TOKEN: 'this is out of place',
};

function sayWrong({ code, pos }: YAMLError, document: Document, text: string): string {
  if (code === 'DUPLICATE_KEY') return `the key ${quoted(keyAt(document, pos[0]))} stands twice`;
  if (code === 'TAG_RESOLVE_FAILED')
    return `there is no tag ${quoted(text.slice(...pos))} here; write the value itself`;
  return WORDS[code] ?? 'this is no YAML';
}

function keyAt(document: Document, at: number): string {
  let found = '';
  visit(document, {
    Pair: (_, { key }) => {
      if (isScalar(key) && key.range?.[0] === at) found = String(key.value);
    },
  });
  return found;
}

/** Aliases and merges are followed last, and what goes wrong there is told without a place. */
function findAliasFault(document: Document): JsonFault {
  let fault: JsonFault | undefined;
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined) return undefined;
      fault = { at: alias.range?.[0] ?? 0, what: `there is no anchor ${quoted(`&${alias.source}`)} before this alias` };
      return visit.BREAK;
    },
    Pair: (_, { key, value }) => {
      const merged = isAlias(value) ? (value.resolve(document) ?? value) : value;
      if (!isScalar(key) || key.source !== '<<' || isAlias(merged) || isCollection(merged)) return undefined;
      fault = { at: key.range?.[0] ?? 0, what: 'a merge (<<) takes a mapping, or a list of mappings' };
      return visit.BREAK;
    },
  });
  return fault ?? { at: 0, what: `aliases stand for more than ${MOST_ALIASES} values, counted one within another` };
}
