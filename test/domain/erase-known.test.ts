import { expect, test } from 'vitest';
import { factsOf, type KnownOfPerson } from '../../src/domain/erase-known.ts';

const NOTHING: KnownOfPerson = {
  consents: [],
  holds: [],
  openTickets: 0,
  lastOpenedAt: null,
  lastClosedAt: null,
  lastActivityAt: null,
};
const REQUEST = { ground: 'any', receivedAt: '2026-11-20T09:00:00Z' } as const;
const PURPOSES = { news: 'news', survey: 'surveys' };
const consent = (purpose: string, status: 'granted' | 'withdrawn', day: number) => ({
  purpose,
  status,
  at: `2026-04-0${day}T00:00:00Z`,
});

test('of somebody of whom nothing is known, nothing ever happened but the request', () => {
  expect(factsOf(NOTHING, PURPOSES, REQUEST)).toEqual({
    ground: 'any',
    consents: { news: 'never', survey: 'never' },
    holds: [],
    events: {
      ticketOpened: 'never',
      ticketClosed: 'never',
      lastActivity: 'never',
      consentWithdrawn: 'never',
      requestReceived: REQUEST.receivedAt,
    },
  });
});

test('a purpose counts as granted while one row of the person grants it; the last withdrawal counts', () => {
  const consents = [consent('news', 'withdrawn', 3), consent('news', 'granted', 1), consent('survey', 'withdrawn', 2)];
  const facts = factsOf({ ...NOTHING, consents }, PURPOSES, REQUEST);
  expect(facts.consents).toEqual({ news: 'granted', survey: 'withdrawn' });
  expect(facts.events.consentWithdrawn).toBe('2026-04-03T00:00:00Z');
});

test('the close of an open ticket is still to come, though others are closed', () => {
  const closed = { ...NOTHING, lastClosedAt: '2026-04-01T00:00:00Z' };
  expect(factsOf(closed, {}, REQUEST).events.ticketClosed).toBe('2026-04-01T00:00:00Z');
  expect(factsOf({ ...closed, openTickets: 1 }, {}, REQUEST).events.ticketClosed).toBe('notYet');
});

test('a consent for what the policy does not name is passed on, so that the decision can deny', () => {
  expect(factsOf({ ...NOTHING, consents: [consent('ads', 'granted', 1)] }, {}, REQUEST).consents).toEqual({
    ads: 'granted',
  });
});
