/** Cutting texts to a provider's limit without cutting a character in two. */

/** What a reader sees as one character (a flag, a family, a letter with accents) is never longer, in UTF-16 units. */
const LONGEST_CHARACTER = 64;

/** At most `max` bytes of UTF-8. Half an emoji, which UTF-8 can't carry, becomes U+FFFD. */
export function cutBytes(text: string, max: number): string {
  const whole = text.replace(/\p{Cs}/gu, '\uFFFD');
  const { read } = new TextEncoder().encodeInto(whole, new Uint8Array(max));
  return read === whole.length ? whole : whole.slice(0, characterStart(whole, read));
}

/** At most `max` UTF-16 units, the mark of the cut included. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, characterStart(text, max - 1)).trimEnd()}…`;
}

/** The last place at or before `at` where a character begins, as a reader sees characters. */
function characterStart(text: string, at: number): number {
  for (const { index, segment } of new Intl.Segmenter().segment(text.slice(0, at + LONGEST_CHARACTER))) {
    if (index + segment.length <= at) continue;
    // A heap of accents longer than any real character is noise: cut as it comes, between two code points.
    if (segment.length <= LONGEST_CHARACTER) return index;
    return /[\uD800-\uDBFF]/.test(text.charAt(at - 1)) ? at - 1 : at;
  }
  return at;
}
