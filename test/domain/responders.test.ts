import { expect, test } from 'vitest';
import type { WorkingHours } from '../../src/domain/hours.ts';
import { type Callable, lookAgainAt, respondersOf } from '../../src/domain/responders.ts';

const at = (text: string) => Date.parse(text);
const nineToFive = (timeZone: string): WorkingHours => ({
  timeZone,
  week: { monday: [[540, 1020]], tuesday: [[540, 1020]] },
  holidays: [],
});
const TEAM: Callable = {
  agents: [
    { id: 'ana', onDuty: true, teams: ['billing'], hours: nineToFive('Europe/Berlin') },
    { id: 'ben', onDuty: true, teams: ['billing', 'night'], hours: nineToFive('America/New_York') },
    { id: 'emma', onDuty: false, teams: ['billing'], hours: 'always' },
  ],
  admins: ['operations'],
  rotas: {
    primary: { timeZone: 'UTC', from: { day: 0, minutes: 0 }, days: 7, agents: ['emma'], instead: [] },
  },
};
// A Monday.
const MORNING = at('2026-11-23T10:00:00Z');
const billing = { call: [{ kind: 'team', id: 'billing' }], hours: 'own' } as const;

test('who is called is within their own working hours, on their own clocks', () => {
  expect(respondersOf(billing, TEAM, null, MORNING).called).toEqual(['ana']);
  expect(respondersOf(billing, TEAM, null, at('2026-11-23T15:30:00Z')).called).toEqual(['ana', 'ben']);
  expect(respondersOf(billing, TEAM, null, at('2026-11-23T20:00:00Z')).called).toEqual(['ben']);
});

test('with hours of any kind everybody on duty is called, and nobody who is not', () => {
  expect(respondersOf({ ...billing, hours: 'any' }, TEAM, null, at('2026-11-22T03:00:00Z')).called).toEqual([
    'ana',
    'ben',
  ]);
});

test('with nobody there it says when the first of them begins work', () => {
  const night = at('2026-11-23T23:00:00Z');
  expect(respondersOf(billing, TEAM, null, night)).toEqual({ called: [], opensAt: at('2026-11-24T08:00:00Z') });
});

test('nobody at all: no moment is known', () => {
  expect(respondersOf({ call: [{ kind: 'assignee' }], hours: 'own' }, TEAM, null, MORNING)).toEqual({
    called: [],
    opensAt: null,
  });
  expect(respondersOf({ call: [{ kind: 'agent', id: 'emma' }], hours: 'any' }, TEAM, null, MORNING)).toEqual({
    called: [],
    opensAt: null,
  });
});

test('a level that waits looks again after its wait where nothing says when somebody is there, and else not', () => {
  const waits = { nobody: 'wait', waitMs: 600_000 } as const;
  const nobody = { called: [], opensAt: null };
  expect(lookAgainAt(waits, nobody, MORNING)).toBe(MORNING + 600_000);
  expect(lookAgainAt({ ...waits, nobody: 'next' }, nobody, MORNING)).toBeNull();
  expect(lookAgainAt({ nobody: 'wait' }, nobody, MORNING)).toBeNull();
  expect(lookAgainAt(waits, { called: [], opensAt: MORNING + 1 }, MORNING)).toBeNull();
  expect(lookAgainAt(waits, { called: ['ana'], opensAt: null }, MORNING)).toBeNull();
});

test('whose turn it is on a rota is called off duty too, and admins always; each once', () => {
  const level = {
    call: [{ kind: 'rota', id: 'primary' }, { kind: 'admins' }, { kind: 'assignee' }, { kind: 'agent', id: 'ana' }],
    hours: 'any',
  } as const;
  expect(respondersOf(level, TEAM, 'ana', MORNING).called).toEqual(['emma', 'operations', 'ana']);
});
