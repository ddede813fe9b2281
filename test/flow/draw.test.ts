import { describe, expect, test } from 'vitest';
import { drawFlow } from '../../src/flow/draw.ts';
import { MOST_PASSINGS, type Passing, takePassage } from '../../src/flow/passing.ts';
import type { FlowEvent, Passage } from '../../src/flow/position.ts';
import { begin, proceed } from '../../src/flow/run.ts';
import { elapsed, error, flowOf, NOW, result } from './support.ts';

test('a flow is drawn with its rules, its ends and, dotted, its catches', () => {
  const flow = flowOf({
    Work: { Type: 'Task', Resource: 'x', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Sorry' }], Next: 'Ask' },
    Ask: { Type: 'Choice', Choices: [{ Variable: '$.a', StringEquals: '<"b">', Next: 'Rest' }], Default: 'Good' },
    Rest: { Type: 'Wait', Seconds: 1, End: true },
    Good: { Type: 'Succeed' },
    Sorry: { Type: 'Fail' },
  });
  expect(drawFlow(flow)).toBe(`flowchart TD
  start((start))
  s0["Work"]
  s1{"Ask"}
  s2[/"Rest"/]
  s3(["Good"])
  s4(["Sorry"])
  done((end))
  start --> s0
  s0 --> s1
  s0 -.->|"States.ALL"| s4
  s1 -->|"$.a = #34;#60;\\#34;b\\#34;#62;#34;"| s2
  s1 -->|"otherwise"| s3
  s2 --> done
`);
});

describe('the way that a run took', () => {
  const flow = flowOf({
    A: {
      Type: 'Task',
      Resource: 'module:m',
      Retry: [{ ErrorEquals: ['E'], IntervalSeconds: 60 }],
      Catch: [{ ErrorEquals: ['F'], Next: 'C' }],
      Next: 'B',
    },
    B: { Type: 'Choice', Choices: [{ Variable: '$.again', BooleanEquals: true, Next: 'A' }], Default: 'C' },
    C: { Type: 'Wait', Seconds: 90, Next: 'D' },
    D: { Type: 'Succeed' },
  });
  const walked = (events: readonly FlowEvent[]) => {
    const passings: Passing[] = [];
    const clock = (now: number) => ({ now, watch: (passage: Passage) => takePassage(passings, passage) });
    let turn = begin(flow, {}, { ...clock(NOW), executionId: 'X' });
    for (const [index, event] of events.entries())
      turn = proceed(flow, turn.position, event, clock(NOW + 1000 * (index + 1)));
    const { effect } = turn;
    const standing =
      effect.kind === 'wait'
        ? [{ state: effect.state, until: effect.until }]
        : effect.kind === 'failed'
          ? [{ state: effect.state, error: effect.error }]
          : [];
    return drawFlow(flow, { passings, standing })
      .split('\n')
      .map((line) => line.trim());
  };

  test('has thick lines, and times, rounds and attempts in the states', () => {
    const lines = walked([error('E'), elapsed, result({ again: true }), result({ again: false })]);
    expect(lines).toEqual(
      expect.arrayContaining([
        'start ==> s0',
        's0["A<br/>2 times, the last:<br/>2026-04-23 14:30:03 UTC, 1 s"]:::passed',
        's0 ==> s1',
        's1 ==>|"$.again = true"| s0',
        's1 ==>|"otherwise"| s2',
        's0 -.->|"F"| s2',
        's2[/"C<br/>2026-04-23 14:30:04 UTC, since then<br/>until 2026-04-23 14:31:34 UTC"/]:::stands',
        's2 --> s3',
        's3(["D"])',
      ]),
    );
  });

  test('shows what failed, what was caught, and its end', () => {
    expect(walked([error('E'), elapsed, error('G')])).toContain(
      's0["A<br/>2026-04-23 14:30:00 UTC, 3 s, 2 attempts, G"]:::failed',
    );
    const caught = walked([error('F'), elapsed]);
    expect(caught).toEqual(
      expect.arrayContaining([
        's0 ==>|"F"| s2',
        's0 --> s1',
        's2 ==> s3',
        's3(["D<br/>2026-04-23 14:30:02 UTC, 0 s"]):::passed',
      ]),
    );
  });

  test('shows the attempts of a Task in JSONata too, when it is left and when it is caught', () => {
    const A = { Type: 'Task', QueryLanguage: 'JSONata', Resource: 'module:m', Output: 'x', End: true };
    const more = { Retry: [{ ErrorEquals: ['E'], IntervalSeconds: 60 }], Catch: [{ ErrorEquals: ['F'], Next: 'C' }] };
    const jsonata = flowOf({ A: { ...A, ...more }, C: { Type: 'Succeed' } });
    for (const last of [result('ok'), error('F')]) {
      const passings: Passing[] = [];
      const clock = { now: NOW, watch: (passage: Passage) => takePassage(passings, passage) };
      let turn = begin(jsonata, {}, { ...clock, executionId: 'X' });
      for (const event of [error('E'), elapsed, last]) turn = proceed(jsonata, turn.position, event, clock);
      expect(passings[0]).toMatchObject({ state: 'A', attempts: 2 });
    }
  });

  test('remembers the last steps of a long one', () => {
    const passings: Passing[] = [];
    const frame = { state: 'A', entries: {}, input: {}, phase: { kind: 'ready' } } as const;
    for (let entry = 1; entry <= 1_000; entry++)
      takePassage(passings, { kind: 'entered', frame: { ...frame, entry, enteredAt: entry } });
    expect([passings.length, passings.at(-1)?.entry]).toEqual([MOST_PASSINGS, 1_000]);
  });
});
