import { afterAll, beforeAll, inject } from 'vitest';
import { type Stage, startStage } from './servers.ts';

export type { Server, Stage } from './servers.ts';

/** Servers of this file's own. Call it at the top of a test file; the result is readable from the first test on. */
export function useStage(): Stage {
  const held: { current?: Stage & { stop(): Promise<void> } } = {};
  beforeAll(async () => {
    held.current = await startStage(inject('temporalBinary'));
  }, 120_000);
  afterAll(() => held.current?.stop());
  return new Proxy({} as Stage, { get: (_target, property) => Reflect.get(held.current ?? {}, property) });
}
