/** Words of ours that stay when a person is gone, compared with what that person is known by. */

export interface KnownPerson {
  readonly ids: readonly string[];
  readonly names: readonly string[];
  readonly emails: readonly string[];
  readonly phones: readonly string[];
}

export type Naming = 'their customer id' | 'their e-mail address' | 'their telephone number' | 'their name';

/**
 * What of the person stands in the text; null where there is nothing.
 *
 * Names are ordinary words as well ("Will", "Mark", "May"), and a reason has to be sayable. So two parts of a name side by side count however
 * they are written, and one part alone only where it is written as a name, with a capital: "we will mark it" names nobody, "Mark has
 * paid" does. Of the two mistakes the one that remains is the cheap one: who begins a sentence with "Will" is asked for other words.
 */
export function namesPerson(text: string, { ids, names, emails, phones }: KnownPerson): Naming | null {
  if (ids.some((id) => id.length >= SHORTEST && hasWhole(text, id))) return 'their customer id';
  if (emails.some((email) => hasAddress(text, email))) return 'their e-mail address';
  if (phones.some((phone) => hasPhone(text, phone))) return 'their telephone number';
  return names.some((name) => hasName(text, name)) ? 'their name' : null;
}

const SHORTEST = 3;
/** What stands in many names and names nobody: particles and forms of address. */
const NOBODYS = new Set(
  [
    'von',
    'van',
    'der',
    'den',
    'dem',
    'del',
    'della',
    'dos',
    'das',
    'ter',
    'ten',
    'bin',
    'ibn',
    'the',
    'and',
    'und',
  ].concat(['herr', 'frau', 'mrs', 'miss', 'monsieur', 'madame', 'prof', 'dipl', 'ing', 'jun', 'sen']),
);

function hasName(text: string, name: string): boolean {
  const parts = wordsOf(name).filter((part) => !NOBODYS.has(fold(part)));
  const long = parts.filter((part) => [...part].length >= SHORTEST || !hasCase(part));
  const words = wordsOf(text).filter((word) => !NOBODYS.has(fold(word)));
  const isPart = (word: string | undefined, of: readonly string[]) =>
    word !== undefined && of.some((part) => isSame(word, part));
  return words.some((word, i) => {
    if (!isPart(word, long)) return false;
    // "J. Doe" and "Doe, J." too: the other part may be short.
    const others = parts.filter((part) => !isSame(word, part));
    return startsAsName(word) || isPart(words[i + 1], others) || isPart(words[i - 1], others);
  });
}

/** "Schmidt's" is two words; "Schmidts" is Schmidt's in German. */
function isSame(word: string, part: string): boolean {
  const spellings = [fold(part), fold(spelledOut(part))];
  return [fold(word), fold(spelledOut(word))].some((one) =>
    spellings.some((spelling) => one === spelling || one === `${spelling}s`),
  );
}

/** Scripts without capitals write every word as a name. */
function startsAsName(word: string): boolean {
  const [first = ''] = word;
  return !hasCase(first) || first !== first.toLowerCase();
}

function hasCase(letters: string): boolean {
  return letters.toLowerCase() !== letters.toUpperCase();
}

function wordsOf(text: string): string[] {
  return text.normalize('NFC').match(/[\p{L}\p{M}]+/gu) ?? [];
}

/** Without case and accents. */
function fold(text: string): string {
  const plain = text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return plain.replace(/[ßøłđðæœ]/gu, (letter) => FOLDED[letter] ?? letter);
}
const FOLDED: Readonly<Record<string, string>> = {
  ß: 'ss',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  æ: 'ae',
  œ: 'oe',
};

/** Müller, as who has no such key writes it. */
function spelledOut(text: string): string {
  return text.replace(/[äöü]/giu, (letter) => `${letter.normalize('NFD')[0] ?? ''}e`);
}

/** The address, or what is before its `@` where nobody would write that as a word. */
function hasAddress(text: string, email: string): boolean {
  if (hasWhole(text, email)) return true;
  const local = email.slice(0, email.lastIndexOf('@'));
  return local.length >= SHORTEST && /[\d._+-]/.test(local) && hasWhole(text, local);
}

/** By the last seven digits, however they are grouped: who writes it may leave out the country or the zero. */
function hasPhone(text: string, phone: string): boolean {
  const wanted = digitsOf(phone).slice(-SPOKEN);
  if (wanted.length < SPOKEN) return false;
  return (text.match(/\d(?:[\s().\u00a0/-]*\d)+/g) ?? []).some((run) => digitsOf(run).includes(wanted));
}
const SPOKEN = 7;

function digitsOf(text: string): string {
  return text.replace(/\D/g, '');
}

function hasWhole(text: string, wanted: string): boolean {
  const [low, word] = [text.toLowerCase(), wanted.toLowerCase()];
  const isLetter = (letter: string | undefined) => letter !== undefined && /[\p{L}\p{N}]/u.test(letter);
  for (let at = low.indexOf(word); at >= 0; at = low.indexOf(word, at + 1)) {
    if (!isLetter(low[at - 1]) && !isLetter(low[at + word.length])) return true;
  }
  return false;
}

/** For an error: what is wrong, and the mend. Never what was found, which must not get into logs. */
export function sayNaming(field: string, named: Naming): string {
  const mend =
    named === 'their name'
      ? 'say it without their name; a word that only looks like it, in small letters'
      : 'leave it out';
  return `${field}: holds what the person is known by (${named}), and is kept when they are gone: ${mend}`;
}
