import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  afterFailure,
  type Circuit,
  CLOSED,
  horizonMs,
  nextAttempt,
  sayPass,
  type WebhookMessage,
  webhookBody,
} from '../../src/domain/webhook.ts';
import { zendeskBody } from '../../src/domain/webhook-zendesk.ts';

const RULES = { retries: [5_000, 300_000, 3_600_000], openAfter: 3, firstPauseMs: 30_000, longestPauseMs: 100_000 };
const DAY = 86_400_000;
const NOW = Date.UTC(2026, 3, 23);

describe('a message that failed', () => {
  test.each([
    [1, 5_000],
    [2, 300_000],
    [3, 3_600_000],
  ])('goes out again after failure %i in %i ms', (attempts, pause) => {
    expect(nextAttempt(RULES, attempts, {}, NOW)).toBe(NOW + pause);
  });
  test('is given up after the last pause', () => expect(nextAttempt(RULES, 4, {}, NOW)).toBeNull());
  test('waits as long as the receiver asks, a day at most, and never less than its pause', () => {
    expect(nextAttempt(RULES, 1, { retryAfterMs: 60_000 }, NOW)).toBe(NOW + 60_000);
    expect(nextAttempt(RULES, 2, { retryAfterMs: 1 }, NOW)).toBe(NOW + 300_000);
    expect(nextAttempt(RULES, 1, { retryAfterMs: 400 * DAY }, NOW)).toBe(NOW + DAY);
  });
  test('has longer than all its retries take, and a day at least', () => {
    expect(horizonMs({ retries: [DAY, DAY] })).toBe(3 * DAY);
    expect(horizonMs({ retries: [1_000] })).toBe(DAY);
  });
});

describe('a circuit', () => {
  const failing = (times: number, failure = {}) => {
    let circuit: Circuit = CLOSED;
    for (let i = 0; i < times; i++) circuit = afterFailure(circuit, RULES, failure, NOW + i);
    return circuit;
  };
  test('opens with the failure that is one too many, not before', () => {
    expect(failing(2)).toEqual({ failures: 2, open: null });
    expect(failing(3)).toEqual({ failures: 3, open: { since: NOW + 2, probeAt: NOW + 2 + 30_000, pauseMs: 30_000 } });
  });
  test('pauses twice as long after each probe that fails, up to the longest', () => {
    expect([4, 5, 6].map((times) => failing(times).open?.pauseMs)).toEqual([60_000, 100_000, 100_000]);
    expect(failing(6).open?.since).toBe(NOW + 2);
  });
  test('opens at once where the receiver says when to come back', () => {
    expect(failing(1, { retryAfterMs: 90_000 }).open).toMatchObject({ probeAt: NOW + 90_000, pauseMs: 30_000 });
  });
  test('never probes sooner than its pause or what was asked for, nor later than a day', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.nat(2 * DAY), { nil: undefined }), { minLength: 1, maxLength: 30 }),
        (asked) => {
          let circuit: Circuit = CLOSED;
          for (const retryAfterMs of asked) circuit = afterFailure(circuit, RULES, { retryAfterMs }, NOW);
          if (circuit.open === null) return asked.length < RULES.openAfter;
          const wait = circuit.open.probeAt - NOW;
          const last = Math.min(asked.at(-1) ?? 0, DAY);
          return wait >= Math.max(RULES.firstPauseMs, last) && wait <= DAY && circuit.failures === asked.length;
        },
      ),
    );
  });
});

const MESSAGE: WebhookMessage = {
  messageId: '8c6d1f0e-6d0b-4e0e-9a1c-0c2f6f3f1b6a',
  sequence: 7,
  type: 'ticket.state_changed',
  ticketId: 'zendesk-4711',
  at: '2026-04-23T10:15:00.000Z',
  facts: { state: 'solved', priority: 'HIGH', assigneeId: 'ana', previous: { state: 'inProgress' } },
  attempts: 0,
  dueFrom: '2026-04-23T10:15:00.000Z',
};

test('a body is as Standard Webhooks lays it out', () => {
  expect(webhookBody(MESSAGE)).toEqual({
    type: 'ticket.state_changed',
    timestamp: MESSAGE.at,
    data: { ticketId: 'zendesk-4711', sequence: 7, ...MESSAGE.facts },
  });
  expect(webhookBody({ ...MESSAGE, type: 'webhook.test', ticketId: null, facts: {} })).toMatchObject({
    data: { sequence: 7 },
  });
});

describe('in Zendesk’s words', () => {
  const told = (more: Partial<WebhookMessage>) =>
    zendeskBody({ ...MESSAGE, ...more }) as {
      'detail-type': string;
      detail: { ticket_event: Record<string, unknown> };
    } | null;
  test('a state is a status, a ticket of theirs has their number', () => {
    expect(told({})).toMatchObject({
      id: MESSAGE.messageId,
      'detail-type': 'Support Ticket: Status Changed',
      detail: {
        ticket_event: {
          type: 'Status Changed',
          previous: 'open',
          current: 'solved',
          ticket: { id: 4711, external_id: 'zendesk-4711', status: 'solved', priority: 'high', assignee_id: 'ana' },
        },
      },
    });
    expect(told({ ticketId: 'TKT-1' })?.detail.ticket_event.ticket).toMatchObject({ id: null, external_id: 'TKT-1' });
  });
  test.each([
    ['ticket.created', 'Ticket Created', {}],
    ['ticket.assigned', 'Agent Assignment Changed', { previous: 'ben', current: 'ana' }],
    ['ticket.priority_changed', 'Priority Changed', { previous: 'normal', current: 'high' }],
    ['webhook.test', 'Test', {}],
  ] as const)('%s is %s', (type, said, more) => {
    const previous = { assigneeId: 'ben', priority: 'MEDIUM' };
    expect(told({ type, facts: { ...MESSAGE.facts, previous } })?.detail.ticket_event).toMatchObject({
      type: said,
      ...more,
    });
  });
  test('an answer is a comment of staff, without its words', () => {
    const { comment } =
      told({ type: 'ticket.answered', facts: { by: 'bot', agentId: null } })?.detail.ticket_event ?? {};
    expect(comment).toEqual({ id: 7, is_public: true, author: { id: 'bot', is_staff: true } });
  });
  test('a change that is none there is not told', () => {
    expect(told({ facts: { state: 'inProgress', previous: { state: 'waitingForAgent' } } })).toBeNull();
  });
});

test.each([
  [{ nextMs: null, waiting: 0, standing: 'closed' }, 'Everything was sent'],
  [{ nextMs: 5, waiting: 1, standing: 'closed' }, '1 message waits'],
  [{ nextMs: 5, waiting: 2, standing: 'open' }, 'The circuit is open: only probes go out; 2 messages wait'],
  [{ nextMs: null, waiting: 2, standing: 'disabled' }, 'The receiver has said that it is gone: nothing is sent'],
  [{ nextMs: null, waiting: 2, standing: 'removed' }, 'No longer in policies/webhooks.yaml: nothing is sent'],
] as const)('the Web UI says of %j: %s', (pass, words) => expect(sayPass(pass)).toBe(words));

test('a probe that is refused for what it is closes the circuit; one that says something of the receiver does not', () => {
  const open = { failures: 5, open: { since: NOW, probeAt: NOW, pauseMs: 30_000 } };
  expect(afterFailure(open, RULES, { isRefusal: true }, NOW)).toEqual({ failures: 0, open: null });
  expect(afterFailure(open, RULES, {}, NOW).open).not.toBeNull();
});
