import { DateTime } from 'luxon';
import { expect, test } from 'vitest';
import { onCallAt, type Rota } from '../../src/domain/rota.ts';

const ZONE = 'Europe/Berlin';
const at = (text: string) => DateTime.fromISO(text, { zone: ZONE }).toMillis();
const dayOf = (text: string) => Date.parse(`${text}T00:00:00Z`) / 86_400_000;
const WEEKLY: Rota = {
  timeZone: ZONE,
  from: { day: dayOf('2026-01-05'), minutes: 540 },
  days: 7,
  agents: ['ana', 'ben', 'clara'],
  instead: [],
};

test.each([
  ['2026-01-05T08:59:59.999', undefined],
  ['2026-01-05T09:00', 'ana'],
  ['2026-01-12T08:59:59.999', 'ana'],
  ['2026-01-12T09:00', 'ben'],
  ['2026-01-19T09:00', 'clara'],
  ['2026-01-26T09:00', 'ana'],
  // Clocks go forward on 2026-03-29: the turn still changes at nine on the wall.
  ['2026-03-30T08:59:59.999', 'clara'],
  ['2026-03-30T09:00', 'ana'],
  ['2026-10-26T08:59:59.999', 'clara'],
  ['2026-10-26T09:00', 'ana'],
])('at %s the one on call is %s', (when, who) => {
  expect(onCallAt(WEEKLY, at(when))).toBe(who);
});

test('every turn of ten years goes to the next in the list, at the same time of day', () => {
  let handover = DateTime.fromISO('2026-01-05T09:00', { zone: ZONE });
  for (let turn = 0; turn < 520; turn += 1) {
    const who = WEEKLY.agents[turn % 3];
    expect(onCallAt(WEEKLY, handover.toMillis())).toBe(who);
    handover = handover.plus({ days: 7 });
    expect(onCallAt(WEEKLY, handover.toMillis() - 1)).toBe(who);
  }
});

test('who takes a turn instead has it from its first moment until before its last, and the later entry counts', () => {
  const instead = [
    { from: at('2026-01-06T00:00'), until: at('2026-01-08T00:00'), agent: 'dev' },
    { from: at('2026-01-07T00:00'), until: at('2026-01-07T12:00'), agent: 'emma' },
  ];
  const rota = { ...WEEKLY, instead };
  expect(onCallAt(rota, at('2026-01-05T23:59:59.999'))).toBe('ana');
  expect(onCallAt(rota, at('2026-01-06T00:00'))).toBe('dev');
  expect(onCallAt(rota, at('2026-01-07T06:00'))).toBe('emma');
  expect(onCallAt(rota, at('2026-01-07T12:00'))).toBe('dev');
  expect(onCallAt(rota, at('2026-01-08T00:00'))).toBe('ana');
});
