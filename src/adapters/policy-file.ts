import { readFile, stat } from 'node:fs/promises';
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, visit } from 'yaml';
import type { z } from 'zod';
import { type Problem, StewardError } from '../domain/errors.ts';
import { type ContradictionsOf, type IsSound, judge, WHOLE } from '../schema/judge.ts';
import { readYaml } from '../yaml.ts';

/** What a policy file says, and everything that is wrong with it. */
export interface PolicyFile<T> {
  readonly path: string;
  /** With stand-ins where `isSound` says no; undefined: nothing can be read of it. */
  readonly policy: T | undefined;
  readonly isSound: IsSound;
  /** By their lines. */
  readonly problems: readonly Problem[];
  readonly lineOf: (field: string) => number;
}

/** Reads a policy and judges all of it in one round. Throws nothing for whatever is wrong with the file. */
export async function judgePolicyFile<T extends z.ZodType>(
  path: string,
  schema: T,
  contradictionsOf: ContradictionsOf<z.output<T>>,
): Promise<PolicyFile<z.output<T>>> {
  const text = await textOf(path);
  if (typeof text !== 'string') return unreadable(path, [{ file: path, field: WHOLE, message: text.fault }]);
  const lines = new LineCounter();
  lines.lineStarts = lineStartsOf(text);
  const read = readYaml(text, { merge: false });
  const { document } = read;
  const faults = [...read.faults, ...(document ? prototypesIn(document) : [])].map(({ at, what }): Problem => {
    return { file: path, line: lines.linePos(at).line, field: WHOLE, message: `can't be read as YAML: ${what}` };
  });
  if (document === undefined) return unreadable(path, faults);
  const line = (field: string) => lineOf(document, lines, field);
  const { policy, isSound, problems } = judge(schema, read.value, contradictionsOf);
  const placed = problems.map((problem) => ({ file: path, line: line(problem.field), ...problem }));
  return { path, policy, isSound, problems: byLine([...faults, ...placed]), lineOf: line };
}

/** `more`: what else was found wrong with it. @throws StewardError InvalidPolicy naming the file and, all at once, each line, field and mend. */
export function inOrder<T>({ path, policy, problems, lineOf }: PolicyFile<T>, more: readonly Problem[] = []): T {
  const placed = more.map((problem) => ({ file: path, line: lineOf(problem.field), ...problem }));
  const all = byLine([...problems, ...placed]);
  if (policy !== undefined && all.length === 0) return policy;
  throw new StewardError('InvalidPolicy', `${path}: ${all.map(sayPlaced).join('; ')}`, { problems: all });
}

function sayPlaced({ line, field, message }: Problem): string {
  return [line === undefined ? [] : `line ${line}`, field === WHOLE ? [] : field, message].flat().join(': ');
}

/** A policy from its YAML file, where everything that is wrong with it can be told by itself. @throws StewardError InvalidPolicy */
export async function readPolicyFile<T extends z.ZodType>(
  path: string,
  schema: T,
  contradictionsOf: ContradictionsOf<z.output<T>>,
): Promise<z.output<T>> {
  return inOrder(await judgePolicyFile(path, schema, contradictionsOf));
}

function unreadable(path: string, problems: readonly Problem[]): PolicyFile<never> {
  return { path, policy: undefined, isSound: () => false, problems, lineOf: () => 1 };
}

function byLine(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

/** The time to read YAML grows with its size, and these files are read again and again. Hundreds of people take a tenth of it. */
const MOST_BYTES = 500_000;

async function textOf(path: string): Promise<string | { readonly fault: string }> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return { fault: "can't be read: it is a directory, and should be a file" };
    // Of a pipe or a device no end may ever come.
    if (!found.isFile()) return { fault: "can't be read: it is no file" };
    if (found.size > MOST_BYTES) {
      return { fault: `is of ${found.size} bytes, and at most ${MOST_BYTES} are taken; is it another file?` };
    }
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/u, '');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    return { fault: `can't be read: ${CODES[code] ?? message.split('\n')[0]}` };
  }
}

const CODES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'Steward may not read it; give its user the right to',
};

function lineStartsOf(text: string): number[] {
  return [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
}

/** Schemas pass over this name where any name may stand: what is under it would be lost without a word. */
function prototypesIn(document: Document): { readonly at: number; readonly what: string }[] {
  const found: { at: number; what: string }[] = [];
  visit(document, {
    Pair(_, { key }) {
      if (!isScalar(key) || key.value !== '__proto__') return;
      found.push({ at: key.range?.[0] ?? 0, what: '"__proto__" can be the name of nothing' });
    },
  });
  return found;
}

/** The line of the field, or of the nearest thing around it that is there. */
function lineOf(document: Document, lines: LineCounter, field: string): number {
  let at: unknown = document.contents;
  let offset = startOf(at) ?? 0;
  let rest = field;
  while (rest !== '') {
    const next = isMap(at) ? entryOf(at.items as Pair[], rest) : isSeq(at) ? itemOf(at.items, rest) : undefined;
    if (next === undefined) break;
    at = next.node;
    offset = next.offset ?? offset;
    rest = rest.slice(next.taken + 1);
  }
  return lines.linePos(offset).line;
}

interface Step {
  readonly node: unknown;
  readonly offset: number | undefined;
  /** How much of the field's name led there. */
  readonly taken: number;
}

/** Names may have dots in them: the longest that fits. */
function entryOf(pairs: readonly Pair[], rest: string): Step | undefined {
  const fitting = pairs
    .map(({ key, value }) => ({ name: isScalar(key) ? String(key.value) : '', key, value }))
    .filter(({ name }) => name !== '' && (rest === name || rest.startsWith(`${name}.`)))
    .sort((a, b) => b.name.length - a.name.length);
  const [best] = fitting;
  return best && { node: best.value, offset: startOf(best.key), taken: best.name.length };
}

function itemOf(items: readonly unknown[], rest: string): Step | undefined {
  const [index = ''] = rest.split('.');
  const node = items[Number(index)];
  return node === undefined ? undefined : { node, offset: startOf(node), taken: index.length };
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null)?.range?.[0];
}
