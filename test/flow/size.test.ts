import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../src/domain/json.ts';
import { proceed } from '../../src/flow/run.ts';
import { fits } from '../../src/flow/size.ts';
import { effect, flowOf, NOW, output, play, result, start } from './support.ts';

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('\ud83d', '\ude00', '\u0007', '"', '\\', '\n', 'é', '€', '🙂') }),
);
const data = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(text, fc.constant('__proto__')), tie('value'), { maxKeys: 4 }) as fc.Arbitrary<Json>,
  ),
})).value;

test('what fits is as many bytes as its JSON has', () => {
  fc.assert(
    fc.property(data, (value) => {
      const bytes = Buffer.byteLength(JSON.stringify(value));
      expect(fits(value, bytes)).toBe(true);
      expect(fits(value, bytes - 1)).toBe(false);
    }),
    { numRuns: 2_000 },
  );
});

test('what is nested very deep, or holds itself many times over, is judged all the same', () => {
  const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as Json;
  expect(fits(deep)).toBe(true);
  expect(fits([deep, deep])).toBe(false);
  const wide = Array.from({ length: 40 }).reduce<Json>((inner) => [inner, inner], 'x');
  expect(fits(wide)).toBe(false);
});

test('what was counted once is not counted again on its way from state to state', () => {
  const input: Json = { text: 'é'.repeat(100_000) };
  const flow = flowOf({ S: { Type: 'Wait', Seconds: 0, Next: 'T' }, T: { Type: 'Succeed' } });
  expect(output(play(flow, input, [{ kind: 'elapsed' }]))).toBe(input);
});

test('a run from before there was a bound goes on without it, and is asked only where it makes a difference', () => {
  const asked: string[] = [];
  const clock = { now: NOW, isBefore: (change: string) => asked.push(change) > 0 };
  const flow = flowOf({ S: { Type: 'Task', Resource: 'module:m', End: true } });
  const large = 'x'.repeat(300_000);
  expect(output(proceed(flow, start(flow).position, result('small'), clock))).toBe('small');
  expect(asked).toEqual([]);
  expect(output(proceed(flow, start(flow).position, result(large), clock))).toBe(large);
  expect(new Set(asked)).toEqual(new Set(['bounded-data']));
  expect(effect(proceed(flow, start(flow).position, result(large), { now: NOW }), 'failed')).toMatchObject({
    error: 'States.DataLimitExceeded',
    cause: "The state/task 'S' returned a result with a size exceeding the maximum number of bytes service limit.",
  });
});

test('what an operator gives in place of an output is bounded too', () => {
  const flow = flowOf({ S: { Type: 'Pass', InputPath: '$.gone', End: true } });
  const turn = play(flow, {}, [{ kind: 'skip', result: 'x'.repeat(300_000) }]);
  expect(effect(turn, 'failed').error).toBe('States.DataLimitExceeded');
});
