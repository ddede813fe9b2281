import { describe, expect, test } from 'vitest';
import { groupParked, parkedFingerprint } from '../../src/domain/parked-group.ts';

const SLACK = { step: 'EscalateToAgent#1', error: 'ProviderFailed', cause: 'slack: HTTP 500' };
const of = (more: Partial<typeof SLACK>) => parkedFingerprint({ ...SLACK, ...more });

describe('a fingerprint', () => {
  test('stays the same from version to version: operators write it down', () => {
    expect(of({})).toBe('2beaa42daf57f976');
  });

  test.each([
    [{ step: 'EscalateToAgent#7' }, {}],
    [{ step: 'agentReplied:evt-1' }, { step: 'agentReplied:evt-2' }],
    [{ cause: 'no article 17 for TKT-1: gone.' }, { cause: 'no article 4 for TKT-200: gone.' }],
    [
      { cause: 'key 7f3c1a9e-0c3b-4a43-9d3e-1f2a3b4c5d6e is unknown' },
      { cause: 'key 00000000-0c3b-4a43-9d3e-ffffffffffff is unknown' },
    ],
    [{ cause: 'slack: no answer after 10 s' }, { cause: 'slack: no  answer after 250 s' }],
    [{ cause: 'connect ECONNREFUSED 10.0.0.1:5432' }, { cause: 'connect ECONNREFUSED 10.0.0.2:6432' }],
  ])('does not tell %j from %j', (one, other) => expect(of(one)).toBe(of(other)));

  test.each([
    [{ step: 'SendWelcomeEmail#1' }, {}],
    [{ error: 'DeliveryUnknown' }, {}],
    [{ cause: 'slack: HTTP 401' }, {}],
    [{ cause: 'slack: channel_not_found' }, { cause: 'slack: is_archived' }],
    [{ cause: '' }, {}],
    [
      { error: 'a', cause: 'b c' },
      { error: 'a b', cause: 'c' },
    ],
  ])('tells %j from %j', (one, other) => expect(of(one)).not.toBe(of(other)));
});

test('groups count, say first and last, and name the step that waits longest, however the steps come', () => {
  const at = (hour: number) => `2026-04-23T${hour}:00:00.000Z`;
  const steps = [
    { ...SLACK, ticketId: 'B', since: at(11) },
    { ...SLACK, step: 'SendWelcomeEmail#1', cause: 'ses: 454 Throttling', ticketId: 'X', since: at(10) },
    { ...SLACK, step: 'EscalateToAgent#2', ticketId: 'A', since: at(10) },
    { ...SLACK, ticketId: 'C', since: at(12) },
  ];
  for (const some of [steps, steps.toReversed()]) {
    expect(groupParked(some)).toEqual([
      {
        fingerprint: parkedFingerprint(SLACK),
        state: 'EscalateToAgent',
        error: 'ProviderFailed',
        cause: 'slack: HTTP 500',
        count: 3,
        first: at(10),
        last: at(12),
        example: { ticketId: 'A', step: 'EscalateToAgent#2' },
      },
      expect.objectContaining({ state: 'SendWelcomeEmail', cause: 'ses: * Throttling', count: 1 }),
    ]);
  }
  expect(groupParked([])).toEqual([]);
});
