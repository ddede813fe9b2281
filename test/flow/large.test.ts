/** What is hostile or huge: a clear answer, in bounded time (the test's own limit) and memory. */
import { expect, test } from 'vitest';
import type { Json } from '../../src/domain/json.ts';
import { matchesPattern } from '../../src/flow/condition.ts';
import { begin } from '../../src/flow/run.ts';
import { effect, flowOf, NOW, output, play, say } from './support.ts';

const pass = (Next?: string) => ({ Type: 'Pass', ...(Next === undefined ? { End: true } : { Next }) });
const names = Array.from({ length: 10_000 }, (_, i) => `S${i}`);

test('10,000 states in a row are checked and run', () => {
  const states = Object.fromEntries(names.map((name, i) => [name, pass(names[i + 1])]));
  expect(say({ StartAt: 'S0', States: states })).toEqual([]);
  const turn = begin(flowOf(states), {}, { now: NOW, executionId: 'x' });
  expect(effect(turn, 'wait').why).toBe('yield');
});

test('10,000 states in a ring, and 5,000 rings one after the other, are told', () => {
  const ring = Object.fromEntries(names.map((name, i) => [name, pass(names[(i + 1) % names.length])]));
  expect(say({ StartAt: 'S0', States: ring }).join('\n')).toContain('can never end');
  const rings = Object.fromEntries(
    names.map((name, i) => [
      name,
      i % 2 === 0
        ? pass(names[i + 1])
        : {
            Type: 'Choice',
            Choices: [{ Variable: '$.a', IsNull: true, Next: names[i - 1] }],
            Default: names[i + 1] ?? 'End',
          },
    ]),
  );
  const said = say({ StartAt: 'S0', States: { ...rings, End: pass() } });
  expect(said.filter((line) => line.includes('a loop without a Wait'))).toHaveLength(5_000);
});

test('5,000 states that all lead to each other are told by some of their loops', () => {
  const some = names.slice(0, 5_000);
  const all = some.map((name, i) => {
    const to = (n: number) => ({ Variable: '$.n', NumericEquals: n, Next: some[(i * n + 1) % some.length] });
    const out = { ...to(3), ...(i === 0 ? { Next: 'End' } : {}) };
    return [name, { Type: 'Choice', Choices: [to(2), out], Default: some[(i + 1) % some.length] }] as const;
  });
  const said = say({ StartAt: 'S0', States: { ...Object.fromEntries(all), End: pass() } });
  expect(said.filter((line) => line.includes('a loop without a Wait'))).toHaveLength(20);
});

test('a Choice with 10,000 rules', () => {
  const Choices = names.map((name, i) => ({ Variable: '$.n', NumericEquals: i % 9_999, Next: 'End', Comment: name }));
  const flow = { C: { Type: 'Choice', Choices, Default: 'End' }, End: pass() };
  expect(say({ StartAt: 'C', States: flow })).toEqual([expect.stringContaining('$.States.C.Choices[9999]: never met')]);
});

test('a text of 1 MB in a definition is read, and is more than a state may hand on', () => {
  const flow = { S: { Type: 'Pass', Result: 'x'.repeat(1_000_000), End: true } };
  expect(say({ StartAt: 'S', States: flow })).toEqual([]);
  expect(effect(play(flowOf(flow), {}), 'failed').error).toBe('States.DataLimitExceeded');
});

test('a definition of more than 1 MB is refused, before it is looked at', () => {
  const flow = (more: number) => ({
    StartAt: 'S',
    States: { S: { Type: 'Pass', Comment: 'x'.repeat(more), End: true } },
  });
  const most = 1_048_576 - JSON.stringify(flow(0)).length;
  expect(say(flow(most))).toEqual([]);
  expect(say(flow(most + 1))).toEqual([expect.stringContaining('$: a definition has at most 1 MB (1048576 bytes)')]);
});

test('flows nested 1,000 deep are refused by name', () => {
  let inner: Record<string, Json> = { StartAt: 'S0', States: { S0: pass() } };
  for (let i = 1; i < 1_000; i += 1) {
    inner = { StartAt: `S${i}`, States: { [`S${i}`]: { Type: 'Parallel', Branches: [inner], End: true } } };
  }
  expect(say(inner)).toEqual([expect.stringContaining('nested more than')]);
});

test('names like parts of every object, in branches and variables too', () => {
  const flow =
    JSON.parse(`{"StartAt":"__proto__","States":{"__proto__":{"Type":"Parallel","Next":"constructor","Assign":{"__proto__.$":"$[0]","toString":1},
    "Branches":[{"StartAt":"valueOf","States":{"valueOf":{"Type":"Pass","Result":{"__proto__":5},"End":true}}}]},
    "constructor":{"Type":"Pass","Parameters":{"a.$":"$toString"},"End":true}}}`) as { States: Record<string, Json> };
  const states = Object.fromEntries(Object.entries(flow.States));
  expect(output(play(flowOf(states as never), {}))).toEqual({ a: 1 });
  expect(({} as Record<string, unknown>).a).toBeUndefined();
});

test('a bomb of wildcards', () => {
  expect(matchesPattern('a'.repeat(100_000), `${'*a'.repeat(50)}*b`)).toBe(false);
});

test('a flow that goes round for ever stops by itself', () => {
  const turn = play(
    flowOf({
      A: { Type: 'Map', ItemProcessor: { StartAt: 'B', States: { B: pass() } }, Next: 'A2' },
      A2: { Type: 'Pass', Result: [1, 2], Next: 'A3' },
      A3: { Type: 'Choice', Choices: [{ Variable: '$[0]', NumericEquals: 1, Next: 'A' }], Default: 'E' },
      E: pass(),
    }),
    [1],
    [],
  );
  expect(effect(turn, 'lines').effects[0]).toMatchObject({ why: 'yield' });
});
