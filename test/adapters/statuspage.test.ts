import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createStatuspage } from '../../src/adapters/statuspage.ts';
import { deafUrl, json } from '../support/stand-ins/server.ts';
import { type StatuspageStandIn, startStatuspage } from '../support/stand-ins/statuspage.ts';
import { failure, never } from './failure.ts';

let page: StatuspageStandIn;
beforeAll(async () => {
  page = await startStatuspage();
});
afterAll(() => page.stop());
beforeEach(() => {
  page.reset();
  Object.assign(page.summary, {
    status: { indicator: 'none', description: 'All Systems Operational' },
    components: [{ name: 'API', status: 'operational' }],
    incidents: [],
  });
});
const get = (settings: object = {}, signal = never()) => createStatuspage({ url: page.url, ...settings }).fetch(signal);

test('all well: no incidents', async () => {
  expect(await get()).toEqual({ indicator: 'none', incidents: [] });
  expect(await get({ url: `${page.url}/` })).toEqual({ indicator: 'none', incidents: [] });
});

test('incidents that go on are told, those that are over are not', async () => {
  page.summary.status.indicator = 'major';
  page.summary.incidents.push(
    { name: 'Logins fail', status: 'identified', impact: 'major' },
    { name: 'Slow mails', status: 'resolved', impact: 'minor' },
    { name: 'Old story', status: 'postmortem', impact: 'minor' },
  );
  expect(await get()).toEqual({ indicator: 'major', incidents: ['Logins fail'] });
});

test('an outage without an incident is told by its component; a slow component is no outage', async () => {
  page.summary.status.indicator = 'critical';
  page.summary.components.push(
    { name: 'Login', status: 'major_outage' },
    { name: 'Search', status: 'degraded_performance' },
    { name: 'Everything', status: 'major_outage', group: true },
  );
  expect(await get()).toEqual({ indicator: 'critical', incidents: ['Login: major outage'] });
});

test('an indicator that nobody knows is unknown', async () => {
  page.summary.status.indicator = 'purple';
  expect(await get()).toMatchObject({ indicator: 'unknown' });
});

test('throttled, failing and silent pages can be asked again', async () => {
  page.failNext('429', { retryAfter: 9 });
  expect(await failure(get())).toMatchObject({ retryable: true, retryAfterMs: 9_000 });
  page.failNext('500');
  expect(await failure(get())).toMatchObject({ retryable: true, reason: 'HTTP 500' });
  page.failNext('timeout');
  expect(await failure(get({ timeoutMs: 50 }))).toMatchObject({ retryable: true, answerLost: false });
  page.failNext('lost');
  expect(await failure(get())).toMatchObject({ retryable: true, answerLost: false });
  expect(await failure(get({ url: await deafUrl() }))).toMatchObject({ retryable: true });
});

test('an address that is no status page is final', async () => {
  page.answerNext(json(200, { hello: 'world' }));
  expect(await failure(get())).toMatchObject({ retryable: false, reason: 'the answer is not a summary' });
  page.answerNext(json(404, {}));
  expect(await failure(get())).toMatchObject({ retryable: false, reason: 'HTTP 404' });
});

test('an answer that is no JSON can be asked for again', async () => {
  page.answerNext({ status: 200, body: '<html>' });
  expect(await failure(get())).toMatchObject({ retryable: true, reason: 'the answer is not JSON' });
});

test('the caller’s signal ends the request', async () => {
  page.failNext('timeout');
  const caller = new AbortController();
  const asked = failure(get({}, caller.signal));
  caller.abort();
  expect(await asked).toMatchObject({ provider: 'statuspage' });
});
