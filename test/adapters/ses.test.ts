import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createSesClient, createSesMailer, type SesMailerParts } from '../../src/adapters/ses.ts';
import type { Mail } from '../../src/deps.ts';
import { type AwsStandIn, startAws } from '../support/stand-ins/aws.ts';
import { deafUrl } from '../support/stand-ins/server.ts';
import { sesError } from '../support/stand-ins/ses.ts';
import { failure, never } from './failure.ts';

let aws: AwsStandIn;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());
beforeEach(() => {
  aws.reset();
  aws.mails.length = 0;
  aws.rejected.clear();
});

const MAIL: Mail = {
  deliveryId: '42',
  ticketId: 'TKT-1',
  to: { address: 'ada@customer.example', name: 'Ada Müller' },
  subject: 'Grüße & mehr',
  text: 'Hello Ada,\n\nit works again. 🎉\n',
};
const mailer = (parts: Partial<SesMailerParts> = {}, timeoutMs = 5_000) =>
  createSesMailer({
    client: createSesClient({ ...aws.settings, timeoutMs }),
    from: 'Example Support <help@support.example>',
    ...parts,
  });
const send = (mail: Partial<Mail> = {}, parts?: Partial<SesMailerParts>, timeoutMs?: number) =>
  mailer(parts, timeoutMs).send({ ...MAIL, ...mail }, never());

test('a mail goes out once, to its recipient alone, with the marks that lead back to its ticket', async () => {
  const id = await send(
    { replyTo: 'replies@support.example', answers: ['<first@customer.example>', '<second@customer.example>'] },
    { configurationSet: 'steward', tags: { kind: 'ticket' } },
  );
  expect(aws.mails).toHaveLength(1);
  expect(aws.mails[0]).toMatchObject({
    messageId: id,
    source: 'help@support.example',
    destinations: ['ada@customer.example'],
    configurationSet: 'steward',
  });
  const { headers, subject, text, from, to, replyTo } = aws.mails[0]?.parsed ?? {};
  expect({ subject, text }).toEqual({ subject: MAIL.subject, text: MAIL.text });
  expect([from, to, replyTo].map((a) => (Array.isArray(a) ? '' : a?.text))).toEqual([
    '"Example Support" <help@support.example>',
    '"Ada Müller" <ada@customer.example>',
    'replies@support.example',
  ]);
  expect(headers?.get('in-reply-to')).toBe('<second@customer.example>');
  expect(headers?.get('references')).toEqual(['<first@customer.example>', '<second@customer.example>']);
  expect(headers?.get('x-ticket-id')).toBe('TKT-1');
  expect(headers?.get('x-delivery-id')).toBe('42');
  expect(headers?.get('auto-submitted')).toBe('auto-generated');
});

test('a line break in a subject or a name begins no header', async () => {
  await send({
    subject: 'Hi\r\nBcc: eve@evil.example\n\nbody',
    to: { address: 'ada@customer.example', name: 'A\r\nCc: x@y.example' },
  });
  const { headers, subject } = aws.mails[0]?.parsed ?? {};
  expect(subject).toBe('Hi Bcc: eve@evil.example body');
  expect(headers?.has('bcc') || headers?.has('cc')).toBe(false);
  expect(aws.mails[0]?.destinations).toEqual(['ada@customer.example']);
});

test.each([
  '',
  'ada',
  'ada@x.example, eve@evil.example',
  'ada@x.example\r\nBcc: eve@evil.example',
  'group:ada@x.example;',
  'a b@x.example',
])('an address that is not one mailbox is refused before anything is sent: %j', async (address) => {
  expect(await failure(send({ to: { address, name: null } }))).toMatchObject({ retryable: false, answerLost: false });
  expect(aws.asked).toEqual([]);
});

test('a domain with letters beyond ASCII is written as mail servers want it', async () => {
  await send({ to: { address: 'ada@müller.example', name: null } });
  expect(aws.mails[0]?.destinations).toEqual(['ada@xn--mller-kva.example']);
});

test.each([
  ['MessageRejected', 'Email address is not verified. ada@customer.example'],
  ['MailFromDomainNotVerifiedException', 'x'],
  ['ConfigurationSetDoesNotExist', 'x'],
  ['ConfigurationSetSendingPausedException', 'x'],
  ['AccountSendingPausedException', 'x'],
  ['InvalidParameterValue', 'x'],
  ['SignatureDoesNotMatch', 'x'],
])('%s is final, and the reason names no address', async (code, message) => {
  aws.answerNext(sesError(400, code, message));
  const error = await failure(send());
  expect(error).toMatchObject({ retryable: false, answerLost: false });
  expect(error.message).not.toContain('ada@');
});

test('an unverified sender is final', async () => {
  expect(await failure(send({}, { from: 'x@elsewhere.example' }))).toMatchObject({ retryable: false });
});

test('too fast is tried again; a used-up daily quota after an hour', async () => {
  aws.answerNext(sesError(400, 'Throttling', 'Maximum sending rate exceeded.'));
  expect(await failure(send())).toMatchObject({ retryable: true, retryAfterMs: undefined, answerLost: false });
  aws.answerNext(sesError(400, 'Throttling', 'Daily message quota exceeded.'));
  expect(await failure(send())).toMatchObject({ retryable: true, retryAfterMs: 3_600_000, answerLost: false });
});

test('a 500 did nothing and can be tried again; one call is one attempt', async () => {
  aws.failNext('500', {}, 5);
  expect(await failure(send())).toMatchObject({
    retryable: true,
    answerLost: false,
    reason: 'InternalFailure (HTTP 500)',
  });
  expect(aws.asked).toHaveLength(1);
});

test.each(['lost', 'late', 'timeout'] as const)('%s: nobody knows whether the mail went out', async (kind) => {
  aws.failNext(kind);
  expect(await failure(send({}, {}, 300))).toMatchObject({ retryable: true, answerLost: true });
  expect(aws.mails).toHaveLength(kind === 'timeout' ? 0 : 1);
});

test('an answer that can’t be read leaves open whether the mail went out', async () => {
  aws.answerNext({ status: 200, headers: { 'content-type': 'text/xml' }, body: '<SendRawEmailResp' });
  expect(await failure(send())).toMatchObject({ retryable: true, answerLost: true });
});

test('nobody listening: nothing was sent', async () => {
  const client = createSesClient({ ...aws.settings, endpoint: await deafUrl() });
  expect(await failure(send({}, { client }))).toMatchObject({ retryable: true, answerLost: false });
});

test('a send that was cancelled before it began was not lost', async () => {
  expect(await failure(mailer().send(MAIL, AbortSignal.abort()))).toMatchObject({ retryable: true, answerLost: false });
  expect(aws.asked).toEqual([]);
});
