import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../src/domain/json.ts';
import { checkFlow } from '../../src/flow/check.ts';
import { drawFlow } from '../../src/flow/draw.ts';
import { parseFlow } from '../../src/flow/parse.ts';
import { begin, effectOf, type Position, proceed } from '../../src/flow/run.ts';
import { definition, eventFor, name, runs } from './arbitrary.ts';
import { NOW } from './support.ts';

test('any flow that is checked runs without throwing, and from JSON at every turn just the same', () => {
  const ends: Record<string, number> = {};
  fc.assert(
    fc.property(runs, ([given, input, answers]) => {
      const flow = parseFlow(given, 'random');
      const clock = { now: NOW, random: () => 0.5 };
      let turn = begin(flow, input as Json, { ...clock, executionId: 'X' });
      for (const [index, next] of answers.entries()) {
        ends[turn.effect.kind] = (ends[turn.effect.kind] ?? 0) + 1;
        const event = eventFor(turn, next);
        if (!event) break;
        const later = { ...clock, now: NOW + index * 1000 };
        const carried = JSON.parse(JSON.stringify(turn.position)) as Position;
        const again = proceed(parseFlow(JSON.parse(JSON.stringify(given)), 'random'), carried, event, later);
        turn = proceed(flow, turn.position, event, later);
        expect(JSON.stringify(again)).toBe(JSON.stringify(turn));
        expect(JSON.stringify(effectOf(flow, turn.position))).toBe(JSON.stringify(turn.effect));
      }
    }),
    { numRuns: 400 },
  );
  // The property says nothing if the random flows never get anywhere.
  expect(Object.keys(ends).sort()).toEqual(['failed', 'lines', 'succeeded', 'task', 'wait']);
});

test('nothing that went in is ever changed, and a turn that is not recorded comes to the same', () => {
  let decided = 0;
  fc.assert(
    fc.property(runs, ([given, input, answers]) => {
      const flow = parseFlow(frozen(given), 'random');
      const clock = { now: NOW, random: () => 0.5 };
      let turn = begin(flow, frozen(input as Json), { ...clock, executionId: 'X' });
      for (const next of answers) {
        const event = eventFor(turn, next);
        if (!event) break;
        const before = frozen(turn.position);
        const unrecorded = proceed(flow, before, frozen(event), { ...clock, unrecorded: true });
        turn = proceed(flow, before, event, clock);
        expect(JSON.stringify(unrecorded)).toBe(JSON.stringify({ ...turn, decisions: [] }));
        if (turn.decisions.length > 0) decided += 1;
      }
    }),
    { numRuns: 400 },
  );
  // How many is up to chance: many flows end at once.
  expect(decided).toBeGreaterThan(0);
});

/** All of it, however deep. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) frozen(inner);
  return value;
}

test('entries grow by one and only when a state is entered anew; attempts stay within their bound', () => {
  fc.assert(
    fc.property(runs, ([given, input, answers]) => {
      const flow = parseFlow(given, 'random');
      let turn = begin(flow, input as Json, { now: NOW, executionId: 'X' });
      for (const next of answers) {
        const event = eventFor(turn, next);
        if (!event) break;
        const before = turn.position;
        turn = proceed(flow, before, event, { now: NOW });
        const { frame } = turn.position;
        const operated = event.kind === 'retry' || event.kind === 'fix' || event.kind === 'skip';
        const entered = Object.values(frame.entries).reduce((sum, n) => sum + n, 0);
        const enteredBefore = Object.values(before.frame.entries).reduce((sum, n) => sum + n, 0);
        // Moves within a Parallel or a Map are counted in the whole, and entered in frames of their own.
        const flat = [...flow.states.values()].every((state) => state.type !== 'Parallel' && state.type !== 'Map');
        const moves = turn.position.transitions - (operated ? 0 : before.transitions);
        if (flat) expect(entered - enteredBefore).toBe(moves);
        else expect(entered - enteredBefore).toBeLessThanOrEqual(moves);
        if (turn.effect.kind === 'task') expect(turn.effect.attempt).toBeLessThanOrEqual(turn.effect.maxAttempts);
        if (turn.effect.kind === 'task' || turn.effect.kind === 'wait') expect(turn.effect.entry).toBe(frame.entry);
      }
    }),
    { numRuns: 100 },
  );
});

test('decisions hold no object and no array of the input', () => {
  const flat = (value: Json) => typeof value !== 'object' || value === null;
  fc.assert(
    fc.property(runs, ([given, input]) => {
      const { decisions } = begin(parseFlow(given, 'random'), input as Json, { now: NOW, executionId: 'X' });
      for (const decision of decisions) {
        expect(Object.values(decision.inputs).every(flat)).toBe(true);
        for (const { actual } of decision.rejected) {
          expect(flat(actual) || Object.values(actual as Record<string, Json>).every(flat)).toBe(true);
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('the checker never throws, whatever it is given', () => {
  const broken = fc.tuple(
    definition,
    fc.anything(),
    name,
    fc.constantFrom('Type', 'Next', 'Choices', 'Retry', 'Parameters'),
  );
  fc.assert(
    fc.property(broken, ([flow, thing, at, field]) => {
      expect(Array.isArray(checkFlow(thing, { modules: [], bound: 'error' }))).toBe(true);
      const states = { ...flow.States, [at]: { ...flow.States[at], [field]: thing } };
      const damaged = { ...flow, States: states };
      const errors = checkFlow(damaged, { modules: ['m'], bound: 'error' }).filter((p) => p.severity === 'error');
      if (errors.length === 0) expect(drawFlow(parseFlow(damaged, 'damaged'))).toContain('flowchart TD');
    }),
    { numRuns: 150 },
  );
});
