import { describe, expect, test } from 'vitest';
import { addWorking } from '../../src/domain/hours.ts';
import { type Clock, standingOf } from '../../src/domain/sla.ts';
import { clockRows, sayClockStatus } from '../../src/domain/sla-row.ts';
import { sayDerivation, sayNextDue } from '../../src/domain/sla-words.ts';
import { BERLIN, HOUR, MINUTE, policy, rules, ticketUnder } from './sla-support.ts';

const dueOf = (clock: Clock | undefined, given = rules()) => {
  const due = clock && standingOf(clock, given)?.dueAt;
  return due == null ? null : new Date(due).toISOString();
};
const said = (ticket: ReturnType<typeof ticketUnder>, id: string) => {
  const clock = ticket.clocks.get(id);
  const [row] = clock ? clockRows([clock], ticket.sla.rules) : [];
  return row && sayClockStatus(row);
};

describe('the clock of a ticket', () => {
  test('a first response is due so many working hours after the ticket came, and says how that comes about', () => {
    const ticket = ticketUnder(rules(), '2026-11-27 15:30');
    const clock = ticket.clocks.get('firstResponse:1');
    expect(dueOf(clock)).toBe('2026-11-30T08:30:00.000Z');
    expect(clock && sayDerivation(clock, rules())).toBe(
      'Fri 2026-11-27 16:30 + 1 h -> Mon 2026-11-30 09:30, Europe/Berlin (office), by standard of rules test',
    );
    expect(sayNextDue(ticket.sla)).toBe('first response due Mon 2026-11-30 09:30 (Europe/Berlin)');
  });

  test('an answer at the very deadline keeps it, a millisecond later it is missed', () => {
    const at = (answered: string) =>
      said(ticketUnder(rules(), '2026-11-27 15:30').happens(answered, 'agentReplied'), 'firstResponse:1');
    expect(at('2026-11-30T08:30:00.000Z')).toBe('kept');
    expect(at('2026-11-30T08:30:00.001Z')).toBe('kept late');
  });

  test('it stands still in the states that are named, and says for how long', () => {
    const ticket = ticketUnder(rules(), '2026-11-27 10:00')
      .happens('2026-11-27 10:10', 'answered')
      .happens('2026-11-27 10:50', 'customerReplied');
    const clock = ticket.clocks.get('firstResponse:1');
    expect(clock && sayDerivation(clock, rules())).toBe(
      'Fri 2026-11-27 11:00 + 1 h -> Fri 2026-11-27 12:40, Europe/Berlin (office), 40 min paused, by standard of rules test',
    );
    expect(ticket.clocks.get('nextResponse:1.1')).toBeUndefined();
  });

  test.each(['reassigned', 'givenBack'])(
    'where work on it is what stops the clock, it goes on when that ends (%s)',
    (kind) => {
      const ticket = ticketUnder(rules([policy({ pausedIn: ['inProgress'] })]), '2026-11-27 10:00')
        .happens('2026-11-27 10:10', 'escalated')
        .happens('2026-11-27 10:20', 'claimed', { agentId: 'ana' });
      expect(ticket.sla.next).toBeNull();
      ticket.happens('2026-11-27 10:50', kind);
      expect(dueOf(ticket.clocks.get('firstResponse:1'))).toBe('2026-11-27T11:30:00.000Z');
    },
  );

  test('of a clock that ended while it stood still it says so, and not that it still does', () => {
    const waits = ticketUnder(rules(), '2026-11-27 10:00').happens('2026-11-27 10:10', 'answered');
    const said = (clock: Clock | undefined) => clock && sayDerivation(clock, rules());
    expect(said(waits.clocks.get('resolution:1'))).toContain('-> paused');
    const over = waits.happens('2026-11-27 10:20', 'resolved').clocks.get('resolution:1');
    expect(said(over)).toContain('-> no deadline, for it stood still at its end');
  });

  test("a bot's answer is a response only where the policy says so", () => {
    const ask = (botAnswers: boolean) =>
      said(
        ticketUnder(rules([policy({ botAnswers })]), '2026-11-27 10:00').happens('2026-11-27 10:10', 'answered'),
        'firstResponse:1',
      );
    expect([ask(false), ask(true)]).toEqual(['paused', 'kept']);
  });

  test('what the customer writes after an answer starts the next response, once until that is there', () => {
    const ticket = ticketUnder(rules(), '2026-11-27 10:00')
      .happens('2026-11-27 10:10', 'agentReplied', { agentId: 'ana' })
      .happens('2026-11-27 10:20', 'customerReplied')
      .happens('2026-11-27 10:30', 'customerReplied')
      .happens('2026-11-27 10:40', 'agentReplied', { agentId: 'ana' })
      .happens('2026-11-27 10:50', 'customerReplied');
    expect([...ticket.clocks.keys()]).toEqual([
      'firstResponse:1',
      'resolution:1',
      'nextResponse:1.1',
      'nextResponse:1.2',
    ]);
    expect(said(ticket, 'nextResponse:1.1')).toBe('kept');
    expect(dueOf(ticket.clocks.get('nextResponse:1.2'))).toBe('2026-11-27T12:50:00.000Z');
  });

  test('solving ends all of them; a reopening is an episode with clocks of its own', () => {
    const ticket = ticketUnder(rules(), '2026-11-27 10:00')
      .happens('2026-11-27 10:10', 'resolved')
      .happens('2026-11-30 10:00', 'reopened');
    expect([said(ticket, 'firstResponse:1'), said(ticket, 'resolution:1')]).toEqual(['no longer needed', 'kept']);
    expect(ticket.sla.clocks.map(({ id }) => id)).toEqual(['firstResponse:2', 'resolution:2']);
    expect(dueOf(ticket.clocks.get('resolution:2'))).toBe('2026-12-01T10:00:00.000Z');
  });

  test('a cancelled ticket leaves no promise kept', () => {
    const ticket = ticketUnder(rules(), '2026-11-27 10:00').happens('2026-11-27 10:10', 'closed', { why: 'cancelled' });
    expect(said(ticket, 'resolution:1')).toBe('no longer needed');
    expect(ticket.sla.next).toBeNull();
  });

  test('the first policy that fits holds, and no SLA is a policy too', () => {
    const given = rules([
      policy({
        name: 'urgent',
        when: { priority: ['HIGH'], tier: ['premium', 'gold'] },
        targets: { firstResponse: 10 * MINUTE },
      }),
      policy({ name: 'none', when: { channel: ['mail'] }, targets: {} }),
      policy(),
    ]);
    const ticket = ticketUnder(given, '2026-11-27 10:00');
    expect(ticket.sla.next).toBeNull();
    ticket.happens('2026-11-27 10:01', 'enriched', { priority: 'HIGH', tier: 'premium' });
    expect(dueOf(ticket.clocks.get('firstResponse:1'), given)).toBe('2026-11-27T10:10:00.000Z');
    expect(standingOf(ticket.clocks.get('resolution:1') as Clock, given)).toBeNull();
  });

  test.each(['reread', 'enrichedAgain'])('a priority that rises late (%s) brings the policy that fits it', (kind) => {
    const urgent = { name: 'urgent', when: { priority: ['HIGH'] }, calendar: 'always' } as const;
    const given = rules([policy({ ...urgent, targets: { firstResponse: HOUR } }), policy()]);
    const ticket = ticketUnder(given, '2026-11-27 15:30').happens('2026-11-27 15:31', 'enriched', {
      priority: 'MEDIUM',
      tier: 'premium',
    });
    expect(sayNextDue(ticket.sla)).toBe('first response due Mon 2026-11-30 09:30 (Europe/Berlin)');
    ticket.happens('2026-11-27 15:40', kind, { priority: 'HIGH', tier: 'premium' });
    const clock = ticket.clocks.get('firstResponse:1') as Clock;
    expect(dueOf(clock, given)).toBe('2026-11-27T16:30:00.000Z');
    expect(clock.before).toEqual({ policy: 'standard', until: Date.parse('2026-11-27T15:40Z') });
  });

  test('each deadline strikes once: a warning at its share, then the breach, stamped with the deadline', () => {
    const ticket = ticketUnder(rules(), '2026-11-27 10:00')
      .look('2026-11-27 10:45')
      .look('2026-11-27 10:46')
      .look('2026-11-27 10:47')
      .look('2026-11-27T11:00:00.001Z')
      .look('2026-11-27 11:30');
    expect(ticket.struck.map(({ kind, deadline }) => [kind, new Date(deadline).toISOString()])).toEqual([
      ['slaWarned', '2026-11-27T10:45:00.000Z'],
      ['slaBreached', '2026-11-27T11:00:00.000Z'],
    ]);
    expect(said(ticket, 'firstResponse:1')).toBe('late');
  });

  test('after an outage what is overdue is struck at once, with no warning of what is late already', () => {
    const ticket = ticketUnder(rules(), '2026-11-27 10:00').look('2026-12-01 10:00');
    expect(ticket.struck.map(({ kind, clock }) => `${kind} ${clock.id}`)).toEqual([
      'slaBreached firstResponse:1',
      'slaBreached resolution:1',
    ]);
  });

  test('an event that came during an outage does not undo what went by before it', () => {
    const ticket = ticketUnder(rules(), '2026-11-27 10:00').happens('2026-11-27 12:00', 'agentReplied');
    expect(said(ticket, 'firstResponse:1')).toBe('kept late');
  });
});

