import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import { parseFlow } from '../../src/flow/parse.ts';
import { begin, proceed } from '../../src/flow/run.ts';
import { answer, data, eventFor, isAccepted, written } from './arbitrary.ts';
import { NOW } from './support.ts';

/** What somebody may put where something else belongs. */
const junk = fc.oneof(
  fc.constantFrom<Json>(
    '',
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e300,
    [],
    {},
    [''],
    [null],
    [{}],
    'A',
    'Nowhere',
    '__proto__',
  ),
  fc.constantFrom<Json>('$', '$$', '$.a.b', '$$.State.Name', '$$.Nope', '$.a[0][1]', "$['']", `$${'.a'.repeat(600)}`),
  fc.constantFrom<Json>(
    { 'x.$': '$.a' },
    { '.$': '$' },
    [{ 'x.$': '$' }],
    'States.ALL',
    ['States.ALL'],
    ['States.Runtime'],
  ),
  fc.constantFrom<Json>(
    '2026-04-23T23:59:60Z',
    '9999-12-31T23:59:59-23:59',
    '0000-01-01T00:00:00+23:59',
    '\\*',
    '\u0000',
  ),
  fc.jsonValue({ maxDepth: 2 }).map((value) => value as Json),
);
const way = fc.constantFrom<Json>('', '', 'A', 'a', ' ', 'Nowhere', 'toString', '__proto__', null);
const key = fc.constantFrom('Next', 'Default', 'End', 'Retry', 'Catch', 'Parameters', 'ResultPath', 'Error', '', 'x-');
const damage = fc.record({
  slot: fc.nat(),
  kind: fc.constantFrom('put', 'put', 'put', 'drop', 'rename', 'add'),
  junk,
  way,
  key,
});
type Damage = typeof damage extends fc.Arbitrary<infer D> ? D : never;

/** Every place in a definition: what holds it, and under which name. */
function slotsOf(value: unknown): { readonly holder: Record<string, unknown>; readonly name: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((name) => [{ holder, name }, ...slotsOf(holder[name])]);
}

function damaged(flow: JsonObject, damages: readonly Damage[]): JsonObject {
  const copy = structuredClone(flow);
  for (const { slot, kind, junk, way, key } of damages) {
    const all = slotsOf(copy);
    // Half of the damage goes to the ways from state to state, where the interpreter trusts the checker most.
    const ways = all.filter(({ name }) => name === 'Next' || name === 'Default');
    const toWay = slot % 2 === 0 && ways.length > 0;
    const slots = toWay ? ways : all;
    const { holder, name } = slots[Math.floor(slot / 2) % slots.length] ?? { holder: {}, name: '' };
    const set = (at: string, value: unknown) =>
      Object.defineProperty(holder, at, { value, writable: true, enumerable: true, configurable: true });
    const value = toWay ? way : structuredClone(junk);
    if (kind === 'put') set(name, value);
    else if (kind === 'add' && !Array.isArray(holder)) set(key, value);
    else if (!Array.isArray(holder)) {
      if (kind === 'rename') set(key, holder[name]);
      delete holder[name];
    }
  }
  return copy;
}

/** The driver's part: any answer that the effect asks for, now or later, with any name that a module may report. */
const step = fc.record({
  answer,
  later: fc.constantFrom(0, 0, 1, 5_000),
  reported: fc.oneof(fc.string(), fc.constant('')),
});

test('a flow that the checker accepts never throws, whatever is wrong with it and whatever comes', () => {
  const ends: Record<string, number> = {};
  let changed = 0;
  const given = fc.tuple(
    written,
    fc.array(damage, { maxLength: 3 }),
    fc.oneof(data, fc.jsonValue()),
    fc.array(step, { maxLength: 12 }),
  );
  fc.assert(
    fc.property(given, ([flow, damages, input, steps]) => {
      const definition = damaged(flow as unknown as JsonObject, damages);
      fc.pre(isAccepted(definition));
      if (damages.length > 0) changed++;
      const read = parseFlow(definition, 'random');
      let now = NOW;
      let turn = begin(read, input as Json, { now, executionId: 'X' });
      for (const { answer, later, reported } of steps) {
        ends[turn.effect.kind] = (ends[turn.effect.kind] ?? 0) + 1;
        const event = eventFor(turn, answer);
        if (!event) break;
        now += later;
        turn = proceed(read, turn.position, event.kind === 'error' ? { ...event, error: reported } : event, { now });
      }
    }),
    { numRuns: 1000, maxSkipsPerRun: 1000 },
  );
  // The property says nothing where nothing runs, or nothing was damaged.
  expect(Object.keys(ends).sort()).toEqual(['failed', 'lines', 'succeeded', 'task', 'wait']);
  expect(changed).toBeGreaterThan(200);
});
