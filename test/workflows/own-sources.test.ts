/** Events of other platforms, by the front door to the ticket. */
import { createHmac } from 'node:crypto';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { signWebhook } from '../../src/adapters/standard-webhooks.ts';
import { emptyDirectory } from '../support/files.ts';
import { smallTeam } from '../support/flow.ts';
import { outcome } from '../support/outcome.ts';
import { useSteward } from '../support/steward.ts';
import { zendeskEvent } from '../support/zendesk.ts';
import { alone, flowFiles } from './flow-run-support.ts';
import { entry, messagesOf } from './support.ts';

const SECRET = `whsec_${Buffer.from('a secret of 24 bytes or so').toString('base64')}`;
const dir = emptyDirectory();
cpSync('sources/zendesk.yaml', join(dir, 'zendesk.yaml'));
const events = [
  {
    name: 'new',
    event: {
      id: '{$.id}',
      source: 'desk',
      'detail-type': 'ticket.created',
      detail: { ticketId: 'desk-{$.id}', customerId: 'desk-7', subject: 'Desk', message: '{$.text}' },
    },
  },
];
const hmac = { kind: 'hmac', secretEnv: 'DESK_SECRET', header: 'x-signature-256', prefix: 'sha256=' };
writeFileSync(
  join(dir, 'standard.yaml'),
  stringify({ signature: { kind: 'standardWebhooks', secretEnv: 'DESK_SECRET' }, events }),
);
const late = {
  name: 'late',
  run: {
    flow: 'late',
    id: '{$.event}',
    customerId: 'desk-{$.who}',
    input: { shipment: '{$.shipment}', delay: { hours: '{$.hours}' }, systems: { carrier: 'https://carrier.example' } },
  },
};
writeFileSync(
  join(dir, 'carrier.yaml'),
  stringify({ signature: { kind: 'standardWebhooks', secretEnv: 'DESK_SECRET' }, events: [late] }),
);
writeFileSync(join(dir, 'hmac.yaml'), stringify({ signature: hmac, events }));
const timed = { ...hmac, header: 'x-signature', timestamp: 'x-time', encoding: 'base64', prefix: '' };
writeFileSync(join(dir, 'timed.yaml'), stringify({ signature: timed, events }));

const FLOWS = flowFiles({
  late: alone('Pass', { Type: 'Pass' }),
  tickets: {
    StartAt: 'Escalate',
    States: { Escalate: { Type: 'Task', Resource: 'module:escalateToAgent', End: true } },
  },
});
const steward = useSteward({
  settings: () => ({ STEWARD_SOURCES_DIR: dir, STEWARD_TEAM: smallTeam(), STEWARD_FLOW: FLOWS }),
  secrets: { DESK_SECRET: SECRET },
});

function send(name: string, body: unknown, headers: Record<string, string> = { 'x-api-key': steward.apiKey }) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return steward.app.request(`/v1/sources/${name}`, { method: 'POST', body: text, headers });
}
let number = 100_000 + Math.floor(Math.random() * 800_000);
/** Comments of one ticket that nobody else has. */
function conversation() {
  number += 1;
  const ticket = { id: number };
  return {
    ticketId: `zendesk-${number}`,
    comment(position: number, body: string, more: object = {}) {
      const meta = { occurred_at: '2026-04-23T10:15:00Z', sequence: { id: `SEQ${ticket.id}`, position, total: 9 } };
      return zendeskEvent({ ticket, comment: { body }, meta, ...more });
    },
  };
}
const bodies = async (ticketId: string) =>
  (await messagesOf(steward, ticketId)).filter(({ author }) => author === 'customer').map(({ body }) => body);

test('Zendesk’s comments: the first opens a ticket, a later one is a reply, and each that comes again is known', async () => {
  const { ticketId, comment } = conversation();
  const first = await send('zendesk', comment(2, 'Nothing works.'));
  expect([first.status, await first.json()]).toEqual([202, { ticketId, workflowId: `ticket-${ticketId}` }]);
  expect(await (await send('zendesk', comment(2, 'Nothing works.'))).json()).toMatchObject({ known: true });
  await entry(steward, ticketId, 'received');
  const again = await send('zendesk', comment(2, 'Nothing works.'));
  expect([again.status, await again.json()]).toMatchObject([200, { ticketId, known: true }]);
  for (const _ of [1, 2]) expect((await send('zendesk', comment(3, 'Still nothing.'))).status).toBeLessThan(300);
  await entry(steward, ticketId, 'customerReplied');
  expect(await (await send('zendesk', comment(3, 'Still nothing.'))).json()).toMatchObject({ known: true });
  expect(await bodies(ticketId)).toEqual(['Nothing works.', 'Still nothing.']);
});

test('a second comment that comes before the ticket’s first step waits for it, and is not taken for the first', async () => {
  const { ticketId, comment } = conversation();
  await steward.restartWorkers(async () => {
    expect((await send('zendesk', comment(2, 'First.'))).status).toBe(202);
    expect(await (await send('zendesk', comment(3, 'Second.'))).json()).toMatchObject({ held: true });
    expect(await (await send('zendesk', comment(2, 'First.'))).json()).toMatchObject({ known: true });
  });
  await entry(steward, ticketId, 'customerReplied');
  await outcome(async () => expect((await bodies(ticketId)).sort()).toEqual(['First.', 'Second.']));
});

