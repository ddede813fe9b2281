import { expect, test } from 'vitest';
import { StewardError } from '../../src/domain/errors.ts';
import { createEnding, createFailures, orAborted } from '../../src/ending.ts';

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

test('a failure is told once, though it is met again when its part is stopped', () => {
  const said: string[] = [];
  const { tell, exitCode } = createFailures((words) => said.push(words));
  expect(exitCode()).toBe(0);
  const failure = new StewardError('ServerFailed', 'PostgreSQL has ended unasked');
  for (const error of [failure, failure, new StewardError('Unavailable', 'Temporal does not answer')]) tell(error);
  expect(said).toEqual(['PostgreSQL has ended unasked', 'Temporal does not answer']);
  expect(exitCode()).toBe(1);
});
