import { setTimeout as sleep } from 'node:timers/promises';

/** Looks again and again until nothing is missing; what was missing last, when the time is over. What throws is looked at again. */
export async function untilNothing(
  look: () => Promise<readonly string[]>,
  { ms, every = 250 }: { readonly ms: number; readonly every?: number },
): Promise<readonly string[]> {
  const end = Date.now() + ms;
  for (;;) {
    const missing = await look().catch((error: unknown) => [`could not look: ${error}`]);
    if (missing.length === 0 || Date.now() > end) return missing;
    await sleep(every);
  }
}