test('solved at Zendesk is solved here', async () => {
  const { ticketId, comment } = conversation();
  await send('zendesk', comment(2, 'Please help.'));
  await entry(steward, ticketId, 'received');
  await send('zendesk', comment(4, '', { type: 'Status Changed', previous: 'open', current: 'solved' }));
  await entry(steward, ticketId, 'resolved');
});

test('what is not for us is ignored, and what can’t be ours is told by field, path and line', async () => {
  const { comment } = conversation();
  const ignored = await send('zendesk', comment(5, '', { type: 'Tags Changed' }));
  expect([ignored.status, await ignored.json()]).toEqual([200, { ignored: true, rule: null }]);
  const wrong = await send('zendesk', comment(6, ' '));
  expect(wrong.status).toBe(422);
  expect(await wrong.json()).toMatchObject({
    code: 'InvalidTicket',
    problems: [
      {
        field: 'detail.message',
        message: expect.stringMatching(/from \$\.comment\.body \(line \d+ of zendesk\.yaml\)$/),
      },
    ],
  });
  expect((await send('zendesk', '{')).status).toBe(400);
});

test('strangers learn nothing; with a key an unknown source is told', async () => {
  for (const name of ['zendesk', 'nobody']) expect((await send(name, {}, {})).status).toBe(401);
  const unknown = await send('nobody', {});
  expect(unknown.status).toBe(404);
  expect(await unknown.json()).toMatchObject({ detail: expect.stringContaining('hmac, standard, timed, zendesk') });
});

test.each(['standard', 'hmac', 'timed'])(
  '%s: a signature is needed, over these very bytes, and no key',
  async (name) => {
    number += 1;
    const event = { id: number, text: 'It broke.' };
    const body = JSON.stringify(event);
    const sign = (text: string, secret = SECRET, now = Date.now()): Record<string, string> => {
      if (name === 'standard') return signWebhook({ id: `msg-${number}`, body: text, now }, [secret]);
      if (name === 'timed') {
        const at = new Date(now).toISOString();
        return { 'x-time': at, 'x-signature': createHmac('sha256', secret).update(at).update(text).digest('base64') };
      }
      return { 'x-signature-256': `sha256=${createHmac('sha256', secret).update(text).digest('hex')}` };
    };
    const other = `whsec_${Buffer.from('another secret of 24 bytes').toString('base64')}`;
    const forged: Record<string, string>[] = [
      {},
      { 'x-api-key': steward.apiKey },
      sign(body, other),
      sign(`${body} `),
      ...(name === 'hmac' ? [] : [sign(body, SECRET, Date.now() - 301_000)]),
      ...(name === 'standard' ? [{ ...sign(body), 'webhook-id': 'msg-other' }] : []),
      ...(name === 'timed' ? [{ ...sign(body), 'x-time': new Date(Date.now() + 1_000).toISOString() }] : []),
    ];
    for (const headers of forged) {
      const refused = await send(name, body, headers);
      expect([refused.status, await refused.json()]).toMatchObject([403, { code: 'SignatureWrong' }]);
    }
    expect(await steward.read.ticket(`desk-${number}`)).toBeNull();
    expect((await send(name, body, sign(body))).status).toBe(202);
    await entry(steward, `desk-${number}`, 'received');
  },
);

test('a carrier’s webhook starts a flow, once for each of its events, and only when it is signed', async () => {
  const tell = (event: string, more: object = {}, secret = SECRET) => {
    const body = JSON.stringify({ event, shipment: 'S-1', who: 7, ...more });
    return send('carrier', body, signWebhook({ id: `m-${event}`, body, now: Date.now() }, [secret]));
  };
  const one = `e${number}`;
  const first = await tell(one, { hours: 30 });
  const run = (await first.json()) as { id: string; workflowId: string };
  expect([first.status, run]).toEqual([202, { id: run.id, workflowId: `flow-${run.id}`, known: false }]);
  expect(run.id).toMatch(/^carrier-[0-9a-f]{32}$/);
  const systems = { carrier: 'https://carrier.example' };
  expect(await steward.steward.flows.end(run.id)).toEqual({
    status: 'succeeded',
    output: { shipment: 'S-1', delay: { hours: 30 }, systems },
  });
  const again = await tell(one, { hours: 31 });
  expect([again.status, await again.json()]).toMatchObject([200, { id: run.id, known: true }]);
  // What the event does not have is not in the input.
  const other = (await (await tell(`${one}b`)).json()) as { id: string };
  expect(await steward.steward.flows.end(other.id)).toMatchObject({ output: { shipment: 'S-1', systems } });
  const nameless = await send('carrier', '{}', signWebhook({ id: 'm', body: '{}', now: Date.now() }, [SECRET]));
  expect([nameless.status, await nameless.json()]).toMatchObject([422, { problems: [{ field: 'id' }] }]);
  const forged = `whsec_${Buffer.from('another secret of 24 bytes').toString('base64')}`;
  expect((await tell(`${one}c`, {}, forged)).status).toBe(403);
});
