import { expect } from 'vitest';
import { createConsentStore } from '../../../src/store/consents.ts';
import { createHoldStore } from '../../../src/store/holds.ts';
import { createParkedMailStore } from '../../../src/store/parked-mails.ts';
import { outcome } from '../../support/outcome.ts';
import type { Providers } from '../../support/providers.ts';
import { sesError } from '../../support/stand-ins/ses.ts';
import { post, routed } from '../support.ts';
import { byIncident, inSlack } from './our-side.ts';
import { CUSTOMER, EMAIL, IN_CLEAR, LABEL, mark, NAME, PERSON, PHONE, REFUSED, TAG } from './person.ts';
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

export async function everyWay(scene: Scene, providers: Providers): Promise<void> {
  await byPlatform(scene, providers);
  await byFormAndMail(scene);
  await inClear(scene);
  await byHtmlMail(scene);
  await parkedMail(scene);
  await onStatusPage(scene, providers);
  await aside(scene);
  await refused(scene);
  await refusedOfUs(scene);
  await inSlack(scene, providers);
  await byIncident(scene, providers);
  await allRouted(scene, 7);
}

/** Ids of the tickets that came, so many; all that they say has gone out. */
export function allRouted(scene: Scene, count: number): Promise<string[]> {
  return outcome(async () => {
    const rows = await scene.owner.selectFrom('tickets').select(['id', 'route']).execute();
    expect(rows).toHaveLength(count);
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
  const note = { by: 'ana', act: 'note', round: 1, message: mark('note') } as const;
  await scene.steward.decide(id, note, `note-${TAG}`);
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
  const mailed = await mailIn(scene, lines.join('\r\n'));
  expect(mailed.status).toBe(202);
}

/** What the reader sees is in the mark-up alone; a picture comes along, of which the name is kept and nothing else. */
async function byHtmlMail(scene: Scene): Promise<void> {
  const part = (type: string, body: string, more = '') => `--b\r\nContent-Type: ${type}\r\n${more}\r\n${body}\r\n`;
  const name = `${mark('attachment')}.png`;
  const lines = [
    `From: ${NAME} <${EMAIL}>`,
    'Subject: A picture',
    `Message-ID: <html-${TAG}@birds.example>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="b"',
    '',
    part('text/html; charset=utf-8', `<p title="x">I can&#39;t <b>see</b> ${mark('html')}</p>`) +
      part(`image/png; name="${name}"`, mark('content'), `Content-Disposition: attachment; filename="${name}"\r\n`) +
      '--b--',
  ];
  expect((await mailIn(scene, lines.join('\r\n'))).status).toBe(202);
}

/** As the door of SES puts aside what is not proved to be from whom it says. */
async function parkedMail({ owner }: Scene): Promise<void> {
  const mail = `From: ${NAME} <${EMAIL}>\r\nSubject: Parked\r\n\r\n${mark('parked')}\r\n`;
  await createParkedMailStore(owner).park({ reason: 'spam', sender: EMAIL, mail, providerId: `ses-${TAG}` });
}

/** By the link of their mail: a reply and a rating. The form has no field for a comment, so one that is sent is dropped. */
async function onStatusPage(scene: Scene, { aws }: Providers): Promise<void> {
  const path = await outcome(() => {
    const mails = aws.mails.map(({ parsed }) => /\/support\/t\/[^\s)]+/.exec(parsed.text ?? '')?.[0]);
    const found = mails.find((one) => decodeURIComponent(one ?? '').includes(`TKT-${TAG}`));
    if (found === undefined) throw new Error('no mail with the link yet');
    return found;
  });
  const answers = [
    await post(scene, `${path}/reply`, { event: 'a'.repeat(32), message: mark('statusreply') }),
    await post(scene, `${path}/rate`, { event: 'b'.repeat(32), score: '2', comment: mark('comment') }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([303, 303]);
}

/** What our own people write down beside the tickets: consents, and a hold that is over by the time of the erasure. */
async function aside({ owner }: Scene): Promise<void> {
  const by = { kind: 'person', id: 'login/test' } as const;
  const said = {
    purpose: 'news',
    status: 'granted',
    at: new Date(),
    source: 'cli',
    evidence: mark('evidence'),
  } as const;
  await createConsentStore(owner, by).set(CUSTOMER, said);
  const holds = createHoldStore(owner);
  const officer = ['login/test', 'officer/ann'] as const;
  const [hold] = await holds.place(
    { customerId: CUSTOMER },
    { category: 'all', why: 'A lawsuit', until: null },
    officer,
  );
  await holds.lift(hold?.id ?? '', officer);
}

/** Words of ours that stay when the person is gone are refused where they name them; what else is sent along is dropped. */
async function refusedOfUs(scene: Scene): Promise<void> {
  for (const why of [`about ${EMAIL}`, `about ${PHONE}`]) {
    await scene.command('hold', 'place', CUSTOMER, '--why', why, '--by', 'privacy');
  }
  expect(await scene.owner.selectFrom('legal_holds').select('why').execute()).toEqual([{ why: 'A lawsuit' }]);
  const headers = { ...scene.byKey, 'content-type': 'application/json' };
  const send = (path: string, body: object) =>
    scene.app.request(`/v1/tasks${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const asked = {
    id: `ask-${TAG}`,
    ticketId: `TKT-${TAG}`,
    question: 'Refund it?',
    form: ['yes', 'no'],
    audience: ['ana'],
  };
  expect((await send('', { ...asked, question: `Refund ${EMAIL}?` })).status).toBe(422);
  expect((await send('', asked)).status).toBe(202);
  const decide = (more: object) => send(`/${asked.id}/decide`, { by: 'ana', ...more });
  expect((await decide({ act: mark('task') })).status).toBeGreaterThanOrEqual(400);
  await outcome(async () => expect((await decide({ act: 'yes' })).status).toBe(200));
}

function mailIn(scene: Scene, body: string): Promise<Response> {
  const headers = { ...scene.byKey, 'content-type': 'message/rfc822' };
  return Promise.resolve(scene.app.request('/v1/email', { method: 'POST', headers, body }));
}

/** By a program that has no codec: Temporal keeps what it says as it is. */
async function inClear(scene: Scene): Promise<void> {
  const [subject = '', message = '', answer = ''] = IN_CLEAR;
  const ticketId = `CLI-${TAG}`;
  const start = ['workflow', 'start', '--type', 'supportTicket', '--task-queue', 'canary'];
  const input = created({ ...PERSON, ticketId, subject, message });
  const ticket = ['--workflow-id', `ticket-${ticketId}`];
  await scene.bare(...start, ...ticket, '--input', JSON.stringify(input));
  await routed(scene, ticketId);
  const reply = JSON.stringify({ message: answer, eventId: `<${LABEL}>`, source: EMAIL });
  await scene.bare('workflow', 'signal', ...ticket, '--name', 'customerReplied', '--input', reply);
  await outcome(async () => {
    const found = await scene.owner.selectFrom('messages').select('id').where('body', '=', answer).execute();
    expect(found).toHaveLength(1);
  });
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
