import { execFile } from 'node:child_process';
import { randomUUID, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll } from 'vitest';
import { signedText } from '../../../src/adapters/sns.ts';
import type { SnsMessage } from '../../../src/schema/sns.ts';
import { makeRunDirectory, removeRunDirectory } from '../run-directory.ts';

const run = promisify(execFile);

export const TOPIC = 'arn:aws:sns:eu-central-1:123456789012:mail';
const HOST = 'https://sns.eu-central-1.amazonaws.com';
export const CERTIFICATE = `${HOST}/SimpleNotificationService-0123456789abcdef.pem`;
const TOKEN = '2336412f37fb687f5d51e6e2425';

export interface SnsStandIn {
  /** Every address that was asked for, by method. */
  readonly asked: string[];
  /** In the place of Node's own: what lies at Amazon's host, and nothing else. */
  readonly fetch: typeof fetch;
  /** What it answers next in the place of the certificate or the confirmation. */
  answer: { status: number } | undefined;
  /** A message as SNS posts it, rightly signed; `by`: with another's key. */
  message(fields?: Partial<Record<string, string>>, by?: 'stranger'): SnsMessage;
  confirmation(fields?: Partial<Record<string, string>>): SnsMessage;
}

/** Amazon's side: a key, its certificate at the pinned host, and messages signed as Amazon's documentation says. Call it at the top. */
export function useSns(): SnsStandIn {
  const pems = { sns: '', stranger: '', cert: '' };
  let dir = '';
  beforeAll(async () => {
    dir = await makeRunDirectory();
    const [sns, stranger] = await Promise.all([makePair(dir, 'sns'), makePair(dir, 'stranger')]);
    Object.assign(pems, { sns: sns.key, cert: sns.cert, stranger: stranger.key });
  });
  afterAll(() => removeRunDirectory(dir));
  const asked: string[] = [];

  function signed(message: object, by: 'sns' | 'stranger'): SnsMessage {
    const unsigned = message as Omit<SnsMessage, 'Signature'>;
    const Signature = sign('sha256', Buffer.from(signedText(unsigned)), pems[by]).toString('base64');
    return { ...unsigned, Signature } as SnsMessage;
  }
  const head = () => ({
    MessageId: randomUUID(),
    TopicArn: TOPIC,
    Timestamp: new Date().toISOString(),
    SignatureVersion: '2',
    SigningCertURL: CERTIFICATE,
  });

  const standIn: SnsStandIn = {
    asked,
    answer: undefined,
    fetch: async (input, init) => {
      const url = String(input);
      asked.push(`${init?.method ?? 'GET'} ${url}`);
      if (init?.redirect !== 'error') throw new TypeError('it would follow a redirect to another host');
      if (standIn.answer) return new Response('', standIn.answer);
      if (url === CERTIFICATE) return new Response(pems.cert);
      return new Response('', { status: url.startsWith(`${HOST}/?Action=ConfirmSubscription&`) ? 200 : 404 });
    },
    message: (fields = {}, by) => signed({ Type: 'Notification', Message: 'Hello', ...head(), ...fields }, by ?? 'sns'),
    confirmation: (fields = {}) => {
      const { TopicArn = TOPIC } = fields;
      const SubscribeURL = `${HOST}/?Action=ConfirmSubscription&TopicArn=${TopicArn}&Token=${TOKEN}`;
      const Message = 'You have chosen to subscribe to the topic.';
      return signed(
        { Type: 'SubscriptionConfirmation', Message, Token: TOKEN, SubscribeURL, ...head(), ...fields },
        'sns',
      );
    },
  };
  return standIn;
}

async function makePair(dir: string, name: string): Promise<{ readonly key: string; readonly cert: string }> {
  const [key, cert] = [join(dir, `${name}.key`), join(dir, `${name}.crt`)];
  const rsa = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=sns.amazonaws.com'];
  await run('openssl', [...rsa, '-keyout', key, '-out', cert]);
  return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
}

/** What SES says of a mail, as event publishing has it; `more` goes into the event. */
export function sesEvent(messageId: string, type: string, more: object = {}): string {
  const mail = {
    timestamp: new Date().toISOString(),
    messageId,
    source: 'help@support.example',
    destination: ['mira@customer.example'],
  };
  return JSON.stringify({ eventType: type, mail, ...more });
}
const recipients = [
  { emailAddress: 'mira@customer.example', diagnosticCode: 'smtp; 550 5.1.1 no mira@customer.example' },
];
export const bounce = (messageId: string, bounceType = 'Permanent') =>
  sesEvent(messageId, 'Bounce', {
    bounce: { bounceType, bounceSubType: 'General', bouncedRecipients: recipients, feedbackId: 'f-1' },
  });
export const complaint = (messageId: string, complaintFeedbackType = 'abuse') =>
  sesEvent(messageId, 'Complaint', { complaint: { complainedRecipients: recipients, complaintFeedbackType } });

/** A mail that SES received, as its rule's action of the kind SNS has it. `receipt`: verdicts other than that all is well. */
export function received(raw: string, receipt: object = {}, mail: object = {}): string {
  const from = /^From: (.*)$/im.exec(raw)?.[1] ?? '';
  const pass = { status: 'PASS' };
  return JSON.stringify({
    notificationType: 'Received',
    mail: {
      timestamp: new Date().toISOString(),
      messageId: randomUUID().replaceAll('-', ''),
      source: /<?([^<>\s]+@[^<>\s]+)>?$/.exec(from)?.[1] ?? '',
      destination: ['help@reply.example'],
      headersTruncated: false,
      headers: [],
      commonHeaders: { from: [from] },
      ...mail,
    },
    receipt: {
      timestamp: new Date().toISOString(),
      recipients: ['help@reply.example'],
      spamVerdict: pass,
      virusVerdict: pass,
      spfVerdict: pass,
      dkimVerdict: pass,
      dmarcVerdict: pass,
      action: { type: 'SNS', topicArn: TOPIC, encoding: 'BASE64' },
      ...receipt,
    },
    content: Buffer.from(raw).toString('base64'),
  });
}
