import { expect, test } from 'vitest';
import { createWebhookDesk } from '../../src/store/webhook-desk.ts';
import { saveWebhookEndpoints } from '../../src/store/webhooks.ts';
import { changeOf, newTicket, useStores } from '../store/support.ts';
import { createWorld, steward } from './support.ts';

const stores = useStores();
const EVENTS = ['ticket.created', 'ticket.state_changed'];
const desk = () => createWebhookDesk(stores.operator, { kind: 'person', id: 'login/test' });
const run = (...args: string[]) => steward(createWorld({ webhooks: desk() }), 'webhook', ...args);

/** An endpoint with a message that was sent and one that was given up. */
async function endpointOf(name: string): Promise<{ sent: string; failed: string; ticketId: string }> {
  await saveWebhookEndpoints(stores.worker, [{ name, events: EVENTS, sources: null }]);
  const ticketId = await newTicket(stores);
  await stores.tickets.record(changeOf(ticketId, 2, { state: 'waitingForAgent' }));
  const rows = await stores.db
    .selectFrom('webhook_messages')
    .select('message_id')
    .where('endpoint', '=', name)
    .orderBy('id')
    .execute();
  const [sent = '', failed = ''] = rows.map(({ message_id }) => message_id);
  const settled = { settled_at: new Date() };
  const update = (id: string) => stores.db.updateTable('webhook_messages').where('message_id', '=', id);
  await update(sent)
    .set({ status: 'sent', ...settled })
    .execute();
  await update(failed)
    .set({ status: 'failed', attempts: 10, reason: 'HTTP 500', ...settled })
    .execute();
  return { sent, failed, ticketId };
}

test('without an endpoint list says that nobody is told', async () => {
  expect((await run('list')).out).toContain('policies/webhooks.yaml names no endpoint');
});

test('list and messages show an endpoint’s circuit and what became of its messages', async () => {
  const { sent, failed, ticketId } = await endpointOf('shown');
  const open = { failures: 5, opened_at: new Date(), probe_at: new Date(), pause_ms: '30000' };
  await stores.db.updateTable('webhook_endpoints').set(open).where('name', '=', 'shown').execute();
  const { out } = await run('list');
  expect(out).toMatch(/ENDPOINT +CIRCUIT +WAITING +OLDEST +GIVEN UP/);
  expect(out).toMatch(/shown +open since .*probe in \d+ s +0 +- +1/);
  const messages = (await run('messages', 'shown')).out;
  expect(messages).toMatch(new RegExp(`${failed} +\\d+ +ticket.state_changed +${ticketId} .* failed +10 +HTTP 500`));
  expect(messages).toMatch(new RegExp(`${sent} +\\d+ +ticket.created`));
  expect(JSON.parse((await run('messages', 'shown', '--status', 'failed', '--json')).out)).toMatchObject([
    { messageId: failed, status: 'failed', ticketId },
  ]);
});

test('redeliver shows with --preview what it would send, and sends it without', async () => {
  const { sent, failed } = await endpointOf('again');
  const since = ['--endpoint', 'again', '--since', '2026-01-01'];
  const { out } = await run('redeliver', ...since, '--preview');
  expect(out).toContain('These 2 would be sent again. Nothing was done.');
  const status = async () =>
    Object.fromEntries((await desk().messages('again', 10)).map((line) => [line.messageId, line.status]));
  expect(await status()).toEqual({ [sent]: 'sent', [failed]: 'failed' });
  expect(JSON.parse((await run('redeliver', ...since, '--failed', '--json')).out)).toEqual({ redelivered: 1 });
  expect(await status()).toEqual({ [sent]: 'sent', [failed]: 'pending' });
  expect((await run('redeliver', sent)).out).toContain('1 sent again');
  expect(await status()).toEqual({ [sent]: 'pending', [failed]: 'pending' });
});

test.each([
  [['redeliver'], 'name one message, or --endpoint and --since'],
  [['redeliver', '--endpoint', 'again'], 'name one message, or --endpoint and --since'],
  [['redeliver', 'none'], 'there is no message none'],
  [['messages', 'nobody'], 'there is no endpoint nobody; there are'],
  [['test', 'nobody'], 'there is no endpoint nobody'],
  [['enable', 'nobody'], 'there is no endpoint nobody'],
])('webhook %j is refused with the mend', async (args, words) => {
  const { exit, err } = await run(...args);
  expect(exit).toBe(1);
  expect(err).toContain(words);
});

test('an endpoint that has left the file is told nothing any more', async () => {
  await endpointOf('left');
  await saveWebhookEndpoints(stores.worker, []);
  await newTicket(stores);
  expect(await desk().messages('left', 10)).toHaveLength(2);
  expect((await run('list')).out).toMatch(/left +removed/);
  expect((await run('test', 'left')).err).toContain('no longer in policies/webhooks.yaml');
});
