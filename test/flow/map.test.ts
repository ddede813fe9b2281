import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import { proceed } from '../../src/flow/run.ts';
import { effect, error, errorsOf, flowOf, line, NOW, output, play, result, waiting } from './support.ts';

const map = (state: JsonObject = {}) =>
  flowOf({
    M: { Type: 'Map', ItemProcessor: line(), Next: 'After', ...state },
    After: { Type: 'Pass', End: true },
    Sorry: { Type: 'Pass', End: true },
  });
const at = (index: number, event: ReturnType<typeof result>) => ({ ...event, line: [index] });

test('every item runs, and the outputs come in the items’ order', () => {
  const flow = map();
  expect(waiting(play(flow, ['x', null, 3]))).toEqual({
    'M#1[0]/Work#1': 'x',
    'M#1[1]/Work#1': null,
    'M#1[2]/Work#1': 3,
  });
  const events = [at(2, result('c')), at(0, result('a')), at(1, result('b'))];
  expect(output(play(flow, ['x', null, 3], events))).toEqual(['a', 'b', 'c']);
});

test('no items: an empty list at once', () => {
  expect(output(play(map(), []))).toEqual([]);
});

test('the older Iterator is the same', () => {
  const flow = flowOf({ M: { Type: 'Map', Iterator: line(), End: true } });
  expect(output(play(flow, [1], [at(0, result(2))]))).toEqual([2]);
});

describe('ItemsPath and ItemSelector', () => {
  const input = { in: { list: [{ id: 7 }, { id: 8 }], by: 'me' } };

  test('the selector reads the state’s input, and the item in $$', () => {
    const flow = map({
      InputPath: '$.in',
      ItemsPath: '$.list',
      ItemSelector: { 'by.$': '$.by', 'id.$': '$$.Map.Item.Value.id', 'n.$': '$$.Map.Item.Index' },
    });
    expect(waiting(play(flow, input))).toEqual({
      'M#1[0]/Work#1': { by: 'me', id: 7, n: 0 },
      'M#1[1]/Work#1': { by: 'me', id: 8, n: 1 },
    });
  });

  test('Parameters of older definitions is the selector', () => {
    const flow = map({ ItemsPath: '$.in.list', Parameters: { 'id.$': '$$.Map.Item.Value.id' } });
    expect(waiting(play(flow, input))).toEqual({ 'M#1[0]/Work#1': { id: 7 }, 'M#1[1]/Work#1': { id: 8 } });
  });

  test('a search finds the items', () => {
    expect(waiting(play(map({ ItemsPath: '$.in.list[*].id' }), input))).toEqual({
      'M#1[0]/Work#1': 7,
      'M#1[1]/Work#1': 8,
    });
  });

  test('$$ tells the item to the states within, of the innermost Map', () => {
    const tell: JsonObject = {
      Type: 'Pass',
      Parameters: { 'v.$': '$$.Map.Item.Value', 'i.$': '$$.Map.Item.Index' },
      End: true,
    };
    const inner: JsonObject = { Type: 'Map', ItemProcessor: { StartAt: 'Tell', States: { Tell: tell } }, End: true };
    const flow = map({ ItemProcessor: { StartAt: 'In', States: { In: inner } } });
    expect(output(play(flow, [['a', 'b'], ['c']]))).toEqual([
      [
        { v: 'a', i: 0 },
        { v: 'b', i: 1 },
      ],
      [{ v: 'c', i: 0 }],
    ]);
  });

  test.each([
    [{ ItemsPath: '$.gone' }, 'there is nothing at $.gone'],
    [{ ItemsPath: '$.in' }, '$.in is no array but object'],
    [{ ItemsPath: '$.in.by' }, '$.in.by is no array but string'],
  ])('%j: the state fails and Catch of States.ALL lets it pass', (state, cause) => {
    const flow = map({ ...state, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Sorry' }] });
    expect(effect(play(flow, input), 'failed')).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining(cause),
    });
  });

  test('a selector that finds nothing fails the state', () => {
    const flow = map({ ItemsPath: '$.in.list', ItemSelector: { 'x.$': '$$.Map.Item.Value.gone' } });
    expect(effect(play(flow, input), 'failed')).toMatchObject({ error: 'States.ParameterPathFailure', state: 'M' });
  });
});

