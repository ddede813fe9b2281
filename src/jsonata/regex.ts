import { RE2JS } from 're2js';
import type { Budget } from './budget.ts';
import { Refusal, tooLong } from './limits.ts';

/** Instructions times characters of one search: more could take longer than a second. */
const LARGEST_SEARCH = 20_000_000;
const LARGEST_PROGRAM = 5_000;
const LONGEST_PATTERN = 2_000;

/** Milliseconds that the regular expressions of one evaluation may take together. */
const LONGEST_SEARCHES = 1_000;

/**
 * The pattern for an engine that needs time in proportion to the text, whatever the pattern is.
 * @throws Refusal for what that engine doesn't have: `(?=…)`, `(?<=…)`, `\1`
 */
export function compilePattern(native: RegExp): RE2JS {
  if (native.source.length > LONGEST_PATTERN)
    throw new Refusal(`a regular expression has more than ${LONGEST_PATTERN} characters`);
  const flags = (native.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) | (native.multiline ? RE2JS.MULTILINE : 0);
  let pattern: RE2JS;
  try {
    pattern = RE2JS.compile(RE2JS.translateRegExp(native.source), flags);
  } catch {
    throw new Refusal(
      'a regular expression is not supported; look-around and backreferences such as (?=a), (?<=a), \\1 are not, nor more than 1000 repetitions',
    );
  }
  if (pattern.programSize() > LARGEST_PROGRAM) throw new Refusal('a regular expression is too large');
  return pattern;
}

/** The part of RegExp that the library uses. */
export interface RegexEngine {
  lastIndex: number;
  exec(text: string): (RegExpExecArray & string[]) | null;
}

/** A class for the library to make regular expressions of, whose searches count. */
export function regexEngine(budget: () => Budget): new (native: RegExp) => RegexEngine {
  const compiled = new Map<RegExp, RE2JS>();
  let spent = 0;

  const search = (pattern: RE2JS, text: string, from: number): RegExpExecArray | null => {
    if ((text.length - from) * pattern.programSize() > LARGEST_SEARCH)
      throw tooLong('a regular expression of this size can not search so long a text');
    budget().charge(4);
    const start = performance.now();
    const matcher = pattern.matcher(text);
    const found = matcher.find(from);
    spent += performance.now() - start;
    if (spent > LONGEST_SEARCHES) throw tooLong('its regular expressions take too long');
    if (!found) return null;
    const groups = Array.from({ length: pattern.groupCount() + 1 }, (_, group) => matcher.group(group) ?? undefined);
    budget().charge(groups.length / 4);
    return Object.assign(groups as string[], { index: matcher.start(), input: text }) as RegExpExecArray;
  };

  return class {
    lastIndex = 0;
    readonly #pattern: RE2JS;

    constructor(native: RegExp) {
      this.#pattern = compiled.get(native) ?? compilePattern(native);
      compiled.set(native, this.#pattern);
    }

    exec(given: string): (RegExpExecArray & string[]) | null {
      // As RegExp does: a function of the library that was given in part does not check its arguments.
      const text = String(given);
      const found = this.lastIndex > text.length ? null : search(this.#pattern, text, this.lastIndex);
      this.lastIndex = found ? found.index + (found[0]?.length ?? 0) : 0;
      return found;
    }
  };
}
