/** A Map in batches comes to what it comes to without. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../src/domain/json.ts';
import { batchAt, flowAround } from '../../src/flow/batch.ts';
import { isLarge, LARGE, runsAlone } from '../../src/flow/large.ts';
import { parseFlow } from '../../src/flow/parse.ts';
import type { BatchDone, Clock, Effect, FlowEvent, Turn } from '../../src/flow/position.ts';
import { begin, proceed, resume } from '../../src/flow/run.ts';
import type { Flow, MapState } from '../../src/flow/types.ts';

const call = (more: object = {}) => ({ Type: 'Task', Resource: 'module:http', End: true, ...more });
const each = (more: object = {}, Task: object = call()) => ({
  Type: 'Map',
  ItemsPath: '$.items',
  ItemSelector: { 'n.$': '$$.Map.Item.Value', 'at.$': '$$.Map.Item.Index', 'of.$': '$.of' },
  ItemProcessor: { StartAt: 'Call', States: { Call: Task } },
  ...more,
});
const mapping = (more: object = {}, task: object = call()) =>
  parseFlow({ StartAt: 'Each', States: { Each: { ...each(more, task), End: true } } }, 'mapping');

/** Says of a Task what comes of it; all that is under way goes on, the first of them first. */
type Work = (effect: Extract<Effect, { kind: 'task' }>) => FlowEvent;

interface Ran {
  readonly effect: Effect;
  /** The steps in the order in which they were done, and the most of them that were under way at once. */
  readonly done: readonly string[];
  readonly mostAtOnce: number;
  readonly batches: readonly (readonly [number, number])[];
}

function run(flow: Flow, input: Json, work: Work, size?: number): Ran {
  const clock = (): Clock => ({ now: 0, ...(size === undefined ? {} : { batch: () => size }) });
  return drive(flow, flow, begin(flow, input, { ...clock(), executionId: 'e' }), work, clock);
}

function drive(whole: Flow, flow: Flow, first: Turn, work: Work, clock: () => Clock): Ran {
  const done: string[] = [];
  const batches: [number, number][] = [];
  let mostAtOnce = 0;
  let turn = first;
  for (;;) {
    const { effect } = turn;
    if (effect.kind === 'succeeded' || effect.kind === 'failed') return { effect, done, mostAtOnce, batches };
    const effects = effect.kind === 'lines' ? effect.effects : [effect];
    const [one] = effects;
    if (one?.kind === 'task') {
      mostAtOnce = Math.max(mostAtOnce, effects.length);
      done.push(`${one.within}${one.state}#${one.entry}`);
      turn = proceed(flow, turn.position, { ...work(one), ...(one.line ? { line: one.line } : {}) }, clock());
    } else if (one?.kind === 'items') {
      batches.push([one.from, one.to]);
      const inner = flowAround(whole, one.state) ?? whole;
      // As it goes through Temporal.
      const at = JSON.parse(JSON.stringify(batchAt(flow, turn.position, one.line ?? [])));
      const ran = drive(whole, inner, resume(inner, at, clock()), work, clock);
      expect(ran.effect.kind).toBe('succeeded');
      const output = ran.effect.kind === 'succeeded' ? ran.effect.output : null;
      done.push(...ran.done);
      mostAtOnce = Math.max(mostAtOnce, effects.length * ran.mostAtOnce);
      const event: FlowEvent = { kind: 'batched', done: output as unknown as BatchDone };
      turn = proceed(flow, turn.position, { ...event, ...(one.line ? { line: one.line } : {}) }, clock());
    } else throw new Error(`nothing to do with ${JSON.stringify(effect)}`);
  }
}

const echo: Work = ({ input }) => ({ kind: 'result', output: input });
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

test('output and names of steps are the same, whatever the size of the batches', () => {
  const input = { items: numbers(25), of: 'all' };
  const plain = run(mapping(), input, echo);
  for (const size of [1, 7, 24, 25, 100]) {
    const ran = run(mapping(), input, echo, size);
    expect(ran.effect).toEqual(plain.effect);
    expect([...ran.done].sort()).toEqual([...plain.done].sort());
    expect(ran.batches.length).toBe(Math.ceil(25 / size));
  }
});

test('also of a Map in a branch, and of a Map in a Map', () => {
  const inner = { ...each({ ItemsPath: '$.n' }), End: true };
  const outer = { ...each(), ItemProcessor: { StartAt: 'Inner', States: { Inner: inner } }, End: true };
  const flow = parseFlow(
    {
      StartAt: 'Both',
      States: {
        Both: {
          Type: 'Parallel',
          End: true,
          Branches: [
            { StartAt: 'One', States: { One: call() } },
            { StartAt: 'Each', States: { Each: outer } },
          ],
        },
      },
    },
    'nested',
  );
  const input = { items: [numbers(3), numbers(5), []], of: 'all' };
  const plain = run(flow, input, echo);
  const ran = run(flow, input, echo, 2);
  expect(plain.effect.kind).toBe('succeeded');
  expect(ran.effect).toEqual(plain.effect);
  expect([...ran.done].sort()).toEqual([...plain.done].sort());
});

test.each([
  [0, 40],
  [1, 1],
  [7, 7],
  [25, 25],
  [1000, 40],
])('MaxConcurrency %i: all batches together have at most %i items under way', (MaxConcurrency, most) => {
  const { mostAtOnce } = run(mapping({ MaxConcurrency }), { items: numbers(300), of: '' }, echo, 50);
  expect(mostAtOnce).toBeLessThanOrEqual(most);
  expect(mostAtOnce).toBeGreaterThan(most / 2);
});

