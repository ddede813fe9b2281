import { beforeEach, describe, expect, it, test, vi } from 'vitest';
import { wrongWebhook } from '../../src/adapters/standard-webhooks.ts';
import { retrying } from '../support/files.ts';
import { envelope } from '../support/steward.ts';
import { alone, ran, runId } from './flow-run-support.ts';
import { SECRET, useHttp } from './http-support.ts';
import { entry, PATIENCE } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

const http = (Parameters: object, more: object = {}) => ({
  Type: 'Task',
  Resource: 'module:http',
  Parameters,
  ...more,
});
const catching = (state: object) => ({
  StartAt: 'Call',
  States: {
    Call: { ...state, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }], End: true },
    Caught: { Type: 'Pass', End: true },
  },
});
const scene = useHttp((url) => ({
  read: alone('Read', http({ 'url.$': `States.Format('${url}/parcels/{}', $.parcel)` })),
  reserve: alone(
    'Reserve',
    http({ url: `${url}/reserve`, method: 'POST', body: { 'order.$': '$.order' }, sign: true }, { Retry: retrying(3) }),
  ),
  caught: catching(http({ url: `${url}/reserve`, method: 'POST' })),
  retried: catching(http({ url: `${url}/reserve`, method: 'POST' }, { Retry: retrying(2) })),
  hurried: catching(http({ url: `${url}/reserve`, method: 'POST' }, { TimeoutSeconds: 1 })),
  strange: catching(http({ url: 'https://elsewhere.example/' })),
  anywhere: catching(http({ 'url.$': '$.url' })),
  jsonata: {
    QueryLanguage: 'JSONata',
    ...alone('Read', {
      Type: 'Task',
      Resource: 'module:http',
      Arguments: { url: `{% '${url}/parcels/' & $states.input.parcel %}` },
      Output: '{% $states.result.body.path %}',
    }),
  },
  handed: alone('Hand', {
    ...http({ url: `${url}/hand`, method: 'POST', body: { 'token.$': '$$.Task.Token' } }, { Retry: retrying(2) }),
    Resource: 'module:http.waitForTaskToken',
  }),
  tickets: {
    StartAt: 'Call',
    States: {
      Call: http(
        { url: `${url}/ticket`, method: 'POST', body: { 'ticket.$': '$.detail.ticketId' } },
        { ResultPath: '$.call', Retry: retrying(2), Next: 'Welcome' },
      ),
      Welcome: { Type: 'Task', Resource: 'module:sendWelcomeEmail', End: true },
    },
  },
}));
const { steward } = scene;
beforeEach(() => scene.outside.reset());
const asked = () => scene.outside.asked;
const keys = () => asked().map(({ headers }) => headers['idempotency-key']);

