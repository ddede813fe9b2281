import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPagerDuty } from '../../src/adapters/pagerduty.ts';
import type { PageEvent } from '../../src/deps.ts';
import { PAGERDUTY_KEY, type PagerDutyStandIn, startPagerDuty } from '../support/stand-ins/pagerduty.ts';
import { deafUrl, json } from '../support/stand-ins/server.ts';
import { failure, never } from './failure.ts';

let service: PagerDutyStandIn;
beforeAll(async () => {
  service = await startPagerDuty();
});
afterAll(() => service.stop());
beforeEach(() => {
  service.reset();
  service.events.length = 0;
  service.incidents.length = 0;
});

const EVENT: PageEvent = {
  deliveryId: '7',
  ticketId: 'TKT-1',
  action: 'trigger',
  dedupKey: 'steward/TKT-1/1.1',
  severity: 'critical',
  summary: 'Ticket TKT-1 waits for a person',
  text: 'Nobody has taken it.',
  link: 'http://127.0.0.1:8233/ticket-TKT-1',
};
const send = (event: Partial<PageEvent> = {}, settings: object = {}, signal = never()) =>
  createPagerDuty({ key: PAGERDUTY_KEY, url: service.url, ...settings }).send({ ...EVENT, ...event }, signal);

test('a trigger is an event as the Events API wants it, and answers with its key', async () => {
  expect(await send()).toBe('steward/TKT-1/1.1');
  expect(service.events).toEqual([
    {
      routing_key: PAGERDUTY_KEY,
      event_action: 'trigger',
      dedup_key: 'steward/TKT-1/1.1',
      client: 'Steward',
      client_url: EVENT.link,
      links: [{ href: EVENT.link, text: 'The ticket in the Temporal Web UI' }],
      payload: {
        summary: EVENT.summary,
        source: 'steward',
        severity: 'critical',
        component: 'TKT-1',
        class: 'ticket waits for a person',
        custom_details: { ticket: 'TKT-1', text: EVENT.text },
      },
    },
  ]);
});

test('acknowledge and resolve name the incident by its key, and carry nothing else', async () => {
  await send();
  await send({ action: 'acknowledge' });
  expect(service.incidents.map(({ status }) => status)).toEqual(['acknowledged']);
  await send({ action: 'resolve' });
  expect(service.incidents.map(({ status }) => status)).toEqual(['resolved']);
  expect(Object.keys(service.events.at(-1) ?? {})).toEqual(['routing_key', 'event_action', 'dedup_key']);
});

test('the same event twice is one incident', async () => {
  await send();
  await send();
  expect(service.incidents).toHaveLength(1);
});

test('a summary longer than PagerDuty takes is cut', async () => {
  await send({ summary: 'x'.repeat(2_000) });
  expect(String(service.events[0]?.payload?.summary)).toHaveLength(1_024);
});

test('too many events: again later, after the time that the answer names', async () => {
  service.failNext('429', { retryAfter: 30 });
  expect(await failure(send())).toMatchObject({
    reason: 'HTTP 429',
    retryable: true,
    retryAfterMs: 30_000,
    answerLost: false,
  });
});

test('a wrong key or event stays wrong', async () => {
  const error = await failure(send({}, { key: 'b'.repeat(32) }));
  expect(error).toMatchObject({ reason: 'HTTP 400', retryable: false });
  expect(JSON.stringify(error)).not.toContain('bbbb');
});

test('an error of theirs, and an answer that never comes: perhaps it was taken', async () => {
  service.failNext('500');
  expect(await failure(send())).toMatchObject({ retryable: true, answerLost: true });
  service.failNext('lost');
  expect(await failure(send())).toMatchObject({ retryable: true, answerLost: true });
  service.failNext('late');
  expect(await failure(send({}, { timeoutMs: 50 }))).toMatchObject({ retryable: true, answerLost: true });
  expect(service.incidents).toHaveLength(1);
});

test('an answer that is not of PagerDuty is no success', async () => {
  service.answerNext(json(202, { hello: 'from a proxy' }));
  expect(await failure(send())).toMatchObject({ reason: 'the answer is not of PagerDuty', answerLost: true });
});

test('nobody there, and cancelled before: nothing went out', async () => {
  expect(await failure(send({}, { url: await deafUrl() }))).toMatchObject({ retryable: true, answerLost: false });
  expect(await failure(send({}, {}, AbortSignal.abort()))).toMatchObject({ retryable: true, answerLost: false });
  expect(service.asked).toEqual([]);
});
