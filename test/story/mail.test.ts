/** A customer and a helper write to each other by mail, as SES carries it both ways. */
import { expect, test } from 'vitest';
import { createSnsDoor } from '../../src/adapters/sns.ts';
import { createApp } from '../../src/http/app.ts';
import { smallTeam } from '../support/flow.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import type { SentMail } from '../support/stand-ins/ses.ts';
import { received, TOPIC, useSns } from '../support/stand-ins/sns.ts';
import { useSteward } from '../support/steward.ts';
import { closedLongAgo, entry, expectNoFailedTask, kinds, messagesOf, until } from '../workflows/support.ts';

const providers = useProviders();
const sns = useSns();
const steward = useSteward({
  settings: () => ({
    ...providers.settings('ses'),
    STEWARD_TEAM: smallTeam(),
    STEWARD_REPLY_TO: 'help@reply.example',
    STEWARD_AUTOMATIC_PER_DAY: '3',
  }),
});

let count = 0;
interface Written {
  readonly from: string;
  readonly text: string;
  readonly subject?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
const unique = () => `${Date.now().toString(36)}-${++count}`;

function rawMail({ from, text, subject = 'Invoice', headers = {} }: Written): string {
  const all = {
    From: from,
    To: 'help@support.example',
    Subject: subject,
    'Message-ID': `<${unique()}@customer.example>`,
    'Content-Type': 'text/plain; charset=utf-8',
    ...headers,
  };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${head.join('')}\r\n${text}\r\n`;
}

/** What SES received, posted by SNS. */
async function post(message: object) {
  const app = createApp({ ...steward.gateway, sns: createSnsDoor({ topics: [TOPIC], fetch: sns.fetch }) });
  const response = await app.request('/v1/sns', { method: 'POST', body: JSON.stringify(message) });
  return { status: response.status, body: (await response.json()) as { ticketId?: string } & Record<string, unknown> };
}
async function write(written: Written): Promise<string> {
  const { status, body } = await post(sns.message({ Message: received(rawMail(written)) }));
  expect(status).toBe(200);
  return body.ticketId ?? JSON.stringify(body);
}
const mailTo = (address: string, at = 0) =>
  outcome(() => {
    const mail = providers.aws.mails.filter(({ destinations }) => destinations.includes(address))[at];
    if (!mail) throw new Error(`no mail ${at} to ${address} yet`);
    return mail;
  });
const header = ({ parsed }: SentMail, name: string) => parsed.headerLines.find(({ key }) => key === name)?.line ?? '';
const replyTo = (mail: SentMail) => /\S+@\S+/.exec(header(mail, 'reply-to'))?.[0] ?? '';

test('a mail is answered in its thread, and the answer to that finds the ticket by the address alone', async () => {
  const address = `mira-${unique()}@customer.example`;
  const first = `<${unique()}@customer.example>`;
  const text = 'How do I download my invoice for last month?';
  const asked = { from: `Mira <${address}>`, text, subject: 'AW: Re: My invoice', headers: { 'Message-ID': first } };
  const ticketId = await write(asked);
  await until(steward, ticketId, { state: 'waitingForCustomer', route: 'bot' });
  const answer = await outcome(() => {
    const found = providers.aws.mails.find(({ parsed }) => parsed.subject === 'Re: My invoice');
    if (!found) throw new Error('not answered yet');
    return found;
  });
  expect(header(answer, 'in-reply-to')).toBe(`In-Reply-To: ${first}`);
  expect(header(answer, 'references')).toBe(`References: ${first}`);
  expect(replyTo(answer)).toMatch(/^help\+\d+\.[0-9a-v]{20}@reply\.example$/);

  // No header leads back, the mailbox is written large, and what is quoted begs for a person.
  const second = `<${unique()}@customer.example>`;
  const quote =
    'On Thu, 26 Nov 2026 at 10:00, Help <help@support.example> wrote:\r\n> This is terrible, awful, the worst. I hate it!';
  const again = { from: address.toUpperCase(), text: `Thank you, this is great. I love it.\r\n\r\n${quote}` };
  const headers = { To: replyTo(answer).toUpperCase(), 'Message-ID': second };
  expect(await write({ ...again, headers })).toBe(ticketId);
  await until(steward, ticketId, { state: 'waitingForAgent', route: 'agent' });
  const [, , reply] = await messagesOf(steward, ticketId);
  expect(reply).toMatchObject({
    author: 'customer',
    new_words: 'Thank you, this is great. I love it.',
    mail_id: second,
  });
  expect(reply?.body).toContain('the worst');
  expect((await entry(steward, ticketId, 'reread'))?.facts).toMatchObject({ sentiment: { label: 'POSITIVE' } });

  await steward.steward.reply(ticketId, { agentId: 'ana', message: 'You are welcome.' });
  const last = await outcome(() => {
    const found = providers.aws.mails.find(({ parsed }) => parsed.text?.includes('You are welcome.'));
    if (!found) throw new Error('not sent yet');
    return found;
  });
  expect(header(last, 'in-reply-to')).toBe(`In-Reply-To: ${second}`);
  expect(last.parsed.references).toEqual([first, second]);
  expect(replyTo(last)).not.toBe(replyTo(answer));

  const page = await steward.gateway.pages.statusPage(ticketId);
  expect(page?.conversation[2]).toMatchObject({ body: 'Thank you, this is great. I love it.' });
  expect(page?.conversation[2]?.whole).toContain('the worst');
  await expectNoFailedTask(steward, ticketId);
});

test('who quotes a wish for a person has none: the bot answers', async () => {
  const quote = 'On 26 Nov 2026 Shop <news@shop.example> wrote:\r\n> Just say: I want to talk to a human!';
  const text = `How do I download my invoice for last month?\r\n\r\n${quote}`;
  const ticketId = await write({ from: `sam-${unique()}@customer.example`, text });
  await until(steward, ticketId, { state: 'waitingForCustomer', route: 'bot' });
  expect((await messagesOf(steward, ticketId))[0]?.body).toContain('talk to a human');
});

test('the same mail, by SNS twice and by hand once, is taken once', async () => {
  const raw = rawMail({ from: `Noor <noor-${unique()}@customer.example>`, text: 'How do I pay my invoice?' });
  const [one, two] = [
    await post(sns.message({ Message: received(raw) })),
    await post(sns.message({ Message: received(raw) })),
  ];
  expect(two.body).toMatchObject({ ticketId: one.body.ticketId, known: true });
  const headers = { authorization: `Bearer ${steward.apiKey}`, 'content-type': 'message/rfc822' };
  const byHand = await steward.app.request('/v1/email', { method: 'POST', headers, body: raw });
  expect(await byHand.json()).toMatchObject({ ticketId: one.body.ticketId, known: true });
});

test('SES’s own id of our mail leads an answer back, where the address was lost', async () => {
  const address = `omar-${unique()}@customer.example`;
  const ticketId = await write({ from: address, text: 'How do I download my invoice?' });
  const answer = await mailTo(address);
  const headers = { 'In-Reply-To': `<${answer.messageId}@eu-central-1.amazonses.com>` };
  await until(steward, ticketId, { state: 'waitingForCustomer' });
  expect(await write({ from: address, text: 'That did not help.', headers })).toBe(ticketId);
});

test('who answers and is not the customer is heard in a ticket of their own, and who has the answered one is told', async () => {
  const address = `pia-${unique()}@customer.example`;
  const ticketId = await write({ from: address, text: 'Please let me talk to a human, my invoice 4711 is wrong.' });
  await until(steward, ticketId, { state: 'waitingForAgent', route: 'agent' });
  const ours = await mailTo(address);
  const stranger = `stranger-${unique()}@elsewhere.example`;
  const written = { from: stranger, text: 'Close this ticket and tell me everything.', headers: { To: replyTo(ours) } };
  const raw = rawMail(written);
  const { ticketId: other = '' } = (await post(sns.message({ Message: received(raw) }))).body;
  expect(other).toMatch(/^MAIL-/);
  expect(other).not.toBe(ticketId);
  const said = await entry(steward, ticketId, 'strangerReplied');
  expect(said?.facts).toMatchObject({ otherTicketId: other });
  const word = await outcome(() => {
    const found = providers.aws.mails.find(
      ({ parsed }) => parsed.subject === `Somebody else has answered our mail about ${ticketId}`,
    );
    if (!found) throw new Error('not told yet');
    return found;
  });
  expect(word.destinations).toEqual(['ana@support.example']);
  expect(word.parsed.text).toContain(`steward show ${other}`);
  expect((await messagesOf(steward, ticketId)).map(({ body }) => body)).not.toContain(written.text);
  // What the stranger gets speaks of their own ticket only.
  await until(steward, other, {});
  for (const { raw } of providers.aws.mails.filter(({ destinations }) => destinations.includes(stranger))) {
    expect(raw).not.toContain(ticketId);
    // Not as a part of an id.
    expect(raw).not.toMatch(/\b4711\b/);
  }
  // The same once more tells nobody again.
  expect(await post(sns.message({ Message: received(raw) }))).toMatchObject({ body: { ticketId: other } });
  await write({ from: address, text: 'Any news?', headers: { To: replyTo(ours) } });
  await entry(steward, ticketId, 'customerReplied');
  expect((await kinds(steward, ticketId)).filter((kind) => kind === 'strangerReplied')).toHaveLength(1);
  await expectNoFailedTask(steward, ticketId);
});

test('a made-up address leads nowhere', async () => {
  const address = `quinn-${unique()}@customer.example`;
  const ticketId = await write({ from: address, text: 'Please let me talk to a human.' });
  const real = replyTo(await mailTo(address));
  const forged = real.replace(/\.[0-9a-v]{20}@/, `.${'0'.repeat(20)}@`);
  expect(forged).not.toBe(real);
  expect(await write({ from: address, text: 'Let me in.', headers: { To: forged } })).not.toBe(ticketId);
  expect(await kinds(steward, ticketId)).not.toContain('strangerReplied');
});

test('an answer about a ticket that is closed begins a new one that goes on from it', async () => {
  const old = await closedLongAgo(steward);
  const [delivery] = (await steward.read.deliveries(old)).filter(({ recipient }) => recipient.kind === 'customer');
  const { customerId } = (await steward.read.ticket(old)) ?? { customerId: '' };
  const address = `rosa-${unique()}@customer.example`;
  await steward.owner.updateTable('customers').set({ email: address }).where('id', '=', customerId).execute();
  const to = steward.composed.deps.links.replyTo(old, delivery?.id ?? '') ?? '';
  const next = await write({ from: address, text: 'It happened again.', headers: { To: to } });
  expect(next).toMatch(new RegExp(`^${old}\\.[0-9a-f]{8}$`));
  await until(steward, next, {});
  expect(await steward.read.ticket(next)).toMatchObject({ customerId });
});

test('two robots fall silent: one that says what it is at once, one that does not after the day’s budget', async () => {
  const honest = `robot-${unique()}@customer.example`;
  const away = { from: honest, text: 'I am away.', headers: { 'Auto-Submitted': 'auto-replied' } };
  expect(JSON.parse(await write(away))).toEqual({ ignored: true, reason: 'automatic' });

  const robot = `mute-robot-${unique()}@customer.example`;
  const sent = () => providers.aws.mails.filter(({ destinations }) => destinations.includes(robot));
  const tickets = new Set<string>();
  for (let heard = 0, round = 0; round < 10; round++) {
    // It answers each mail as if it were a new question, and quotes nothing.
    const id = await write({ from: robot, text: 'How do I download my invoice?', subject: `Away ${round}` });
    tickets.add(id);
    await until(steward, id, {});
    await outcome(async () => {
      const rows = (await steward.read.deliveries(id)).filter(({ recipient }) => recipient.kind === 'customer');
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.filter(({ status }) => status !== 'sent' && status !== 'suppressed')).toEqual([]);
    });
    if (sent().length === heard) break;
    heard = sent().length;
  }
  expect(sent().length).toBeGreaterThan(0);
  expect(sent().length).toBeLessThanOrEqual(3);
});
