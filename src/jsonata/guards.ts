import type { Budget } from './budget.ts';
import { type Definition, define, type Focus, type Implementation } from './library.ts';
import { type Limits, Refusal, tooLarge } from './limits.ts';
import { isFunction, type Scale, valueTooLarge } from './value.ts';

export interface Guard {
  readonly limits: Limits;
  readonly budget: Budget;
  readonly sizeOf: Scale;
}

/** Looks at the arguments of a function before it runs: what it would take is charged, and what is too much refused. */
type Look = (args: readonly unknown[], guard: Guard) => void;

/** They walk through everything that they are given, not only through a list's items. */
const DEEP: readonly string[] = ['string', 'boolean', 'not', 'spread', 'merge'];
const MATCHING: readonly string[] = ['match', 'contains', 'replace', 'split'];

const LOOKS: Readonly<Record<string, Look>> = {
  pad: ([, width], { limits, budget }) => {
    if (Math.abs(Number(width)) > limits.valueBytes) throw valueTooLarge(limits);
    budget.charge(Math.abs(Number(width)) / 64);
  },
  join: ([texts, separator], { limits, budget }) => {
    const all = Array.isArray(texts) ? texts : [texts];
    const between = typeof separator === 'string' ? separator.length * all.length : 0;
    const bytes = all.reduce((sum: number, text) => sum + String(text).length, between);
    if (bytes > limits.valueBytes) throw valueTooLarge(limits);
    budget.charge(bytes / 64);
  },
  replace: ([text, pattern, replacement], { limits, budget }) => {
    if (typeof text !== 'string' || typeof pattern !== 'string' || typeof replacement !== 'string') return;
    const found = countOf(text, pattern);
    if (text.length + found * replacement.length > limits.valueBytes) throw valueTooLarge(limits);
    budget.charge(found + (found * replacement.length) / 64);
  },
  split: ([text, separator], { limits, budget }) => {
    if (typeof text !== 'string' || typeof separator !== 'string') return;
    const found = separator === '' ? text.length : countOf(text, separator);
    if (found > limits.items) throw tooLarge('a list has too many items');
    budget.charge(found / 4);
  },
  zip: (lists, { limits, budget }) => {
    const rows = Math.min(...lists.map((list) => (Array.isArray(list) ? list.length : 0)));
    if (rows * lists.length > limits.items) throw tooLarge('a list has too many items');
    budget.charge((rows * lists.length) / 4);
  },
  formatNumber: ([, picture]) => shortPicture(picture),
  formatInteger: ([, picture]) => shortPicture(picture),
  parseInteger: ([text, picture]) => {
    shortPicture(text);
    shortPicture(picture);
  },
  fromMillis: ([, picture, zone]) => {
    shortPicture(picture);
    shortPicture(zone);
  },
  toMillis: ([text, picture]) => {
    shortPicture(text);
    shortPicture(picture);
    if (typeof picture === 'string') separatedPicture(picture);
  },
};

/** A function of the library that is charged for, under its own signature. */
export function guarded(name: string, { implementation, signature }: Definition, guard: Guard): Definition {
  const look = Object.hasOwn(LOOKS, name) ? LOOKS[name] : undefined;
  const deep = DEEP.includes(name);
  const matching = MATCHING.includes(name);
  const run: Implementation = function (this: Focus, ...args) {
    for (const arg of args) guard.budget.charge(1 + lengthOf(arg) / 32 + (deep ? guard.sizeOf(arg) / 64 : 0));
    look?.(args, guard);
    return implementation.apply(this, matching ? counted(args, guard) : args);
  };
  return define(parametersOf(implementation), run, signature, implementation.length);
}

function parametersOf(implementation: Implementation): string {
  return /\(([^)]*)\)/.exec(String(implementation))?.[1] ?? '';
}

function lengthOf(arg: unknown): number {
  return typeof arg === 'string' || Array.isArray(arg) ? arg.length : 0;
}

function countOf(text: string, part: string): number {
  let count = 0;
  if (part === '') return count;
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) count++;
  return count;
}

interface Match {
  readonly next?: Matcher;
}
type Matcher = (...args: unknown[]) => unknown;

/** Each match counts: the text that replaces it is read anew for every one. Between two of them others have their turn. */
function counted(args: readonly unknown[], { budget }: Guard): unknown[] {
  const [text, pattern, replacement, ...more] = args;
  if (!isFunction(pattern)) return [...args];
  const units = 2 + lengthOf(replacement) / 16;
  const count = (matcher: Matcher): Matcher =>
    async function (this: unknown, ...given) {
      await budget.rest();
      budget.charge(units);
      const match = (await matcher.apply(this, given)) as Match | undefined;
      if (typeof match?.next !== 'function') return match;
      return { ...match, next: count(match.next) };
    };
  return [text, count(pattern as Matcher), replacement, ...more].slice(0, args.length);
}

const LONGEST_PICTURE = 256;

function shortPicture(text: unknown): void {
  if (typeof text === 'string' && text.length > LONGEST_PICTURE)
    throw new Refusal(`a picture, and what is read by one, may have ${LONGEST_PICTURE} characters at most`);
}

/** Parts that can take a character of the part behind them: three are the square of a short text, ten are for ever. */
const MOST_LOOSE_PARTS = 3;

/** A picture becomes a regular expression of the backtracking kind, which ends soon when its parts are apart. */
function separatedPicture(picture: string): void {
  const parts = [...picture.matchAll(/\[([^\]]*)\]([^[]*)/g)];
  const loose = parts.slice(0, -1).filter(([, marker = '', after = '']) => isLoose(marker.replace(/\s/g, ''), after));
  if (loose.length <= MOST_LOOSE_PARTS) return;
  throw new Refusal('in a picture of a time the parts must be apart ([Y]-[M]) or of a fixed width ([Y0001][M01])');
}

function isLoose(marker: string, after: string): boolean {
  if (after === '' && /^[YMDdHhms]\d{2,}$/.test(marker)) return false;
  const ends = /^.w/i.test(marker) ? /[^a-z, -]/i : /^.[nai]|^[FP]/i.test(marker) ? /[^a-z]/i : /\D/;
  return !ends.test(after);
}
