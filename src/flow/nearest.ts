/** The word that was meant, as far as one can tell: `word` in other letter case, or with one slip of the pen. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const low = word.toLowerCase();
  const alike = [0, 1, 2].flatMap((more) => words.filter((known) => Math.abs(known.length - word.length) === more));
  return (
    alike.find((known) => known.toLowerCase() === low) ?? alike.find((known) => isOneSlip(low, known.toLowerCase()))
  );
}

/** One letter other than it should be, two swapped, or up to two too many or missing in one place (`Catches` for `Catch`). */
function isOneSlip(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < shorter - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const [left, right] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  // Without a letter in common there is no resemblance, however short the words are.
  if (head + tail === 0) return false;
  if (left.length <= 1 && right.length <= 1) return true;
  if (left === '' || right === '') return true;
  return left.length === 2 && left === [...right].reverse().join('');
}