test('the example of docs/operations.md comes out to the minute', () => {
  const given = rules([policy({ targets: { firstResponse: 8 * HOUR, resolution: 40 * HOUR } })]);
  const ticket = ticketUnder(given, '2026-11-27T15:00+01:00');
  const due = (id: string) => dueOf(ticket.clocks.get(id), given);
  expect([due('firstResponse:1'), due('resolution:1')]).toEqual([
    '2026-11-30T14:00:00.000Z',
    '2026-12-04T14:00:00.000Z',
  ]);
  ticket.happens('2026-11-27T15:20+01:00', 'answered').happens('2026-11-30T10:00+01:00', 'customerReplied');
  expect(due('firstResponse:1')).toBe('2026-12-01T08:40:00.000Z');
  ticket.look('2026-12-01T09:40:00.001+01:00');
  expect(ticket.struck.map(({ kind, deadline }) => [kind, new Date(deadline).toISOString()])).toEqual([
    ['slaBreached', '2026-12-01T08:40:00.000Z'],
  ]);
  expect(ticket.clocks.get('firstResponse:1')?.warnedAt).toBe(Date.parse('2026-11-30T15:40+01:00'));
});

/** Worked out by hand: office hours Mon-Fri 09:00-17:00 in Berlin; days off: 25 and 26 December, New Year, Good Friday and Easter Monday 2026. */
const HAND_CHECKED: readonly (readonly [came: string, amount: string, due: string])[] = [
  // Within a day.
  ['2026-11-25T10:00+01:00', '1 h', '2026-11-25T11:00+01:00'],
  ['2026-11-25T09:00+01:00', '8 h', '2026-11-25T17:00+01:00'],
  ['2026-11-25T16:59+01:00', '1 min', '2026-11-25T17:00+01:00'],
  ['2026-11-25T08:00+01:00', '30 min', '2026-11-25T09:30+01:00'],
  ['2026-11-25T09:00+01:00', '1 min', '2026-11-25T09:01+01:00'],
  // Over the night.
  ['2026-11-25T16:30+01:00', '1 h', '2026-11-26T09:30+01:00'],
  ['2026-11-25T17:00+01:00', '1 h', '2026-11-26T10:00+01:00'],
  ['2026-11-25T23:59+01:00', '1 h', '2026-11-26T10:00+01:00'],
  ['2026-11-26T00:00+01:00', '1 h', '2026-11-26T10:00+01:00'],
  ['2026-11-25T09:30+01:00', '8 h', '2026-11-26T09:30+01:00'],
  ['2026-11-25T12:00+01:00', '16 h', '2026-11-27T12:00+01:00'],
  // Over the weekend.
  ['2026-11-27T16:30+01:00', '1 h', '2026-11-30T09:30+01:00'],
  ['2026-11-27T17:00+01:00', '8 h', '2026-11-30T17:00+01:00'],
  ['2026-11-28T12:00+01:00', '2 h', '2026-11-30T11:00+01:00'],
  ['2026-11-29T23:00+01:00', '30 min', '2026-11-30T09:30+01:00'],
  ['2026-11-27T09:00+01:00', '40 h', '2026-12-03T17:00+01:00'],
  ['2026-11-25T10:00+01:00', '40 h', '2026-12-02T10:00+01:00'],
  ['2026-11-27T16:59+01:00', '2 min', '2026-11-30T09:01+01:00'],
  // Christmas on a Friday and Saturday, New Year on a Friday.
  ['2026-12-24T16:00+01:00', '2 h', '2026-12-28T10:00+01:00'],
  ['2026-12-25T10:00+01:00', '1 h', '2026-12-28T10:00+01:00'],
  ['2026-12-24T09:00+01:00', '16 h', '2026-12-28T17:00+01:00'],
  ['2026-12-31T16:00+01:00', '2 h', '2027-01-04T10:00+01:00'],
  ['2027-01-01T10:00+01:00', '8 h', '2027-01-04T17:00+01:00'],
  ['2026-12-23T13:00+01:00', '45 h', '2027-01-04T10:00+01:00'],
  // Easter: Good Friday the 3rd and Monday the 6th of April 2026.
  ['2026-04-02T16:00+02:00', '2 h', '2026-04-07T10:00+02:00'],
  ['2026-04-03T12:00+02:00', '1 h', '2026-04-07T10:00+02:00'],
  ['2026-04-02T09:00+02:00', '24 h', '2026-04-08T17:00+02:00'],
  // Clocks go forward on Sunday the 29th of March 2026, back on Sunday the 25th of October.
  ['2026-03-27T16:00+01:00', '2 h', '2026-03-30T10:00+02:00'],
  ['2026-03-27T09:00+01:00', '16 h', '2026-03-30T17:00+02:00'],
  ['2026-03-29T03:30+02:00', '1 h', '2026-03-30T10:00+02:00'],
  ['2026-10-23T16:00+02:00', '2 h', '2026-10-26T10:00+01:00'],
  ['2026-10-25T02:30+02:00', '1 h', '2026-10-26T10:00+01:00'],
  ['2026-10-25T02:30+01:00', '1 h', '2026-10-26T10:00+01:00'],
  ['2026-10-22T09:00+02:00', '24 h', '2026-10-26T17:00+01:00'],
  // Leap days: the 29th of February 2028 is a Tuesday, that of 2032 a Sunday.
  ['2028-02-28T16:00+01:00', '2 h', '2028-02-29T10:00+01:00'],
  ['2028-02-28T09:00+01:00', '24 h', '2028-03-01T17:00+01:00'],
  ['2028-02-29T17:00+01:00', '1 min', '2028-03-01T09:01+01:00'],
  ['2032-02-28T12:00+01:00', '1 h', '2032-03-01T10:00+01:00'],
  // Written in other zones.
  ['2026-11-25T15:30Z', '1 h', '2026-11-26T09:30+01:00'],
  ['2026-11-25T10:30-05:00', '1 h', '2026-11-26T09:30+01:00'],
];

test('there are forty deadlines that were worked out by hand', () => {
  expect(HAND_CHECKED).toHaveLength(40);
});
test.each(HAND_CHECKED)('%s and %s of office hours are over at %s', (came, amount, due) => {
  const [count = 0, unit] = amount.split(' ').map((part, i) => (i === 0 ? Number(part) : part)) as [number, string];
  const ms = count * (unit === 'h' ? HOUR : MINUTE);
  expect(new Date(addWorking(Date.parse(came), ms, BERLIN)).toISOString()).toBe(new Date(due).toISOString());
});