const failsAt =
  (...indices: number[]): Work =>
  ({ input }) =>
    indices.includes((input as { at: number }).at)
      ? { kind: 'error', error: 'Broken', cause: `item ${(input as { at: number }).at}` }
      : { kind: 'result', output: input };

test('an item that fails fails the Map by its own error, and Catch has it', () => {
  const ran = run(mapping(), { items: numbers(20), of: '' }, failsAt(13), 5);
  expect(ran.effect).toMatchObject({ kind: 'failed', state: 'Each', error: 'Broken', cause: 'item 13' });
  const catching = parseFlow(
    {
      StartAt: 'Each',
      States: {
        Each: { ...each(), Catch: [{ ErrorEquals: ['Broken'], ResultPath: '$.error', Next: 'Caught' }], End: true },
        Caught: { Type: 'Pass', OutputPath: '$.error', End: true },
      },
    },
    'catching',
  );
  expect(run(catching, { items: numbers(20), of: '' }, failsAt(13), 5).effect).toMatchObject({
    output: { Error: 'Broken', Cause: 'item 13' },
  });
});

test('so many may fail as the whole Map says, over all batches', () => {
  const input = { items: numbers(20), of: '' };
  const tolerant = mapping({ ToleratedFailureCount: 2 });
  const { effect } = run(tolerant, input, failsAt(3, 13), 5);
  expect(effect).toEqual(run(tolerant, input, failsAt(3, 13)).effect);
  expect(effect).toMatchObject({ kind: 'succeeded' });
  expect(run(tolerant, input, failsAt(3, 13, 18), 5).effect).toMatchObject({
    kind: 'failed',
    error: 'States.ExceedToleratedFailureThreshold',
    cause: '3 of 20 items failed; 2 may',
  });
});

test('whatever fails, the end is that of a Map without batches', () => {
  const input = { items: numbers(30), of: '' };
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(29), { maxLength: 6 }),
      fc.option(fc.nat(5)),
      fc.integer({ min: 1, max: 31 }),
      (failing, tolerated, size) => {
        const flow = mapping(tolerated === null ? {} : { ToleratedFailureCount: tolerated });
        const [plain, ran] = [run(flow, input, failsAt(...failing)), run(flow, input, failsAt(...failing), size)];
        expect(ran.effect.kind).toBe(plain.effect.kind);
        if (plain.effect.kind === 'succeeded') expect(ran.effect).toEqual(plain.effect);
        else if (plain.effect.kind === 'failed') expect(ran.effect).toMatchObject({ error: plain.effect.error });
      },
    ),
  );
});

test('an ItemSelector that finds nothing fails the Map, as without batches', () => {
  const flow = mapping({ ItemSelector: { 'gone.$': '$.nowhere' } });
  const input = { items: numbers(9), of: '' };
  expect(run(flow, input, echo, 4).effect).toEqual(run(flow, input, echo).effect);
});

test('what one batch begins with is bounded: large items make smaller ones', () => {
  const large = 'x'.repeat(100_000);
  const { batches } = run(mapping(), { items: Array(6).fill(large), of: '' }, echo, 100);
  expect(batches).toEqual([
    [0, 2],
    [2, 4],
    [4, 6],
  ]);
});

test('a Map that is retried begins all of its items anew, under their old names', () => {
  let failures = 1;
  const flow = mapping({ Retry: [{ ErrorEquals: ['Broken'], IntervalSeconds: 1, MaxAttempts: 1 }] });
  const clock = (): Clock => ({ now: 0, batch: () => 4 });
  const work: Work = (task) => (failures-- > 0 ? failsAt(0)(task) : echo(task));
  let turn = begin(flow, { items: numbers(6), of: '' }, { ...clock(), executionId: 'e' });
  const seen: string[] = [];
  for (let i = 0; i < 20 && turn.effect.kind !== 'succeeded'; i++) {
    const { effect } = turn;
    if (effect.kind === 'wait') turn = proceed(flow, turn.position, { kind: 'elapsed' }, clock());
    else {
      const one = effect.kind === 'lines' ? effect.effects[0] : undefined;
      if (one?.kind !== 'items') throw new Error(JSON.stringify(effect));
      const ran = drive(flow, flow, resume(flow, batchAt(flow, turn.position, one.line ?? []), clock()), work, clock);
      seen.push(...ran.done.slice(0, 1));
      const done = (ran.effect as { output: unknown }).output as BatchDone;
      turn = proceed(flow, turn.position, { kind: 'batched', done, line: one.line ?? [] }, clock());
    }
  }
  expect(turn.effect).toMatchObject({ kind: 'succeeded' });
  expect(seen).toEqual(['Each#1[0]/Call#1', 'Each#1[0]/Call#1', 'Each#1[4]/Call#1']);
});

test('large is what has many items that leave something in a history', () => {
  const stateOf = (flow: Flow) => flow.states.get('Each') as MapState;
  expect(isLarge(stateOf(mapping()), LARGE.items)).toBe(false);
  expect(isLarge(stateOf(mapping()), LARGE.items + 1)).toBe(true);
  expect(isLarge(stateOf(mapping({}, { Type: 'Pass', End: true })), 100_000)).toBe(false);
  expect(runsAlone(stateOf(mapping()), ['http', 'askPeople'], ['http'])).toBe(true);
  const asking = mapping({}, { ...call(), Resource: 'module:askPeople' });
  expect(runsAlone(stateOf(asking), ['http', 'askPeople'], ['http'])).toBe(false);
});