describe('MaxConcurrency', () => {
  test.each([
    [{ MaxConcurrency: 2 }, 2],
    [{ MaxConcurrency: 1 }, 1],
    [{ MaxConcurrency: 0 }, 40],
    [{}, 40],
    [{ MaxConcurrency: 1000 }, 40],
    [{ MaxConcurrencyPath: '$.most' }, 3],
  ])('%j: %i of 50 at once, the next when one is through', (state, most) => {
    const input = { most: 3, list: Array.from({ length: 50 }, (_, i) => i) };
    const flow = map({ ItemsPath: '$.list', ...state });
    expect(Object.values(waiting(play(flow, input)))).toEqual(input.list.slice(0, most));
    const next = waiting(play(flow, input, [at(most - 1, result('done'))]));
    expect(Object.values(next)).toEqual([...input.list.slice(0, most - 1), most]);
  });

  test.each(['x', -1, null])('a MaxConcurrencyPath that finds %j fails the state', (most) => {
    const flow = map({ ItemsPath: '$.list', MaxConcurrencyPath: '$.most' });
    expect(effect(play(flow, { most, list: [1] }), 'failed')).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining('MaxConcurrencyPath: $.most is no number'),
    });
  });

  test('one at a time goes through items that never wait', () => {
    const flow = map({
      MaxConcurrency: 1,
      ItemProcessor: { StartAt: 'N', States: { N: { Type: 'Pass', End: true } } },
    });
    const items = Array.from({ length: 300 }, (_, i) => i);
    expect(output(play(flow, items))).toEqual(items);
  });

  test('more states than may pass without letting go: a line yields, and goes on', () => {
    const flow = map({ ItemProcessor: { StartAt: 'N', States: { N: { Type: 'Pass', End: true } } } });
    const items = Array.from({ length: 1000 }, (_, i) => i);
    let turn = play(flow, items);
    let yields = 0;
    for (; turn.effect.kind === 'lines'; yields += 1) {
      const [first] = turn.effect.effects;
      expect(first).toMatchObject({ kind: 'wait', why: 'yield' });
      turn = proceed(flow, turn.position, { kind: 'elapsed', line: first?.line ?? [] }, { now: NOW });
    }
    expect(yields).toBeGreaterThan(1);
    expect(output(turn)).toEqual(items);
  });
});

describe('an item that fails', () => {
  test('fails the state with its own error', () => {
    expect(effect(play(map(), [1, 2], [at(1, error('Broken'))]), 'failed')).toMatchObject({
      state: 'M',
      error: 'Broken',
    });
  });

  const tolerant = (state: JsonObject) =>
    map({ Catch: [{ ErrorEquals: ['States.ExceedToleratedFailureThreshold'], Next: 'Sorry' }], ...state });
  const failing = (...indexes: number[]) => indexes.map((index) => at(index, error('Broken')));
  const going = (...indexes: number[]) => indexes.map((index) => at(index, result(index)));

  test.each([
    [{ ToleratedFailureCount: 1 }, [0], [1, 2, 3]],
    [{ ToleratedFailurePercentage: 50 }, [0, 3], [1, 2]],
    [{ ToleratedFailurePercentage: 60 }, [0, 3], [1, 2]],
    [{ ToleratedFailureCount: 3, ToleratedFailurePercentage: 50 }, [0, 3], [1, 2]],
    [{ ToleratedFailureCountPath: '$.n' }, [0, 1], [2, 3]],
  ] as [JsonObject, number[], number[]][])('%j tolerates %j, and the output has the others', (state, failed, rest) => {
    const input: Json = { n: 2, list: [1, 2, 3, 4] };
    const flow = tolerant({ ItemsPath: '$.list', ...state });
    expect(output(play(flow, input, [...failing(...failed), ...going(...rest)]))).toEqual(rest);
  });

  test.each([
    [{ ToleratedFailureCount: 1 }, [0, 1]],
    [{ ToleratedFailurePercentage: 50 }, [0, 1, 2]],
    [{ ToleratedFailureCount: 3, ToleratedFailurePercentage: 50 }, [0, 1, 2]],
  ] as [JsonObject, number[]][])('%j: one more, and the threshold is exceeded', (state, failed) => {
    expect(output(play(tolerant(state), [1, 2, 3, 4], failing(...failed)))).toMatchObject({
      Error: 'States.ExceedToleratedFailureThreshold',
    });
  });
});

test.each([
  [{ Type: 'Map', End: true }, '', 'one of ItemProcessor or Iterator is needed'],
  [{ Type: 'Map', ItemProcessor: line(), Iterator: line(), End: true }, '', 'exclude each other'],
  [{ Type: 'Map', ItemProcessor: 5, End: true }, '.ItemProcessor', 'must be an object'],
  [
    { Type: 'Map', ItemProcessor: line({ Resource: 'module:analyzeTicket' }), MaxConcurrency: -1, End: true },
    '.MaxConcurrency',
    'from 0',
  ],
  [
    {
      Type: 'Map',
      ItemProcessor: line({ Resource: 'module:analyzeTicket' }),
      MaxConcurrency: 1,
      MaxConcurrencyPath: '$.n',
      End: true,
    },
    '',
    'exclude each other',
  ],
  [
    {
      Type: 'Map',
      ItemProcessor: line({ Resource: 'module:analyzeTicket' }),
      ToleratedFailurePercentage: 101,
      End: true,
    },
    '.ToleratedFailurePercentage',
    'from 0 to 100',
  ],
  [
    { Type: 'Map', ItemProcessor: line({ Resource: 'module:analyzeTicket' }), ItemReader: {}, End: true },
    '.ItemReader',
    'not supported',
  ],
  [
    {
      Type: 'Map',
      ItemProcessor: { ...line({ Resource: 'module:analyzeTicket' }), ProcessorConfig: { Mode: 'DISTRIBUTED' } },
      End: true,
    },
    '.ItemProcessor.ProcessorConfig.Mode',
    'not supported',
  ],
])('%j is refused', (state, path, message) => {
  expect(errorsOf(state).join('\n')).toContain(`error $.States.S${path}: `);
  expect(errorsOf(state).join('\n')).toContain(message);
});
