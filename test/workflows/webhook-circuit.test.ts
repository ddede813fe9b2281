/** An endpoint that fails is left alone but for probes, and one that is gone altogether. */
import { expect, test } from 'vitest';
import { outcome } from '../support/outcome.ts';
import { json } from '../support/stand-ins/server.ts';
import { escalated } from './support.ts';
import { useWebhooks } from './webhook-support.ts';

const scene = useWebhooks(
  { away: {}, picky: {}, gone: {}, later: {}, moved: {}, hopeless: {}, inner: { url: 'https://10.11.12.13/hooks' } },
  { circuit: { openAfter: 3, firstPause: '1 s', longestPause: '2 s' }, retries: ['4 s'] },
);
const { steward, told, asked, allSent, desk, endpointRow, rows, name } = scene;
const lineOf = async (endpoint: string) => (await desk().endpoints()).find((line) => line.name === name(endpoint));
const logged = (endpoint: string) =>
  steward.owner
    .selectFrom('audit_entries')
    .select(['actor_kind', 'action', 'after'])
    .where('object', '=', `webhook/${name(endpoint)}`)
    .orderBy('id')
    .execute();

test('failures in a row open the circuit: probes go out alone, use up no attempts, and the first that is taken closes it', async () => {
  scene.receiver.failNext('500', { action: '/away' }, 1_000);
  // At once, so that the circuit opens before any message is tried for the second time.
  const ids = await Promise.all([escalated(steward), escalated(steward), escalated(steward)]);
  await outcome(async () => expect((await endpointRow('away')).opened_at).not.toBeNull());
  await outcome(async () => expect(await lineOf('away')).toMatchObject({ standing: 'open', reason: 'HTTP 500' }));
  const before = asked('away').length;
  await outcome(() => expect(asked('away').length).toBeGreaterThanOrEqual(before + 2));
  const probes = asked('away').slice(before);
  expect(new Set(probes.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  // Two attempts would have been its last.
  expect((await rows('away')).filter(({ status }) => status === 'failed')).toEqual([]);
  const { description } = await details('away');
  expect(description).toContain('The circuit is open');

  scene.receiver.reset();
  await allSent('away');
  expect(await endpointRow('away')).toMatchObject({ opened_at: null, failures: 0 });
  for (const ticketId of ids) expect(told('away', ticketId).map(({ type }) => type)).toContain('ticket.created');
});

test('a message that a receiver which is alive refuses holds up no other: it is its own failure, and closes the circuit', async () => {
  await allSent('picky');
  scene.receiver.failNext('500', { action: '/picky' }, 1_000);
  const ids = await Promise.all([escalated(steward), escalated(steward), escalated(steward)]);
  await outcome(async () => expect((await endpointRow('picky')).opened_at).not.toBeNull());
  const oldest = (await rows('picky')).find(({ status }) => status === 'pending');
  const probes = asked('picky').length;
  await outcome(() => expect(asked('picky').length).toBeGreaterThan(probes));
  // The receiver is back, and has something against this one alone.
  scene.receiver.reset();
  scene.receiver.refusing = oldest?.message_id ?? '';
  await outcome(async () => {
    const left = (await rows('picky')).filter(({ status }) => status === 'pending' || status === 'failed');
    expect(left.map(({ message_id, reason }) => [message_id, reason])).toEqual([[oldest?.message_id, 'HTTP 422']]);
  });
  expect(await endpointRow('picky')).toMatchObject({ opened_at: null });
  for (const ticketId of ids) expect(told('picky', ticketId)).not.toEqual([]);
  await outcome(async () => {
    expect((await rows('picky')).filter(({ status }) => status === 'failed')).toMatchObject([{ attempts: 2 }]);
  });
});

test('410 Gone disables the endpoint until an operator says otherwise', async () => {
  await allSent('gone');
  scene.receiver.answerNext(json(410, {}), { action: '/gone' }, 1_000);
  await escalated(steward);
  await outcome(async () => expect(await lineOf('gone')).toMatchObject({ standing: 'disabled' }));
  await expect(desk().test(name('gone'))).rejects.toMatchObject({ code: 'InvalidRequest' });
  const before = (await rows('gone')).length;
  const unheard = await escalated(steward);
  expect(await rows('gone')).toHaveLength(before);
  scene.receiver.reset();
  await desk().enable(name('gone'));
  await allSent('gone');
  expect(told('gone', unheard)).toEqual([]);
  expect((await logged('gone')).map(({ actor_kind, action }) => [actor_kind, action])).toEqual([
    ['workflow', 'webhook.disabled'],
    ['person', 'webhook.enabled'],
  ]);
});

test('Retry-After is honoured, and a redirect is a failure that is not followed', async () => {
  await allSent('later');
  scene.receiver.failNext('429', { action: '/later', retryAfter: 3 });
  const ticketId = await escalated(steward);
  await outcome(async () => expect(await lineOf('later')).toMatchObject({ standing: 'open', reason: 'HTTP 429' }));
  const probeAt = Date.parse((await lineOf('later'))?.probeAt ?? '');
  expect(probeAt - Date.now()).toBeGreaterThan(1_500);
  await allSent('later');
  expect(Date.now()).toBeGreaterThanOrEqual(probeAt - 50);
  expect(told('later', ticketId)).not.toEqual([]);

  await allSent('moved');
  const elsewhere = { status: 302, headers: { location: `${scene.receiver.url}/elsewhere` }, body: '' };
  scene.receiver.answerNext(elsewhere, { action: '/moved' });
  await escalated(steward);
  await outcome(async () => expect((await lineOf('moved'))?.reason).toBe('HTTP 302'));
  await allSent('moved');
  expect(asked('elsewhere')).toEqual([]);
});

test('a message whose attempts are used up waits for an operator, who sends it again under the same id', async () => {
  await allSent('hopeless');
  const since = new Date();
  scene.receiver.answerNext(json(400, {}), { action: '/hopeless' }, 2);
  const ticketId = await escalated(steward);
  const failed = await outcome(async () => {
    const found = (await rows('hopeless')).filter(({ status }) => status === 'failed');
    expect(found.length).toBeGreaterThan(0);
    return found;
  });
  expect(failed[0]).toMatchObject({ attempts: 2, reason: 'HTTP 400' });
  const selection = { endpoint: name('hopeless'), since, failedOnly: true };
  const selected = await desk().selected(selection);
  expect(selected.map(({ messageId }) => messageId)).toEqual(failed.map(({ message_id }) => message_id));
  expect(await rows('hopeless')).toEqual(expect.arrayContaining(failed));
  expect(await desk().redeliver(selection)).toBe(failed.length);
  await allSent('hopeless');
  const again = asked('hopeless').filter(({ headers }) => headers['webhook-id'] === failed[0]?.message_id);
  expect(again).toHaveLength(3);
  expect(told('hopeless', ticketId)).not.toEqual([]);

  const one = (await rows('hopeless')).at(-1)?.message_id ?? '';
  expect(await desk().redeliver({ messageId: one })).toBe(1);
  await allSent('hopeless');
  expect(asked('hopeless').filter(({ headers }) => headers['webhook-id'] === one)).toHaveLength(2);
  await expect(desk().redeliver({ messageId: 'none' })).rejects.toMatchObject({ code: 'InvalidRequest' });
  expect(await logged('hopeless')).toMatchObject([
    { actor_kind: 'person', action: 'webhook.redelivered', after: { messages: failed.length, failedOnly: true } },
    { actor_kind: 'person', action: 'webhook.redelivered', after: { messages: 1, message: one } },
  ]);
});

test('a test goes the way of every message', async () => {
  const messageId = await desk().test(name('moved'));
  await outcome(async () => expect(await desk().message(messageId)).toMatchObject({ status: 'sent' }));
  expect(scene.receiver.told.get(messageId)).toMatchObject({ type: 'webhook.test' });
});

test('an address of our own network is not called', async () => {
  await outcome(async () => {
    expect((await lineOf('inner'))?.reason).toBe('its address is not public (STEWARD_WEBHOOK_ADDRESSES)');
  });
});

async function details(endpoint: string): Promise<{ description: string }> {
  return outcome(async () => {
    const { raw } = await scene.workflowOf(endpoint).describe();
    const description = JSON.stringify(raw.workflowExecutionInfo ?? {});
    const metadata = await scene
      .workflowOf(endpoint)
      .query<{ currentDetails?: string }>('__temporal_workflow_metadata');
    return { description: `${description} ${metadata.currentDetails ?? ''}` };
  });
}
