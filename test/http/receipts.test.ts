/** Mails that SES received, on the real store; Temporal is in memory. */
import { expect, test } from 'vitest';
import { createSnsDoor } from '../../src/adapters/sns.ts';
import { createApp } from '../../src/http/app.ts';
import { createFeedbackStore } from '../../src/store/feedback.ts';
import { createParkedMailStore } from '../../src/store/parked-mails.ts';
import { useStores } from '../store/support.ts';
import { received, TOPIC, useSns } from '../support/stand-ins/sns.ts';
import { mail } from './mails.ts';
import { createWorld, depsOf, macOf, place } from './support.ts';

const stores = useStores();
const sns = useSns();

function gateway() {
  const world = createWorld();
  const app = createApp({
    ...depsOf(world),
    sns: createSnsDoor({ topics: [TOPIC], fetch: sns.fetch }),
    feedback: createFeedbackStore(stores.gateway),
    parkedMails: createParkedMailStore(stores.gateway),
  });
  const ask = async (method: string, path: string, body?: unknown) => {
    const headers = { authorization: `Bearer ${world.key}` };
    const response = await app.request(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const get = (path: string) => app.request(path, { headers: { authorization: `Bearer ${world.key}` } });
  return { world, ask, get, post: (message: unknown) => ask('POST', '/v1/sns', message) };
}
let count = 0;
const raw = (text: string, headers: Record<string, string> = {}) =>
  mail(
    { 'Message-ID': `<${++count}@receipts.example>`, 'Content-Type': 'text/plain; charset=utf-8', ...headers },
    text,
  ).toString('utf8');
const FAIL = { status: 'FAIL' };
const listed = async ({ ask, world }: ReturnType<typeof gateway>) => {
  world.role = 'operator';
  return (await ask('GET', '/v1/mails')).body.mails as {
    id: string;
    reason: string;
    sender: string;
    providerId: string;
  }[];
};
const empty = () => stores.db.deleteFrom('parked_mails').execute();

test('a mail that SES received is a ticket, and an answer goes to the one that SES was given the address of', async () => {
  const { post, world } = gateway();
  expect(await post(sns.message({ Message: received(raw('It burns.')) }))).toMatchObject({
    status: 200,
    body: { ticketId: expect.stringMatching(/^MAIL-/) },
  });
  expect(world.submitted[0]?.detail).toMatchObject({ message: 'It burns.', customerEmail: 'ada@example.com' });

  place(world, 'TKT-1', 'waitingForCustomer');
  world.messages.set('12', { ticketId: 'TKT-1', to: 'ada@example.com' });
  // A blind copy: no header has the address.
  const recipients = [`help+12.${macOf('TKT-1', '12')}@reply.example`];
  expect((await post(sns.message({ Message: received(raw('No.'), { recipients }) }))).body).toMatchObject({
    ticketId: 'TKT-1',
  });
  expect(world.told).toMatchObject([{ event: 'customerReplied', payload: { message: 'No.' } }]);
});

test.each([
  ['signed by a stranger', () => sns.message({ Message: received(raw('x')) }, 'stranger')],
  ['altered', () => ({ ...sns.message({ Message: received(raw('x')) }), Message: received(raw('y')) })],
  [
    'of tomorrow',
    () => sns.message({ Message: received(raw('x')), Timestamp: new Date(Date.now() + 86_400_000).toISOString() }),
  ],
  [
    'of last week',
    () => sns.message({ Message: received(raw('x')), Timestamp: new Date(Date.now() - 7 * 86_400_000).toISOString() }),
  ],
  ['of another topic', () => sns.message({ Message: received(raw('x')), TopicArn: `${TOPIC}2` })],
  ['by signature version 1', () => sns.message({ Message: received(raw('x')), SignatureVersion: '1' })],
])('a mail whose message is %s is refused, and nothing is kept of it', async (_, message) => {
  await empty();
  const door = gateway();
  expect((await door.post(message())).status).toBe(403);
  expect(door.world.submitted).toEqual([]);
  expect(await listed(door)).toEqual([]);
});

test('a message that is replayed changes nothing', async () => {
  const { post, world } = gateway();
  const message = sns.message({ Message: received(raw('It burns.')) });
  expect((await post(message)).status).toBe(200);
  expect((await post(message)).body).toEqual({ known: true });
  expect(world.submitted).toHaveLength(1);
});

test.each<[string, object]>([
  ['virus', { virusVerdict: FAIL }],
  ['spam', { spamVerdict: FAIL }],
  ['forged', { dmarcVerdict: FAIL, dmarcPolicy: 'reject' }],
  ['unproved', { dmarcVerdict: FAIL, dmarcPolicy: 'none' }],
])('a mail that is called %s waits for an operator, who lets it in', async (reason, verdicts) => {
  await empty();
  const door = gateway();
  const { post, ask, get, world } = door;
  expect(await post(sns.message({ Message: received(raw('Grüße'), verdicts) }))).toEqual({
    status: 200,
    body: { parked: reason },
  });
  expect(world.submitted).toEqual([]);
  expect(world.logged).toMatchObject([{ level: 'error', facts: { reason } }]);
  expect(JSON.stringify(world.logged)).not.toContain('ada@');

  expect((await ask('GET', '/v1/mails')).status).toBe(403);
  const [parked] = await listed(door);
  expect(parked).toMatchObject({ reason, sender: 'ada@example.com' });
  const seen = await get(`/v1/mails/${parked?.id}`);
  expect(await seen.text()).toMatch(/\r\n\r\nGrüße$/);
  expect(seen.headers.get('content-disposition')).toMatch(/^attachment/);
  expect((await get('/v1/mails/PM-none')).status).toBe(404);
  expect((await ask('POST', `/v1/mails/${parked?.id}/release`)).body).toMatchObject({ ticketId: expect.any(String) });
  expect(world.submitted[0]?.detail.message).toBe('Grüße');
  expect(await listed(door)).toEqual([]);
  expect((await ask('POST', `/v1/mails/${parked?.id}/release`)).status).toBe(404);

  const entries = await stores.db
    .selectFrom('audit_entries')
    .selectAll()
    .where('object', '=', `parked-mail/${parked?.id}`)
    .execute();
  expect(entries.map(({ action, actor_id, why }) => [action, actor_id, why])).toEqual([
    ['mail.parked', 'gateway', reason],
    ['mail.read', 'k1', reason],
    ['mail.released', 'k1', reason],
  ]);
  // Ids are hex, in which three letters of a name may stand.
  expect(JSON.stringify(entries)).not.toContain('ada@');
});

test('a mail by a list that is none of ours waits for an operator, who lets it in; by ours it is a ticket', async () => {
  await empty();
  const door = gateway();
  const { post, ask, world } = door;
  const byList = (id: string, text: string) =>
    sns.message({ Message: received(raw(text, { 'List-Id': `<${id}>`, Precedence: 'list' })) });
  expect((await post(byList('users.shop.example', 'Where is my order?'))).body).toEqual({ parked: 'bulk' });
  expect(world.submitted).toEqual([]);
  const [parked] = await listed(door);
  expect(parked).toMatchObject({ reason: 'bulk', sender: 'ada@example.com' });
  expect((await ask('POST', `/v1/mails/${parked?.id}/release`)).body).toMatchObject({ ticketId: expect.any(String) });
  expect(world.submitted[0]?.detail.message).toBe('Where is my order?');
  expect((await post(byList('help.x.example', 'It burns.'))).body).toMatchObject({ ticketId: expect.any(String) });
  expect(world.submitted[1]?.detail.message).toBe('It burns.');
  expect(await listed(door)).toEqual([]);
});

test('what can not be read, or is elsewhere, is parked and nothing is lost', async () => {
  await empty();
  const door = gateway();
  let nested = 'From: Ada <ada@example.com>\r\n';
  for (let i = 0; i < 5000; i++) nested += `Content-Type: multipart/mixed; boundary="b${i}"\r\n\r\n--b${i}\r\n`;
  const broken = [nested, 'From: ada@example.com\r\n\r\n', 'no mail at all: \0\xff'];
  for (const text of broken) {
    expect(await door.post(sns.message({ Message: received(text) }))).toEqual({
      status: 200,
      body: { parked: 'refused' },
    });
  }
  const { content: _, ...rest } = JSON.parse(received(raw('x')));
  expect((await door.post(sns.message({ Message: JSON.stringify(rest) }))).body).toEqual({ parked: 'elsewhere' });
  const mails = await listed(door);
  expect(mails.map(({ reason }) => reason).sort()).toEqual(['elsewhere', 'refused', 'refused', 'refused']);
  const elsewhere = mails.find(({ reason }) => reason === 'elsewhere');
  expect(elsewhere?.providerId).toBe(rest.mail.messageId);
  expect((await door.ask('POST', `/v1/mails/${elsewhere?.id}/release`)).status).toBe(409);
  const kept = await stores.db.selectFrom('parked_mails').select('mail').where('reason', '=', 'refused').execute();
  expect(kept.map(({ mail }) => mail).sort()).toEqual([nested, broken[1], 'no mail at all: \ufffd\u00c3\u00bf'].sort());
  for (const { id } of mails) expect((await door.ask('DELETE', `/v1/mails/${id}`)).body).toEqual({ dropped: true });
  expect(await listed(door)).toEqual([]);
  expect((await door.ask('DELETE', '/v1/mails/PM-none')).status).toBe(404);
});

test('the same parked mail is kept and told once, and one that nobody looks at goes after 30 days', async () => {
  await empty();
  const door = gateway();
  const Message = received(raw('x'), { spamVerdict: FAIL });
  for (let i = 0; i < 2; i++) expect((await door.post(sns.message({ Message }))).body).toEqual({ parked: 'spam' });
  expect(door.world.logged).toHaveLength(1);
  const age = () =>
    stores.db
      .updateTable('parked_mails')
      .set({ at: new Date(Date.now() - 31 * 86_400_000) })
      .execute();
  await age();
  expect((await door.post(sns.message({ Message: received(raw('y')) }))).status).toBe(200);
  expect(await stores.db.selectFrom('parked_mails').select('id').execute()).toEqual([]);
  await door.post(sns.message({ Message }));
  await age();
  expect(await listed(door)).toEqual([]);
  const gone = stores.db.selectFrom('audit_entries').select('why').where('action', '=', 'mail.expired');
  expect(await gone.execute()).toEqual([{ why: 'nobody has looked' }, { why: 'nobody has looked' }]);
});

test('while Temporal is away a mail is left to SNS, which sends it again', async () => {
  await empty();
  const door = gateway();
  const message = sns.message({ Message: received(raw('It burns.')) });
  door.world.fail = { temporal: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) };
  expect((await door.post(message)).status).toBe(503);
  door.world.fail = {};
  expect((await door.post(message)).body).toMatchObject({ ticketId: expect.any(String) });
  expect(door.world.submitted).toHaveLength(1);
  expect(await listed(door)).toEqual([]);
});

test('who answers what was erased begins anew: SNS would tell nobody that it was refused', async () => {
  const { post, world } = gateway();
  place(world, 'TKT-1', 'waitingForCustomer');
  world.tickets.set('TKT-1', { source: 'x', state: 'closed', customerId: 'C', subject: 's', erased: true });
  world.messages.set('<m@x>', { ticketId: 'TKT-1', to: 'ada@example.com' });
  const answer = await post(sns.message({ Message: received(raw('Hello again.', { 'In-Reply-To': '<m@x>' })) }));
  expect(answer.body).toMatchObject({ ticketId: expect.stringMatching(/^MAIL-/) });
  expect(world.refused).toEqual(['TKT-1']);
});