describe('a request of a flow', () => {
  it('gives its answer, and is made with our login', async () => {
    expect(await ran(steward, 'read', { parcel: 'P1' })).toEqual({
      status: 'succeeded',
      output: { status: 200, body: { path: '/parcels/P1', got: null } },
    });
    expect(asked()[0]).toMatchObject({ method: 'GET', headers: { authorization: 'Bearer token-of-ours' } });
    expect(await ran(steward, 'jsonata', { parcel: 'P2' })).toEqual({ status: 'succeeded', output: '/parcels/P2' });
  });

  it('is signed, and keeps its key over repeats', async () => {
    scene.outside.failNext('500');
    scene.outside.failNext('lost');
    expect(await ran(steward, 'reserve', { order: 7 })).toMatchObject({ output: { body: { got: { order: 7 } } } });
    expect(asked()).toHaveLength(3);
    expect(new Set(keys()).size).toBe(1);
    for (const { headers, body } of asked()) {
      expect(wrongWebhook(new Headers(headers as Record<string, string>), body, [SECRET], Date.now())).toBeNull();
    }
    await ran(steward, 'reserve', { order: 7 });
    expect(new Set(keys()).size).toBe(2);
  });

  it('has another key when its run failed and is started anew under the same id', async () => {
    const { flows } = steward.steward;
    const id = runId();
    const failing = { flow: 'reserve', input: { order: 8 } };
    scene.outside.answerNext({ status: 400, body: '' });
    await flows.start(id, failing);
    expect(await flows.end(id)).toMatchObject({ error: 'States.Http.StatusCode.400' });
    await flows.start(id, failing);
    expect(await flows.end(id)).toMatchObject({ status: 'succeeded' });
    expect(new Set(keys()).size).toBe(2);
  });

  it.each([
    [404, 1],
    [302, 1],
    [503, 3],
  ])('that is answered %i is made %i times, and caught by its name', async (status, times) => {
    scene.outside.answerNext({ status, headers: { location: `${scene.outside.url}/other` }, body: 'Mira' }, {}, 9);
    const { output } = (await ran(steward, 'retried')) as { output: unknown };
    const host = new URL(scene.outside.url).host;
    expect(output).toEqual({ Error: `States.Http.StatusCode.${status}`, Cause: `${host}: HTTP ${status}` });
    expect(asked()).toHaveLength(times);
  });

  it('waits as long as Retry-After says', async () => {
    scene.outside.failNext('429', { retryAfter: 2 });
    const begun = Date.now();
    expect(await ran(steward, 'retried')).toMatchObject({ output: { status: 200 } });
    expect(Date.now() - begun).toBeGreaterThan(1_900);
  });

  it('fails in time: its own, and its Task’s', async () => {
    scene.outside.failNext('timeout', {}, 2);
    expect(await ran(steward, 'caught')).toMatchObject({ output: { Error: 'States.Http.Socket' } });
    expect(await ran(steward, 'hurried')).toMatchObject({ output: { Error: 'States.Timeout' } });
  });

  it('goes nowhere but to the hosts that are named', async () => {
    expect(await ran(steward, 'strange')).toMatchObject({
      output: { Error: 'InvalidRequest', Cause: expect.stringMatching(/^url: its host is not in policies\/http.yaml/) },
    });
    const other = scene.outside.url.replace('127.0.0.1', 'localhost');
    expect(await ran(steward, 'anywhere', { url: other })).toMatchObject({ output: { Error: 'InvalidRequest' } });
    expect(await ran(steward, 'anywhere', { url: 7 })).toMatchObject({ output: { Error: 'InvalidRequest' } });
    expect(asked()).toEqual([]);
  });
});

test('an effect outside is in the audit log before and after; what only reads is not', async () => {
  const id = runId();
  await steward.steward.flows.start(id, { flow: 'reserve', input: { order: 'of Mira' } });
  await steward.steward.flows.end(id);
  await ran(steward, 'read', { parcel: 'P1' });
  const rows = await steward.owner
    .selectFrom('audit_entries')
    .select(['action', 'after', 'object'])
    .where('action', 'like', 'http.%')
    .where('object', '=', `workflow/flow-${id}`)
    .orderBy('id')
    .execute();
  const said = { step: 'Reserve#1', attempt: 1, method: 'POST', host: new URL(scene.outside.url).host, key: keys()[0] };
  expect(rows.map(({ action, after }) => [action, after])).toEqual([
    ['http.intent', said],
    ['http.outcome', { ...said, outcome: 'HTTP 200' }],
  ]);
});

test('a request hands a token on, a fresh one with a fresh key for each attempt, and the Task waits for it', async () => {
  const id = runId();
  const { flows } = steward.steward;
  await flows.start(id, { flow: 'handed' });
  const tokenOf = async (nth: number) => {
    await vi.waitFor(() => expect(asked()).toHaveLength(nth), PATIENCE);
    return (JSON.parse(asked()[nth - 1]?.body ?? '') as { token: string }).token;
  };
  await flows.answer('failTask', { token: await tokenOf(1), error: 'Busy' });
  await flows.answer('completeTask', { token: await tokenOf(2), output: { truck: 4 } });
  expect(await flows.end(id)).toEqual({ status: 'succeeded', output: { truck: 4 } });
  expect(new Set(keys()).size).toBe(2);
});

test('a ticket’s flow makes requests too', async () => {
  const event = envelope();
  scene.outside.failNext('500');
  await steward.post(event);
  await entry(steward, event.detail.ticketId, 'welcomed');
  const { ticketId } = event.detail;
  const ours = asked().filter(({ body }) => body === JSON.stringify({ ticket: ticketId }));
  expect(ours).toHaveLength(2);
  expect(new Set(keys()).size).toBe(1);
  const logged = await steward.owner
    .selectFrom('audit_entries')
    .select('action')
    .where('object', '=', `ticket/${ticketId}`)
    .where('action', 'like', 'http.%')
    .execute();
  expect(logged).toHaveLength(4);
});
