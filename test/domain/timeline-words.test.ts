import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { DELIVERY_WORDS, isSettled, sayEntry, sayProvenance } from '../../src/domain/timeline-words.ts';

const say = (kind: string, facts: JsonObject = {}) => sayEntry({ kind, facts });

test.each<[kind: string, facts: JsonObject, text: string]>([
  ['received', { source: 'form', channel: 'web', flow: 'f' }, 'came in from form by web, goes the way of flow f'],
  ['received', { source: 'form', channel: null, flow: 'f' }, 'came in from form, goes the way of flow f'],
  ['escalated', { why: 'flow', agentId: 'ana' }, 'given to agent ana: the flow sends this ticket to a person'],
  [
    'escalated',
    { why: 'reopened', agentId: null },
    'given to the team, since no agent who is there fits and has room: the ticket was reopened',
  ],
  ['givenBack', { agentId: 'ana' }, 'agent ana is off: given back, with its place in line'],
  ['answered', { articleId: 'invoices', confidence: 0.8 }, 'the bot answered with article invoices (confidence 0.8)'],
  ['handedOver', { articleId: null, confidence: 0 }, 'the bot does not answer: no article speaks of this'],
  [
    'handedOver',
    { articleId: 'a', confidence: 0.2 },
    'the bot does not answer: article a is not sure enough (confidence 0.2)',
  ],
  ['customerReplied', { source: 'form', eventId: 'e1' }, 'the customer wrote (form, event e1)'],
  ['agentReplied', { source: 'update', eventId: 'uuid', agentId: 'ana' }, 'agent ana replied'],
  [
    'agentReplied',
    { source: 'desk', eventId: 'e-1', agentId: 'ana', via: 'ownKey/1f2e' },
    'agent ana replied (desk, event e-1, by ownKey/1f2e)',
  ],
  ['claimed', { agentId: 'ana' }, 'agent ana took the ticket'],
  ['resolved', { source: 'update', eventId: 'uuid' }, 'solved'],
  ['resolved', { agentId: 'ana', source: 'desk', eventId: '7' }, 'solved by agent ana (desk, event 7)'],
  ['rated', { score: 4 }, 'rated 4 of 5'],
  ['closed', {}, 'closed: the time to reopen it is over'],
  ['closed', { why: 'cancelled' }, 'closed: its workflow was cancelled by request'],
  ['closed', { why: 'erasure' }, 'closed: its customer is being erased'],
  ['operator', { step: 'update/u1', act: 'giveUp' }, 'update/u1: given up'],
  ['ignored', { event: 'reopened', state: 'new' }, 'reopened ignored: it is not lawful for a ticket that is new'],
  ['ignored', { event: 'rated', why: 'score: 1 to 5' }, 'rated ignored: score: 1 to 5'],
  [
    'parked',
    { step: 'A#1', error: 'ProviderFailed', attempts: 4 },
    'parked at A#1: failed 4 times (ProviderFailed); waits for an operator',
  ],
  ['parked', { step: 'A#1', error: 'X', attempts: 1 }, 'parked at A#1: failed once (X); waits for an operator'],
  ['operator', { step: 'A#1', act: 'skip' }, 'A#1: skipped, with a result given by hand'],
  ['operator', { step: 'A#1', act: 'overtaken' }, 'A#1: no longer needed, the ticket was solved meanwhile'],
  ['retried', { step: 'A#1', error: 'X', attempt: 2 }, 'A#1 failed (X); attempt 2 follows'],
])('%s %j is said as %j', (kind, facts, text) => expect(say(kind, facts)).toEqual({ text, more: [] }));

test('what was given up of a ticket’s needs is said beside whom it was given to', () => {
  const relaxed = [
    { skill: 'german', from: 3, to: 2 },
    { skill: 'api', from: 1, to: 0 },
  ];
  expect(say('escalated', { why: 'agent found', agentId: 'ana', relaxed })).toEqual({
    text: 'given to agent ana: it waited for somebody with room for it',
    more: ['german at level 2, not 3', 'without api, since nobody with it had room'],
  });
});

describe('a decision', () => {
  const decided = {
    state: 'Route',
    next: 'B',
    rule: 1,
    condition: '$.b = true',
    inputs: { '$.a': 'MEDIUM', '$.b': true },
    rejected: [{ rule: 0, condition: '$.a = "HIGH"', actual: 'MEDIUM' }],
  };

  test('names its rule, counted from 1, what it looked at, and each rejected rule', () => {
    expect(say('decided', decided)).toEqual({
      text: 'Route: on to B, by rule 2: $.b = true',
      more: ['looked at $.a = "MEDIUM", $.b = true', 'rejected rule 1: $.a = "HIGH", for it was "MEDIUM"'],
    });
  });

  test('by default says that no rule was met', () => {
    const { text } = say('decided', { ...decided, rule: 'Default', condition: 'no rule was met' });
    expect(text).toBe('Route: on to B, by default: no rule was met');
  });
});

test('the gathered facts name each source, its latency and how it went', () => {
  const { text, more } = say('enriched', {
    priority: 'HIGH',
    tier: 'premium',
    language: 'en',
    sentiment: { label: 'NEGATIVE', source: 'local', outcome: 'fallback', ms: 3, reason: 'comprehend: no answer' },
    customer: { source: 'crm', outcome: 'ok', ms: 1.2, isNew: false, ticketsSoFar: 1 },
    status: { indicator: 'none', outcome: 'stale', ms: 0 },
  });
  expect(text).toBe('facts gathered: priority HIGH, tier premium, language en');
  expect(more).toEqual([
    'sentiment NEGATIVE by local in 3 ms (fallback: comprehend: no answer)',
    'known customer with 1 ticket before, by crm in 1.2 ms (ok)',
    'system status none by statuspage in 0 ms (stale)',
  ]);
});

test('a source that had no answer is told as none', () => {
  expect(sayProvenance({ source: 'none', ms: 2, outcome: 'missing' })).toBe('no source in 2 ms (missing)');
});

test('an entry of a kind or with facts that are not known here is shown as it is, never an error', () => {
  expect(say('escaped', { a: 1 }).text).toBe('escaped {"a":1}');
  expect(say('toString').text).toBe('toString {}');
  for (const kind of ['received', 'enriched', 'decided', 'escalated', 'parked', 'operator']) {
    expect(say(kind).text).not.toMatch(/undefined|null|NaN/);
    expect(say(kind, { sentiment: 1, inputs: [], rejected: [3], status: 'x' }).text).toBeTypeOf('string');
  }
});

test('a message is settled when nothing more happens to it by itself', () => {
  const settled = Object.keys(DELIVERY_WORDS).filter(isSettled);
  expect(settled).toEqual(['sent', 'unknown', 'delivered', 'bounced', 'complained', 'failed', 'suppressed']);
});
