import { beforeEach, describe, expect, it, test } from 'vitest';
import { createSnsDoor } from '../../src/adapters/sns.ts';
import type { SnsConfirmation } from '../../src/schema/sns.ts';
import { CERTIFICATE, TOPIC, useSns } from '../support/stand-ins/sns.ts';

const sns = useSns();
const doorAt = (now = Date.now()) => createSnsDoor({ topics: [TOPIC], fetch: sns.fetch, now: () => now });
const minutes = (n: number) => new Date(Date.now() + n * 60_000).toISOString();

beforeEach(() => {
  sns.asked.length = 0;
  sns.answer = undefined;
});

describe('verify', () => {
  it('takes what SNS has signed, with and without a subject, and asks for the certificate once', async () => {
    const door = doorAt();
    for (const fields of [{}, { Subject: 'Amazon SES Email Event Notification' }, { Message: 'Grüße\n{"a":1}' }]) {
      expect(await door.verify(sns.message(fields))).toMatchObject({ message: fields });
    }
    expect(await door.verify(sns.confirmation())).toMatchObject({ message: { Type: 'SubscriptionConfirmation' } });
    expect(sns.asked).toEqual([`GET ${CERTIFICATE}`]);
  });

  it('refuses a signature of another key', async () => {
    expect(await doorAt().verify(sns.message({}, 'stranger'))).toEqual({ wrong: expect.stringContaining('signature') });
  });

  it.each<[string, object]>([
    ['Message', { Message: 'Hell0' }],
    ['MessageId', { MessageId: '95df01b4-ee98-5cb9-9903-4c221d41eb5e' }],
    ['Timestamp', { Timestamp: minutes(-1) }],
    ['Type', { Type: 'UnsubscribeConfirmation', SubscribeURL: CERTIFICATE, Token: 't' }],
    ['Subject, which was none', { Subject: 'Read this' }],
  ])('refuses a message whose %s was altered', async (_name, altered) => {
    const verdict = await doorAt().verify({ ...sns.message(), ...altered });
    expect(verdict).toEqual({ wrong: expect.stringContaining('signature') });
  });

  it('lets no line break move text from one field to the next', async () => {
    const { MessageId, ...rest } = sns.message({ Message: 'a\nMessageId\nb' });
    const moved = { ...rest, Message: 'a', MessageId: `b\nMessageId\n${MessageId}` };
    expect(await doorAt().verify(moved)).toEqual({ wrong: expect.stringContaining('MessageId: expected a UUID') });
  });

  it('refuses signature version 1, which is SHA-1, without asking anybody', async () => {
    const verdict = await doorAt().verify(sns.message({ SignatureVersion: '1' }));
    expect(verdict).toEqual({ wrong: expect.stringContaining('SignatureVersion') });
    expect(sns.asked).toEqual([]);
  });

  it.each([
    ['a foreign host', 'https://sns.eu-central-1.amazonaws.com.example/SimpleNotificationService-0.pem'],
    ['a bucket of anybody', 'https://s3.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem'],
    ['another region', 'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0.pem'],
    ['plain http', CERTIFICATE.replace('https', 'http')],
    ['another port', CERTIFICATE.replace('.com/', '.com:8443/')],
    ['a user before the host', CERTIFICATE.replace('https://', 'https://sns@')],
    ['another path', 'https://sns.eu-central-1.amazonaws.com/?Action=Publish&x=.pem'],
    ['no address', 'SimpleNotificationService.pem'],
  ])('refuses a certificate of %s without asking for it', async (_name, SigningCertURL) => {
    expect(await doorAt().verify(sns.message({ SigningCertURL }))).toEqual({
      wrong: expect.stringContaining('SigningCertURL'),
    });
    expect(sns.asked).toEqual([]);
  });

  it('refuses a topic that is not ours, without asking anybody', async () => {
    const verdict = await doorAt().verify(sns.message({ TopicArn: TOPIC.replace('mail', 'other') }));
    expect(verdict).toEqual({ wrong: expect.stringContaining('TopicArn') });
    expect(sns.asked).toEqual([]);
  });

  it.each([
    ['from the future', minutes(6), 'future'],
    ['that SNS has long given up', minutes(-121), 'long ago'],
  ])('refuses a message %s', async (_name, Timestamp, said) => {
    expect(await doorAt().verify(sns.message({ Timestamp }))).toEqual({ wrong: expect.stringContaining(said) });
  });

  it('takes one that a clock a little ahead has stamped, and one that was repeated for an hour', async () => {
    for (const Timestamp of [minutes(4), minutes(-60)]) {
      expect(await doorAt().verify(sns.message({ Timestamp }))).toHaveProperty('message');
    }
  });

  it('refuses a certificate that is over', async () => {
    const later = Date.now() + 3 * 86_400_000;
    const message = sns.message({ Timestamp: new Date(later).toISOString() });
    expect(await doorAt(later).verify(message)).toEqual({ wrong: expect.stringContaining('holds now') });
  });

  it.each([null, 7, 'text', [], {}, { Type: 'Notification' }, { Type: 'constructor' }])('refuses %j', async (body) => {
    expect(await doorAt().verify(body)).toEqual({ wrong: expect.stringContaining('no message of SNS') });
  });

  it('can not tell while SNS is away: it is to be sent again', async () => {
    sns.answer = { status: 503 };
    const door = doorAt();
    await expect(door.verify(sns.message())).rejects.toMatchObject({ code: 'Unavailable' });
    sns.answer = undefined;
    expect(await door.verify(sns.message())).toHaveProperty('message');
  });
});

describe('confirm', () => {
  it('asks SNS by the address that it gave', async () => {
    const message = sns.confirmation() as SnsConfirmation;
    expect(await doorAt().confirm(message)).toBeNull();
    expect(sns.asked).toEqual([`GET ${message.SubscribeURL}`]);
  });

  it.each([
    ['a foreign host', 'https://intranet.example/?Action=ConfirmSubscription'],
    ['plain http', 'http://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription'],
    ['another act', 'https://sns.eu-central-1.amazonaws.com/?Action=DeleteTopic'],
    ['another path', 'https://sns.eu-central-1.amazonaws.com/x?Action=ConfirmSubscription'],
    ['another token', 'https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=1'],
  ])('asks nobody where it is one of %s', async (_name, start) => {
    const SubscribeURL = `${start}${start.includes('Token') ? '' : '&Token=2336412f37fb687f5d51e6e2425'}&TopicArn=${TOPIC}`;
    const message = sns.confirmation({ SubscribeURL }) as SnsConfirmation;
    expect(await doorAt().confirm(message)).toEqual({ wrong: expect.stringContaining('SubscribeURL') });
    expect(sns.asked).toEqual([]);
  });
});

test('a mail of SES that somebody else forwards is none: what is signed is the whole message', async () => {
  const { Signature } = sns.message();
  expect(await doorAt().verify({ ...sns.message(), Signature })).toEqual({
    wrong: expect.stringContaining('signature'),
  });
});
