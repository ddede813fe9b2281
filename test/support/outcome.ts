import { vi } from 'vitest';

/** Waits for an outcome: `look` is repeated until it no longer throws. Long, since the machine may be busy with other tests. */
export function outcome<T>(look: () => Promise<T> | T): Promise<T> {
  return vi.waitFor(look, { timeout: 60_000, interval: 50 });
}
