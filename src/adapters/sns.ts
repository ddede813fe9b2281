/** Amazon SNS calls us: whoever else does so is told from it by a signature, whose certificate comes from Amazon's own host. */
import { verify, X509Certificate } from 'node:crypto';
import { StewardError, sayProblems } from '../domain/errors.ts';
import type { SnsDoor } from '../http/deps.ts';
import { parseSns, type SnsMessage } from '../schema/sns.ts';

/** How far a clock may go ahead of ours. */
const AHEAD_MS = 5 * 60_000;
/** SNS repeats for an hour at most. */
const BEHIND_MS = 2 * 3_600_000;
const FETCH_MS = 5_000;
const MOST_CERTIFICATES = 8;
const LEAST_BITS = 2048;

export interface SnsParts {
  /** ARNs of the topics whose messages are taken. */
  readonly topics: readonly string[];
  readonly fetch?: typeof fetch;
  readonly now?: () => number;
}

/** By signature version 2 (RSA with SHA-256) alone: version 1 is SHA-1. */
export function createSnsDoor({ topics, fetch: get = fetch, now = Date.now }: SnsParts): SnsDoor {
  const certificates = new Map<string, X509Certificate>();

  /** @throws StewardError Unavailable: SNS is to send it again */
  async function ask(url: URL): Promise<Response> {
    // Not followed elsewhere: the host is what vouches.
    const asked = get(url, { redirect: 'error', signal: AbortSignal.timeout(FETCH_MS) });
    const response = await asked.catch((error: unknown) => {
      throw new StewardError('Unavailable', `no answer from ${url.host}`, { cause: error });
    });
    if (response.status >= 500) throw new StewardError('Unavailable', `${url.host} answers ${response.status}`);
    return response;
  }

  async function certificate(url: URL): Promise<X509Certificate | null> {
    const known = certificates.get(url.href);
    if (known) return known;
    const response = await ask(url);
    const found = response.ok ? readCertificate(await response.text()) : null;
    if (found) {
      if (certificates.size >= MOST_CERTIFICATES) certificates.clear();
      certificates.set(url.href, found);
    }
    return found;
  }

  return {
    async verify(body) {
      const parsed = parseSns(body);
      if ('problems' in parsed) return { wrong: `it is no message of SNS: ${sayProblems(parsed.problems)}` };
      const { message } = parsed;
      const wrong = wrongIn(message, topics, now());
      if (wrong !== null) return { wrong };
      const url = pinned(message.SigningCertURL, message.TopicArn);
      if (url === null || !/^\/SimpleNotificationService-[\w-]{1,100}\.pem$/.test(url.pathname) || url.search !== '') {
        return { wrong: 'SigningCertURL: expected a certificate of SNS at its own host, by https' };
      }
      const found = await certificate(url);
      if (found === null || !isInTime(found, now())) return { wrong: 'SigningCertURL: no certificate that holds now' };
      return isSigned(message, found) ? { message } : { wrong: 'its signature is not the one over these fields' };
    },

    async confirm({ SubscribeURL, Token, TopicArn }) {
      const url = pinned(SubscribeURL, TopicArn);
      const asks = url?.searchParams;
      const isRight =
        url?.pathname === '/' &&
        asks?.get('Action') === 'ConfirmSubscription' &&
        asks.get('TopicArn') === TopicArn &&
        asks.get('Token') === Token;
      if (!url || !isRight) return { wrong: 'SubscribeURL: expected one that confirms this topic at SNS, by https' };
      const response = await ask(url);
      return response.ok ? null : { wrong: `SNS does not confirm: it answers ${response.status}` };
    },
  };
}

function wrongIn({ TopicArn, SignatureVersion, Timestamp }: SnsMessage, topics: readonly string[], at: number) {
  if (!topics.includes(TopicArn)) return 'TopicArn: none of STEWARD_SNS_TOPICS';
  if (SignatureVersion !== '2') return 'SignatureVersion: expected 2; set it for the topic';
  const sent = Date.parse(Timestamp);
  if (sent > at + AHEAD_MS) return 'Timestamp: lies in the future; compare the clocks';
  if (sent < at - BEHIND_MS) return 'Timestamp: SNS has given it up long ago';
  return null;
}

/** At the host of SNS in the topic's own region, which is of our settings; else null. */
function pinned(text: string, topicArn: string): URL | null {
  const [, partition = '', , region = ''] = topicArn.split(':');
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const origin = `https://sns.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`;
  return url.origin === origin && url.username === '' && url.password === '' && url.hash === '' ? url : null;
}

function readCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

function isInTime({ validFrom, validTo }: X509Certificate, at: number): boolean {
  return Date.parse(validFrom) <= at && at <= Date.parse(validTo);
}

function isSigned(message: SnsMessage, { publicKey }: X509Certificate): boolean {
  const { asymmetricKeyType, asymmetricKeyDetails } = publicKey;
  if (asymmetricKeyType !== 'rsa' || (asymmetricKeyDetails?.modulusLength ?? 0) < LEAST_BITS) return false;
  return verify('sha256', Buffer.from(signedText(message)), publicKey, Buffer.from(message.Signature, 'base64'));
}

/** The fields that SNS signs, in its order: a name and its value, each on a line. */
export function signedText(message: Omit<SnsMessage, 'Signature'>): string {
  const fields = message.Type === 'Notification' ? OF_NOTIFICATION : OF_CONFIRMATION;
  const values = message as Readonly<Record<string, string | null | undefined>>;
  return fields.flatMap((name) => (values[name] == null ? [] : [`${name}\n${values[name]}\n`])).join('');
}
const OF_NOTIFICATION = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'] as const;
const OF_CONFIRMATION = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'] as const;
