import { describe, expect, test } from 'vitest';
import { MOST_TRANSITIONS, type Position, proceed, STATES_PER_YIELD, type Turn } from '../../src/flow/run.ts';
import type { Flow } from '../../src/flow/types.ts';
import { effect, elapsed, error, flowOf, NOW, output, result, start } from './support.ts';

const CIRCLE = flowOf({
  Round: { Type: 'Pass', Next: 'Ask' },
  Ask: { Type: 'Choice', Choices: [{ Variable: '$.out', BooleanEquals: true, Next: 'Out' }], Default: 'Round' },
  Out: { Type: 'Succeed' },
});

/** `count` Pass states in a row, then the end. */
function chain(count: number): Flow {
  const states = Array.from({ length: count }, (_, i) => {
    return [`P${i}`, { Type: 'Pass', ...(i < count - 1 ? { Next: `P${i + 1}` } : { End: true }) }] as const;
  });
  return flowOf(Object.fromEntries(states));
}

function pass(flow: Flow, from: Turn): { turn: Turn; yields: number } {
  let [turn, yields] = [from, 0];
  while (turn.effect.kind === 'wait' && yields < 1000) {
    expect(turn.effect).toMatchObject({ why: 'yield', until: NOW + 1 });
    turn = proceed(flow, turn.position, elapsed, { now: NOW });
    yields++;
  }
  return { turn, yields };
}

test('500 states without an effect run through, the 501st comes after a yield of 1 ms', () => {
  expect(STATES_PER_YIELD).toBe(500);
  expect(start(chain(500)).effect.kind).toBe('succeeded');
  const flow = chain(501);
  const turn = start(flow);
  expect(turn.effect).toEqual({ kind: 'wait', state: 'P500', entry: 1, until: NOW + 1, why: 'yield' });
  expect(output(proceed(flow, turn.position, elapsed, { now: NOW }))).toEqual({});
});

test('an effect that took time begins the count of states anew', () => {
  const states = { T: { Type: 'Task', Resource: 'module:x', Next: 'P0' } };
  const flow = flowOf({ ...states, ...Object.fromEntries(chainStates(500)) });
  const after = (ms: number) => proceed(flow, start(flow).position, result({}), { now: NOW + ms });
  expect(after(1).effect.kind).toBe('succeeded');
  expect(after(0).effect).toMatchObject({ kind: 'wait', why: 'yield', state: 'P499' });
});

describe('a circle whose effects take no time yields all the same', () => {
  const PAST = { Type: 'Wait', Timestamp: '2020-01-01T00:00:00Z' };
  const TASK = { Type: 'Task', Resource: 'module:x' };
  test.each([
    [
      'a Wait for what has passed',
      flowOf({ W: { ...PAST, Next: 'P' }, P: { Type: 'Pass', Next: 'A' }, ...asking('W') }),
      3,
    ],
    ['a Wait of 0 s', flowOf({ W: { Type: 'Wait', Seconds: 0, Next: 'A' }, ...asking('W') }), 2],
    ['a Task that is answered at once', flowOf({ T: { ...TASK, ResultPath: null, Next: 'A' }, ...asking('T') }), 2],
    [
      'a Task that fails at once and is caught',
      flowOf({
        T: { ...TASK, Catch: [{ ErrorEquals: ['E'], ResultPath: null, Next: 'A' }], Next: 'A' },
        ...asking('T'),
      }),
      2,
    ],
  ])('%s', (name, flow, states) => {
    let turn = start(flow, { out: false });
    const effects: string[] = [];
    for (let round = 0; round < 600; round++) {
      effects.push(turn.effect.kind === 'wait' ? turn.effect.why : turn.effect.kind);
      const event = turn.effect.kind === 'task' ? (name.includes('fails') ? error('E') : result({})) : elapsed;
      const carried: Position = JSON.parse(JSON.stringify(turn.position));
      turn = proceed(flow, carried, event, { now: NOW });
    }
    expect(effects.indexOf('yield')).toBe(Math.round(500 / states));
    expect(effects.filter((kind) => kind === 'yield').length).toBeGreaterThan(1);
  });

  test('and never when each of them takes a moment', () => {
    const flow = flowOf({ T: { ...TASK, ResultPath: null, Next: 'A' }, ...asking('T') });
    let turn = start(flow, { out: false });
    for (let round = 1; round < 1200; round++) {
      expect(turn.effect.kind).toBe('task');
      turn = proceed(flow, turn.position, result({}), { now: NOW + round });
    }
  });
});

/** A Choice that goes round to `first`, until `$.out`. */
function asking(first: string) {
  return {
    A: { Type: 'Choice', Choices: [{ Variable: '$.out', BooleanEquals: true, Next: 'Out' }], Default: first },
    Out: { Type: 'Succeed' },
  };
}

function chainStates(count: number) {
  return [...chain(count).states.keys()].map((name, i) => [
    name,
    { Type: 'Pass', ...(i < count - 1 ? { Next: `P${i + 1}` } : { End: true }) },
  ]);
}

test('a flow that runs in a circle fails with States.Runtime after 25,000 transitions', () => {
  expect(MOST_TRANSITIONS).toBe(25_000);
  const { turn, yields } = pass(CIRCLE, start(CIRCLE, { out: false }));
  expect(effect(turn, 'failed')).toMatchObject({ error: 'States.Runtime', cause: expect.stringContaining('25000') });
  expect(turn.position.transitions).toBe(25_001);
  expect(yields).toBe(50);
});

test('exactly 25,000 transitions are let pass', () => {
  const flow = chain(25_001);
  const { turn } = pass(flow, start(flow));
  expect(turn.effect.kind).toBe('succeeded');
  expect(turn.position.transitions).toBe(25_000);
  const longer = chain(25_002);
  expect(pass(longer, start(longer)).turn.effect).toMatchObject({ kind: 'failed', state: 'P25001' });
});

test('no Catch holds a flow that runs in a circle, an operator can end it', () => {
  const flow = flowOf({
    T: {
      Type: 'Task',
      Resource: 'module:x',
      InputPath: '$.gone',
      Catch: [{ ErrorEquals: ['States.Runtime'], ResultPath: null, Next: 'T' }],
      Next: 'End',
    },
    End: { Type: 'Succeed' },
  });
  const { turn } = pass(flow, start(flow));
  expect(effect(turn, 'failed').error).toBe('States.Runtime');
  const fixed = proceed(flow, turn.position, { kind: 'fix', input: { gone: 1 } }, { now: NOW });
  expect(effect(fixed, 'task').input).toBe(1);
  expect(fixed.position.transitions).toBe(0);
});

test('entries count every time a state is entered', () => {
  const { turn } = pass(CIRCLE, start(CIRCLE, { out: false }));
  const { Round, Ask } = turn.position.frame.entries;
  expect([Round, Ask]).toEqual([12_501, 12_501]);
});
