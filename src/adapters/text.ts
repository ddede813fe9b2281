/** Cutting texts to a provider's limit without cutting a character in two. */

/** How far back a character that a reader sees as one (a flag, a family, an accent) can begin. */
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

/** The last place at or before `at` where a character begins. */
function characterStart(text: string, at: number): number {
  const from = Math.max(0, at - LONGEST_CHARACTER);
  const around = text.slice(from, at + LONGEST_CHARACTER);
  for (const { index, segment } of new Intl.Segmenter().segment(around)) {
    const end = from + index + segment.length;
    // A run longer than any real character is noise: cut as it comes.
    if (end > at) return index === 0 ? at : from + index;
    if (end === at) return at;
  }
  return at;
}
