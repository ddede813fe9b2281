/** A flow's file: JSON where its name says so, else YAML. The one reader for whoever checks, draws or runs flows. */
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
import { StewardError } from './domain/errors.ts';
import { quoted } from './flow/problems.ts';
import { DEEPEST, findJsonFault, type JsonFault, TOO_DEEP } from './json-fault.ts';

/**
 * What stands in the file, whatever it is; the checker judges it.
 * @throws StewardError InvalidFlow with file, line and column. It quotes keys and tags alone: a file that was named by mistake may hold secrets.
 */
export function readDefinition(text: string, file: string): unknown {
  const content = text.replace(/^\uFEFF/u, '');
  const fail = ({ at, what }: JsonFault): never => {
    const lines = content.slice(0, at).split('\n');
    const place = `line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`;
    throw new StewardError('InvalidFlow', `${file}: ${what} (${place})`);
  };
  if (!/\.json$/iu.test(file)) return readYaml(content, fail);
  const fault = findJsonFault(content);
  return fault ? fail(fault) : (JSON.parse(content) as unknown);
}

/** As often as that an anchor may be used, alone or within others. Enough for a big flow, and too little to blow up a small file. */
const MOST_ALIASES = 1_000;

function readYaml(text: string, fail: (fault: JsonFault) => never): unknown {
  const deep = findDeep(text);
  if (deep !== undefined) return fail({ at: deep, what: TOO_DEEP });
  const document = parseDocument(text, { merge: true, prettyErrors: false, logLevel: 'error' });
  // Its warnings are of tags and directives that it doesn't know, and would leave out.
  const wrong = document.errors[0] ?? document.warnings[0];
  if (wrong) return fail({ at: wrong.pos[0], what: sayWrong(wrong, document, text) });
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown;
  } catch {
    return fail(findAliasFault(document));
  }
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
  MULTIPLE_DOCS: 'a second document begins here; a file holds one flow',
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
