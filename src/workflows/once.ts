import type { Json } from '../domain/json.ts';
import type { Desk } from './desk.ts';

/** The recording part of a module runs once an entry; its attempts repeat only what follows. */
export function once<T>(desk: Desk, occasion: string, act: () => Promise<T>): Promise<T> {
  const { done } = desk.memory;
  // Activity results are plain JSON, which is what `done` may carry.
  if (occasion in done) return Promise.resolve(done[occasion] as unknown as T);
  return act().then((result) => {
    done[occasion] = result as unknown as Json;
    return result;
  });
}
