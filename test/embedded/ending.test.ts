import { expect, test } from 'vitest';
import { createEnding, orAborted } from '../../src/ending.ts';

function createClocked() {
  const at = { ms: 5 };
  const exits: number[] = [];
  const ending = createEnding(
    () => at.ms,
    (code) => exits.push(code),
  );
  return { ...ending, at, exits };
}

test('the first signal, whichever it is, asks for an end in order', () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const { asked, hear, exits } = createClocked();
    expect(asked.aborted).toBe(false);
    hear(signal);
    expect(asked.aborted).toBe(true);
    expect(exits).toEqual([]);
  }
});

test('the same Ctrl-C heard again within a second is no second one', () => {
  const { hear, at, exits } = createClocked();
  hear('SIGINT');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGINT'] as const) {
    at.ms += 300;
    hear(signal);
  }
  expect(exits).toEqual([]);
});

test('a signal that comes later ends the process at once', () => {
  const { hear, at, exits } = createClocked();
  hear('SIGINT');
  at.ms += 1_001;
  hear('SIGINT');
  hear('SIGTERM');
  expect(exits).toEqual([130, 143]);
});

test('work that can not be aborted is waited for no longer', async () => {
  const controller = new AbortController();
  const never = orAborted(controller.signal, new Promise<void>(() => {}));
  controller.abort(new Error('asked to end'));
  await expect(never).rejects.toThrow('asked to end');
  await expect(orAborted(controller.signal, Promise.resolve(1))).rejects.toThrow('asked to end');
  expect(await orAborted(new AbortController().signal, Promise.resolve(1))).toBe(1);
});
