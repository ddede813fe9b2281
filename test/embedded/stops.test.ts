import { expect, test } from 'vitest';
import { createStops } from '../../src/stops.ts';

function createParts() {
  const stopped: string[] = [];
  const stops = createStops();
  const add = (name: string, failure?: Error) =>
    stops.add(async () => {
      stopped.push(name);
      if (failure) throw failure;
    });
  return { stops, stopped, add };
}

test('what started last is stopped first, and everything once', async () => {
  const { stops, stopped, add } = createParts();
  add('servers');
  add('worker');
  await stops.run();
  await stops.run();
  expect(stopped).toEqual(['worker', 'servers']);
});

test('a part that does not stop keeps no other from it, and is told afterwards', async () => {
  const { stops, stopped, add } = createParts();
  const failure = new Error('the worker hangs');
  add('servers');
  add('worker', failure);
  add('gateway');
  await expect(stops.run()).rejects.toBe(failure);
  expect(stopped).toEqual(['gateway', 'worker', 'servers']);
});

test('of several that do not stop each is told', async () => {
  const { stops, stopped, add } = createParts();
  add('servers', new Error('no answer'));
  add('worker', new Error('it hangs'));
  await expect(stops.run()).rejects.toThrow(/it hangs; no answer/);
  expect(stopped).toEqual(['worker', 'servers']);
});
