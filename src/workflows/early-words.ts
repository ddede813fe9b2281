import { isSince } from './changes.ts';

import type { Desk } from './desk.ts';
import type { Memory } from './memory.ts';
import { reread } from './reread.ts';

/** The customer wrote again before anybody had answered: an answer to their first message alone would speak past them. */
export function hasEarlyWords({ early }: Memory): boolean {
  // Asked only where there are some, so that no other ticket carries the mark.
  return early !== undefined && isSince('hears-early-words');
}

/** Analyses what of it was not analysed yet; once what was drawn from the first message is there to be compared with. Best effort. */
export async function readEarlyWords(desk: Desk): Promise<void> {
  const { memory } = desk;
  if (!memory.rereads || !hasEarlyWords(memory)) return;
  desk.background += 1;
  try {
    for (let next = memory.early?.[0]; next !== undefined; next = memory.early?.[0]) {
      memory.early = memory.early?.slice(1) ?? [];
      await reread(desk, next);
    }
  } finally {
    desk.background -= 1;
  }
}
