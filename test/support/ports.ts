import { freePort } from '../../src/embedded/ports.ts';

/** Between finding a free port and listening on it anybody may take it: then another is tried. */
export async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (tries >= 3) throw error;
    }
  }
}
