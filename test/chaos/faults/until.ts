import { setTimeout as sleep } from 'node:timers/promises';

/**
 * How long nothing may move: the longest pause that something takes by itself is shorter. In looks too, which take the longer the busier the
 * machine is: by the clock alone, one that is very busy would be taken for a Steward that stands still.
 */
const STILL = { ms: 180_000, looks: 120 };
/** What moves without coming to an end has something wrong with it as well. */
const MOST_MS = 45 * 60_000;

export interface Patience {
  /** How far all has come: another answer than before means that something moves. */
  readonly soFar: () => Promise<unknown>;
  /** ms between two looks. */
  readonly every?: number;
  readonly still?: { readonly ms: number; readonly looks: number };
  readonly mostMs?: number;
}

/**
 * Looks again and again until nothing is missing, for as long as anything moves: what is still missing when nothing has moved for long, or when
 * what moves comes to no end. A look that throws is none, and says nothing of what moves.
 */
export async function untilNothing(
  look: () => Promise<readonly string[]>,
  { soFar, every = 1_000, still = STILL, mostMs = MOST_MS }: Patience,
): Promise<readonly string[]> {
  const begun = Date.now();
  let seen: readonly string[] = [];
  let moved = { at: begun, looks: 0, to: '' };
  for (;;) {
    const failed: string[] = [];
    let { to } = moved;
    try {
      seen = await look();
      if (seen.length === 0) return seen;
      to = JSON.stringify([seen, await soFar()]);
    } catch (error) {
      failed.push(`could not look: ${error}`);
    }
    moved = to === moved.to ? { ...moved, looks: moved.looks + 1 } : { at: Date.now(), looks: 0, to };
    const missing = [...seen, ...failed];
    if (Date.now() - moved.at > still.ms && moved.looks > still.looks) return missing;
    if (Date.now() - begun > mostMs) return missing.map((one) => `moves, and comes to no end: ${one}`);
    await sleep(every);
  }
}
