/** One thing wrong with a definition. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  /** Where: `$.States.RouteTicket.Choices[1].Next`. */
  readonly path: string;
  /** What is wrong and what would be right. */
  readonly message: string;
}

/** Collects problems, so that a reader can go on after the first. */
export interface Report {
  readonly problems: readonly Problem[];
  error(path: string, message: string): void;
  warn(path: string, message: string): void;
}

export function createReport(): Report {
  const problems: Problem[] = [];
  return {
    problems,
    error: (path, message) => void problems.push({ severity: 'error', path, message }),
    warn: (path, message) => void problems.push({ severity: 'warning', path, message }),
  };
}

/** The path of a field or an item below `path`. */
export function below(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  // Plain ASCII: a class of Unicode letters is compiled anew in every workflow, and cost an eighth of its time.
  return /^[\w-]+$/.test(key) ? `${path}.${key}` : `${path}[${quoted(key)}]`;
}

/** A word of the definition in a message: on one line, and not longer than a message should be. */
export function shown(word: string): string {
  const line = word.slice(0, LONGEST_WORD).replace(INVISIBLE, (sign) => {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return word.length > LONGEST_WORD ? `${line}…` : line;
}

export function quoted(word: string): string {
  return `'${shown(word)}'`;
}

const LONGEST_WORD = 100;
/** What moves the cursor of a terminal or breaks a line, and halves of characters, which no database takes. */
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu;

export function holdsInvisible(word: string): boolean {
  return !/^[ -~]*$/.test(word) && word.search(INVISIBLE) >= 0;
}

/** `a, b or c`. */
export function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** Like `oneOf`, but of very many words only the first ten. */
export function someOf(words: readonly string[]): string {
  const most = 10;
  if (words.length <= most) return oneOf(words.map(shown));
  return `${words.slice(0, most).map(shown).join(', ')} and ${words.length - most} more`;
}
