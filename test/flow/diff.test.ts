import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { diffFlows } from '../../src/flow/diff.ts';

const base: JsonObject = {
  StartAt: 'A',
  States: {
    A: { Type: 'Choice', Choices: [{ Variable: '$.a', IsPresent: true, Next: 'B' }], Default: 'C' },
    B: { Type: 'Pass', End: true },
    C: { Type: 'Pass', End: true },
  },
};
const states = (more: JsonObject): JsonObject => ({ ...base, States: { ...(base.States as JsonObject), ...more } });
const nothing = { added: [], removed: [], changed: [], flow: [], onlyOrder: false };

test('the same flow has no difference', () => {
  expect(diffFlows(base, structuredClone(base))).toEqual(nothing);
});

test('states that are new, gone and changed are named, each change with its path', () => {
  const { C: _, ...rest } = base.States as JsonObject;
  const after = {
    ...base,
    StartAt: 'B',
    TimeoutSeconds: 5,
    States: { ...rest, 'a b': { Type: 'Succeed' }, B: { Type: 'Pass', Next: 'a b' } },
  };
  expect(diffFlows(base, after)).toEqual({
    added: ['a b'],
    removed: ['C'],
    changed: [
      {
        state: 'B',
        changes: [
          { path: '$.End', before: true },
          { path: '$.Next', after: 'a b' },
        ],
      },
    ],
    flow: [
      { path: '$.StartAt', before: 'A', after: 'B' },
      { path: '$.TimeoutSeconds', after: 5 },
    ],
    onlyOrder: false,
  });
});

test('rules are compared by their place', () => {
  const rule = { Variable: '$.a', IsPresent: true, Next: 'C' };
  const after = states({ A: { Type: 'Choice', Choices: [rule, rule], Default: 'C' } });
  expect(diffFlows(base, after).changed).toEqual([
    {
      state: 'A',
      changes: [
        { path: '$.Choices[0].Next', before: 'B', after: 'C' },
        { path: '$.Choices[1]', after: rule },
      ],
    },
  ]);
});

test('an order of fields is no change of a state, and is told of', () => {
  const after = states({ B: { End: true, Type: 'Pass' } });
  expect(diffFlows(base, after)).toEqual({ ...nothing, onlyOrder: true });
});

test('a state named like a property of every object is a state like others', () => {
  const after = JSON.parse(JSON.stringify(base).replace('"C":{', '"__proto__":{')) as JsonObject;
  expect(diffFlows(base, after)).toMatchObject({ added: ['__proto__'], removed: ['C'] });
});
