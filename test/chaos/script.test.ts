import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { FAULTY, scriptOf } from './faults/script.ts';

const MINUTE_MS = 60_000;

test('a seed is one script, and another seed another', () => {
  expect(scriptOf(7, MINUTE_MS)).toEqual(scriptOf(7, MINUTE_MS));
  expect(scriptOf(7, MINUTE_MS)).not.toEqual(scriptOf(8, MINUTE_MS));
});

test('in ten minutes everything breaks, and everything is done', () => {
  const { acts, faults, outages } = scriptOf(7, 10 * MINUTE_MS);
  expect(outages).toHaveLength(10);
  expect(new Set(acts.map(({ act }) => act))).toEqual(
    new Set(['submit', 'reply', 'claim', 'answer', 'resolve', 'presence']),
  );
  const broken = faults.map((one) => {
    if (one.fault === 'provider') return `${one.provider} ${one.failure}`;
    return `${one.fault} ${one.part}`;
  });
  const failures = ['429', '500', 'timeout', 'late', 'lost'];
  expect(broken).toEqual(
    expect.arrayContaining([
      ...['worker', 'temporal', 'postgres'].map((part) => `kill ${part}`),
      ...['temporal', 'postgres'].map((part) => `hang ${part}`),
      ...FAULTY.map((provider) => expect.stringContaining(provider)),
      ...failures.map((failure) => expect.stringMatching(new RegExp(`${failure}$`))),
    ]),
  );
  expect(Math.max(...acts.map(({ at }) => at))).toBeLessThan(10 * MINUTE_MS);
});

test.each([
  [['--minutes', '0'], '--minutes: expected a number above 0, and not above 600'],
  [['--seed', '-1'], '--seed'],
])('the program refuses %j before it starts anything', async (args, words) => {
  const main = fileURLToPath(new URL('faults/main.ts', import.meta.url));
  const run = promisify(execFile)(process.execPath, ['--import', 'tsx', main, ...args]);
  await expect(run).rejects.toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(words) });
});
