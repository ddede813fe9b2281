/** Nothing new begins for a customer while they are erased: whoever comes meanwhile asks again until that is over. */

export const FROZEN = 'Its customer is being erased';

/** How long to wait before each look, in ms. An erasure may be held up for months, and a history ends at 51,200 events. */
export function* frozenPauses(): Generator<number, never> {
  for (let pause = 15_000; ; pause = Math.min(2 * pause, 900_000)) yield pause;
}
