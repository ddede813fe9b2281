import { expect, test } from 'vitest';
import { createSnsDoor } from '../../src/adapters/sns.ts';
import type { StewardClient } from '../../src/client.ts';
import { StewardError } from '../../src/domain/errors.ts';
import { createApp } from '../../src/http/app.ts';
import { createDeliveryStore } from '../../src/store/deliveries.ts';
import { createFeedbackStore } from '../../src/store/feedback.ts';
import { createSuppressionStore } from '../../src/store/suppressions.ts';
import { changeOf, newId, newTicket, useStores } from '../store/support.ts';
import { bounce, complaint, sesEvent, TOPIC, useSns } from '../support/stand-ins/sns.ts';
import { createWorld, depsOf } from './support.ts';

const stores = useStores();
const sns = useSns();

/** A gateway on the real store, whose Temporal is in memory. */
function gateway() {
  const world = createWorld();
  const deps = depsOf(world);
  const tell: StewardClient['tell'] = async (ticketId, event, payload) => {
    if (world.fail.temporal) throw world.fail.temporal;
    world.told.push({ ticketId, event, payload });
  };
  const app = createApp({
    ...deps,
    client: { ...deps.client, tell },
    sns: createSnsDoor({ topics: [TOPIC], fetch: sns.fetch }),
    feedback: createFeedbackStore(stores.gateway),
  });
  const post = async (message: unknown) => {
    const headers = { 'content-type': 'text/plain; charset=UTF-8', 'x-amz-sns-message-type': 'Notification' };
    const response = await app.request('/v1/sns', { method: 'POST', headers, body: JSON.stringify(message) });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return { world, post };
}

const bySes = () =>
  createDeliveryStore(stores.worker, {
    transports: { mail: 'ses', slack: 'outbox', pagerduty: 'outbox' },
    automaticPerDay: 100,
  });
const toCustomer = (ticketId: string, customerId: string, occasion: string) =>
  ({
    ticketId,
    occasion,
    recipient: { kind: 'customer', id: customerId },
    channel: 'mail',
    template: 'welcome',
  }) as const;

/** A mail to the customer that SES has taken. */
async function mailed(customerId = newId('CUST')) {
  const ticketId = await newTicket(stores, { customerId, customerEmail: 'mira@customer.example' });
  const [queued] = await bySes().queue(changeOf(ticketId, 2), [toCustomer(ticketId, customerId, 'Welcome#1')]);
  const id = queued?.id ?? '';
  const messageId = `0102${newId('m')}-000000`;
  await bySes().begin(id);
  await bySes().finish(id, { status: 'sent', providerMessageId: messageId });
  const look = async () => {
    const row = await stores.db.selectFrom('deliveries').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    return { status: row.status, reason: row.reason };
  };
  return { id, ticketId, customerId, messageId, look };
}
const officer = () => createSuppressionStore(stores.officer, { kind: 'person', id: 'login/test' });

test('without a topic in the settings there is nothing at the address', async () => {
  const response = await createWorld().app.request('/v1/sns', { method: 'POST', body: JSON.stringify(sns.message()) });
  expect(response.status).toBe(404);
});

test('a subscription to one of our topics is confirmed', async () => {
  const { post } = gateway();
  const message = sns.confirmation();
  expect(await post(message)).toEqual({ status: 200, body: { confirmed: true } });
  expect(sns.asked).toContain(`GET ${'SubscribeURL' in message ? message.SubscribeURL : ''}`);
});

test('what nobody has signed changes nothing, and the log says that somebody tried', async () => {
  const { post, world } = gateway();
  const { messageId, look } = await mailed();
  expect(await post(sns.message({ Message: bounce(messageId) }, 'stranger'))).toMatchObject({
    status: 403,
    body: { code: 'SignatureWrong' },
  });
  expect(await look()).toMatchObject({ status: 'sent' });
  expect(world.told).toEqual([]);
  expect(world.logged.map(({ level }) => level)).toEqual(['warn']);
});

test('a mail that arrived is delivered, and nobody is told', async () => {
  const { post, world } = gateway();
  const { messageId, look } = await mailed();
  const body = { outcome: 'delivered' };
  expect(await post(sns.message({ Message: sesEvent(messageId, 'Delivery') }))).toEqual({ status: 200, body });
  expect(await look()).toEqual({ status: 'delivered', reason: null });
  expect(world.told).toEqual([]);
});

test('a mail that came back for good is bounced, its ticket hears, its customer gets no more mail, and the log says so without their name', async () => {
  const { post, world } = gateway();
  const { id, ticketId, customerId, messageId, look } = await mailed();
  expect(await post(sns.message({ Message: bounce(messageId) }))).toMatchObject({ body: { outcome: 'bounced' } });
  expect(await look()).toEqual({ status: 'bounced', reason: 'permanent bounce (General)' });
  const payload = { deliveryId: id, outcome: 'bounced', source: 'ses', eventId: `${id}/bounced` };
  expect(world.told).toEqual([{ ticketId, event: 'deliveryFailed', payload }]);
  expect(await officer().list({ customerId })).toMatchObject([{ customerId, reason: 'bounced' }]);
  const entries = await stores.db.selectFrom('audit_entries').selectAll().orderBy('id').execute();
  const outcome = entries.findLast(({ object }) => object === `delivery/${id}`);
  expect(outcome).toMatchObject({ actor_id: 'ses', before: { status: 'sent' }, after: { status: 'bounced' } });
  const listed = entries.filter(({ action }) => action === 'suppression.listed');
  expect(listed).toMatchObject([{ actor_id: 'ses', why: 'bounced', after: { deliveries: [Number(id)] } }]);
  expect(JSON.stringify(entries)).not.toContain(customerId);

  const next = toCustomer(ticketId, customerId, 'Welcome#2');
  await bySes().queue(changeOf(ticketId, 3), [next]);
  const row = stores.db.selectFrom('deliveries').select(['status', 'reason']).where('occasion', '=', 'Welcome#2');
  expect(await row.where('ticket_id', '=', ticketId).executeTakeFirst()).toEqual({
    status: 'suppressed',
    reason: 'mail to the customer came back',
  });
  expect(await officer().lift({ customerId })).toBe(1);
  expect(await bySes().queue(changeOf(ticketId, 4), [{ ...next, occasion: 'Welcome#3' }])).toMatchObject([
    { status: 'queued' },
  ]);
});

test('a complaint comes after the bounce and the arrival; "this is no spam" is none', async () => {
  const { post } = gateway();
  const { customerId, messageId, look } = await mailed();
  await post(sns.message({ Message: sesEvent(messageId, 'Delivery') }));
  expect(await post(sns.message({ Message: complaint(messageId, 'not-spam') }))).toMatchObject({
    body: { ignored: true },
  });
  await post(sns.message({ Message: bounce(messageId) }));
  await post(sns.message({ Message: complaint(messageId) }));
  expect(await look()).toEqual({ status: 'complained', reason: 'complaint (abuse)' });
  expect(await officer().list({ customerId })).toMatchObject([{ reason: 'complained' }]);
  // Late news that is overtaken.
  await post(sns.message({ Message: sesEvent(messageId, 'Delivery') }));
  expect(await look()).toMatchObject({ status: 'complained' });
});

test('a mail that came back for now is bounced, but mail goes on; an out-of-office reply to one that arrived is nothing', async () => {
  const { post, world } = gateway();
  const [full, away] = [await mailed(), await mailed()];
  await post(sns.message({ Message: bounce(full.messageId, 'Transient') }));
  expect(await full.look()).toEqual({ status: 'bounced', reason: 'transient bounce (General)' });
  expect(await officer().list({ customerId: full.customerId })).toEqual([]);
  await post(sns.message({ Message: sesEvent(away.messageId, 'Delivery') }));
  await post(sns.message({ Message: bounce(away.messageId, 'Transient') }));
  expect(await away.look()).toMatchObject({ status: 'delivered' });
  expect(world.told).toHaveLength(1);
});

test('the older form of SES, with notificationType, says the same', async () => {
  const { post } = gateway();
  const { messageId, look } = await mailed();
  const { eventType, ...rest } = JSON.parse(bounce(messageId)) as Record<string, unknown>;
  await post(sns.message({ Message: JSON.stringify({ notificationType: eventType, ...rest }) }));
  expect(await look()).toMatchObject({ status: 'bounced' });
});

test('the same message again is known, and does nothing', async () => {
  const { post, world } = gateway();
  const { messageId } = await mailed();
  const message = sns.message({ Message: bounce(messageId) });
  await post(message);
  expect(await post(message)).toEqual({ status: 200, body: { known: true } });
  expect(world.told).toHaveLength(1);
});

test('while Temporal is away it is to be sent again, and then its ticket hears', async () => {
  const { post, world } = gateway();
  const { messageId } = await mailed();
  const message = sns.message({ Message: bounce(messageId) });
  world.fail.temporal = new StewardError('Unavailable', 'away');
  expect(await post(message)).toMatchObject({ status: 503 });
  world.fail.temporal = undefined;
  expect(await post(message)).toMatchObject({ status: 200, body: { outcome: 'bounced' } });
  expect(world.told).toHaveLength(1);
});

test('a ticket whose workflow is over hears nothing, and its delivery knows', async () => {
  const { post, world } = gateway();
  const { messageId, look } = await mailed();
  world.fail.temporal = new StewardError('TicketUnknown', 'it is over');
  expect(await post(sns.message({ Message: bounce(messageId) }))).toMatchObject({ status: 200 });
  expect(await look()).toMatchObject({ status: 'bounced' });
});

test('word of a mail that is not known yet comes again; of an older one it is not ours', async () => {
  const { post } = gateway();
  expect(await post(sns.message({ Message: bounce('0102-nobody') }))).toMatchObject({ status: 503 });
  const old = JSON.parse(bounce('0102-nobody')) as { mail: object };
  const mail = { ...old.mail, timestamp: new Date(Date.now() - 120_000).toISOString() };
  expect(await post(sns.message({ Message: JSON.stringify({ ...old, mail }) }))).toEqual({
    status: 200,
    body: { ignored: true },
  });
});

test.each(['Successfully validated SNS topic for Amazon SES event publishing.', '{"eventType":"Open"}', 'null', '[]'])(
  'a message that says nothing of a mail is ignored: %s',
  async (Message) => {
    expect(await gateway().post(sns.message({ Message }))).toEqual({ status: 200, body: { ignored: true } });
  },
);
