import { expect, test } from 'vitest';
import { sayDerivation } from '../../src/domain/sla-words.ts';
import { MINUTE, policy, rules, ticketUnder } from './sla-support.ts';

test('it says which policy of which rules it is by, and by which it was until when, where that changed on the way', () => {
  const urgent = policy({ name: 'urgent', when: { priority: ['HIGH'] }, targets: { firstResponse: 30 * MINUTE } });
  const given = { ...rules([urgent, policy()]), version: '0a1b2c3d4e5f' };
  const ticket = ticketUnder(given, '2026-11-27 10:00');
  const by = () => {
    const clock = ticket.clocks.get('firstResponse:1');
    return clock && sayDerivation(clock, given).replace(/^.*\(office\), /, '');
  };
  // As it came nothing was known of it yet: that is no change.
  ticket.happens('2026-11-27 10:01', 'enriched', { priority: 'MEDIUM', tier: 'standard' });
  expect(by()).toBe('by standard of rules 0a1b2c3d4e5f');
  ticket.happens('2026-11-27 10:20', 'reread', { priority: 'HIGH', tier: 'standard' });
  expect(by()).toBe('by urgent (until Fri 2026-11-27 11:20 by standard) of rules 0a1b2c3d4e5f');
});
