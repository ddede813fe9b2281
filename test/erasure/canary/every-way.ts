import { expect } from 'vitest';
import { outcome } from '../../support/outcome.ts';
import type { Providers } from '../../support/providers.ts';
import { sesError } from '../../support/stand-ins/ses.ts';
import { post, routed } from '../support.ts';
import { EMAIL, IN_CLEAR, mark, NAME, PERSON, PHONE, REFUSED, TAG } from './person.ts';
import type { Scene } from './scene.ts';

const HEAD = { source: 'support.platform' };
const created = (detail: object) => ({ ...HEAD, 'detail-type': 'ticket.created', detail });

/** Before there are providers: what goes out lies in the outbox, as files. */
export async function byOutbox(scene: Scene): Promise<void> {
  const detail = { ...PERSON, ticketId: `OUT-${TAG}`, subject: 'Login', message: `I can't log in. ${mark('outbox')}` };
  expect((await scene.post(created({ ...detail, customerTier: 'premium', sentimentScore: -0.7 }))).status).toBe(202);
  await routed(scene, detail.ticketId);
  await outcome(() => allSent(scene));
}

/** Ticket ids of all that came. */
export async function everyWay(scene: Scene, providers: Providers): Promise<string[]> {
  await byPlatform(scene, providers);
  await byFormAndMail(scene);
  await inClear(scene);
  await refused(scene);
  return outcome(async () => {
    const rows = await scene.owner.selectFrom('tickets').select(['id', 'route']).execute();
    expect(rows).toHaveLength(5);
    for (const ticket of rows) expect(ticket.route).not.toBe('none');
    await allSent(scene);
    return rows.map((ticket) => ticket.id);
  });
}

async function byPlatform(scene: Scene, providers: Providers): Promise<void> {
  const id = `TKT-${TAG}`;
  // Before its ticket: held, with its words.
  const early = { ticketId: id, message: mark('held'), by: 'customer' };
  expect((await scene.post({ ...HEAD, id: `e-${TAG}`, 'detail-type': 'ticket.replied', detail: early })).status).toBe(
    202,
  );
  // Mail fails for a while, and says whom it was for.
  const answer = sesError(500, 'InternalFailure', `no way to ${EMAIL}`);
  providers.aws.answerNext(answer, { action: 'SendRawEmail' }, 2);
  const detail = {
    ...PERSON,
    ticketId: id,
    subject: `Login ${mark('subject')}`,
    message: `I can't log in. ${mark('message')}, call ${PHONE}`,
    customerTier: 'premium',
  };
  expect((await scene.post(created(detail))).status).toBe(202);
  await routed(scene, id);
  // What the ticket no longer needs is not sent.
  await outcome(() => allSent(scene));
  const reply = { eventId: 'r1', source: 'support.platform', message: mark('reply') };
  await scene.steward.tell(id, 'customerReplied', reply);
  await scene.steward.claim(id, { agentId: 'ana' });
  await scene.steward.reply(id, { agentId: 'ana', message: `Dear ${NAME}, ${mark('agentreply')}` });
}

async function byFormAndMail(scene: Scene): Promise<void> {
  const form = await (await scene.app.request('/support')).text();
  const token = /name="token" value="([^"]+)"/.exec(form)?.[1] ?? '';
  const fields = { token, name: NAME, email: EMAIL, subject: mark('subject2'), message: mark('form') };
  expect((await post(scene, '/support', fields)).status).toBe(303);

  const lines = [
    `From: ${NAME} <${EMAIL}>`,
    'Subject: By mail',
    `Message-ID: <${TAG}@birds.example>`,
    '',
    mark('post'),
  ];
  const mailed = await scene.app.request('/v1/email', {
    method: 'POST',
    headers: { ...scene.byKey, 'content-type': 'message/rfc822' },
    body: lines.join('\r\n'),
  });
  expect(mailed.status).toBe(202);
}

/** By a program that has no codec: Temporal keeps what it says as it is. */
async function inClear(scene: Scene): Promise<void> {
  const [subject, message] = IN_CLEAR;
  const ticketId = `CLI-${TAG}`;
  const start = ['workflow', 'start', '--type', 'supportTicket', '--task-queue', 'canary'];
  const input = created({ ...PERSON, ticketId, subject, message });
  await scene.bare(...start, '--workflow-id', `ticket-${ticketId}`, '--input', JSON.stringify(input));
  await routed(scene, ticketId);
}

/** Wrong input fails with an error, which must not repeat its words. */
async function refused(scene: Scene): Promise<void> {
  const [words = '', broken = ''] = REFUSED;
  const ticketId = `BAD-${TAG}`;
  const detail = { ...PERSON, ticketId, subject: words, message: words, customerTier: 'premium', sentimentScore: 7 };
  await scene.steward.submit({ ...HEAD, 'detail-type': 'ticket.created', detail });
  await outcome(async () => {
    const failed = await scene.temporal.client.workflow.getHandle(`ticket-${ticketId}`).describe();
    expect(failed.status.name).toBe('FAILED');
  });
  expect((await scene.post(`{"detail": "${broken}`)).status).toBe(400);
  expect((await scene.post(created({ ...PERSON, ticketId: [broken], message: { is: broken } }))).status).toBe(422);
}

async function allSent({ owner }: Scene): Promise<void> {
  const rows = await owner.selectFrom('deliveries').select('status').execute();
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.map(({ status }) => status).filter((status) => status !== 'sent')).toEqual([]);
}
