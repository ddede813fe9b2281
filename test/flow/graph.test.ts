import { describe, expect, test } from 'vitest';
import { errorsOf, say } from './support.ts';

/** The error of a flow of `count` states, the first of which goes to `next`. */
function errorOf(next: string, count: number): string {
  const others = Array.from({ length: count - 1 }, (_, i) => [`State${i}`, { Type: 'Succeed' }]);
  const states = { First: { Type: 'Pass', Next: next }, ...Object.fromEntries(others) };
  return say({ StartAt: 'First', States: states }).find((line) => line.startsWith('error')) ?? '';
}

describe('a way to a state that is not there', () => {
  test('names every state of a small flow, and the one that was perhaps meant', () => {
    expect(errorOf('Nowhere', 3)).toBe(
      "error $.States.First.Next: there is no state 'Nowhere'; the states are First, State0 or State1",
    );
    expect(errorOf('state1', 3)).toContain("there is no state 'state1', perhaps 'State1'; the states are");
  });

  test('names ten states of a big flow and how many more there are', () => {
    expect(errorOf('Nowhere', 5000)).toMatch(/the states are First, State0, .*State8 and 4990 more$/u);
    expect(errorOf('Statee4990', 5000)).toContain("perhaps 'State4990'");
  });

  test.each([
    [{ Type: 'Pass', Next: '' }, 'Next'],
    [{ Type: 'Task', Resource: 'module:analyzeTicket', Next: '' }, 'Next'],
    [{ Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, Next: '' }], Default: 'End' }, 'Choices[0].Next'],
    [{ Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, Next: 'End' }], Default: '' }, 'Default'],
    [
      {
        Type: 'Task',
        Resource: 'module:analyzeTicket',
        End: true,
        Catch: [{ ErrorEquals: ['States.ALL'], Next: '' }],
      },
      'Catch[0].Next',
    ],
  ])('is an error too when its name is empty: %j', (state, place) => {
    expect(errorsOf(state)).toEqual([`error $.States.S.${place}: there is no state ''; the states are S or End`]);
  });

  test('is told on one line, and cut when it is very long', () => {
    expect(errorOf('a\nb\u001b[2J', 2)).toContain("no state 'a\\u000ab\\u001b[2J'");
    expect(errorOf('x'.repeat(1_000_000), 2).length).toBeLessThan(300);
  });
});
