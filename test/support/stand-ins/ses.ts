import { type ParsedMail, simpleParser } from 'mailparser';
import type { Answer, Asked } from './server.ts';

export interface SentMail {
  readonly messageId: string;
  readonly source: string;
  readonly destinations: readonly string[];
  readonly configurationSet: string | null;
  readonly raw: string;
  readonly parsed: ParsedMail;
}
export interface SesSide {
  /** What went out, oldest first. */
  readonly mails: SentMail[];
  /** Addresses and domains that may send. */
  readonly verified: Set<string>;
  readonly configurationSets: Set<string>;
  /** Recipients whose mail is rejected. */
  readonly rejected: Set<string>;
}

const MAX_BYTES = 10 * 1024 * 1024;
const VERSION = '2010-12-01';

/** Checks what SES checks before it takes a raw mail: required fields, size, verified sender, configuration set. */
export function createSesSide(): SesSide & { work(asked: Asked): Promise<Answer> } {
  const mails: SentMail[] = [];
  // A test empties the list, and no id is given twice.
  let taken = 0;
  const verified = new Set(['support.example']);
  const configurationSets = new Set(['steward']);
  const rejected = new Set<string>();

  async function work({ action, headers, body }: Asked): Promise<Answer> {
    const args = new URLSearchParams(body);
    if (!headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
      return sesError(400, 'InvalidParameterValue', 'not a form');
    if (action === 'GetSendQuota' && args.get('Version') === VERSION) return QUOTA;
    if (action !== 'SendRawEmail' || args.get('Version') !== VERSION)
      return sesError(400, 'InvalidAction', `no action ${action}`);
    const raw = Buffer.from(args.get('RawMessage.Data') ?? '', 'base64');
    if (raw.length === 0) return sesError(400, 'ValidationError', 'RawMessage.Data must not be null');
    if (raw.length > MAX_BYTES)
      return sesError(400, 'InvalidParameterValue', 'Message length is more than 10485760 bytes long');
    const destinations = [...args].filter(([key]) => key.startsWith('Destinations.member.')).map(([, to]) => to);
    if (destinations.length === 0 || destinations.length > 50)
      return sesError(400, 'InvalidParameterValue', 'Destinations');
    const source = args.get('Source') ?? '';
    if (!verified.has(source) && !verified.has(source.split('@')[1] ?? '')) {
      return sesError(400, 'MessageRejected', `Email address is not verified: ${source}`);
    }
    const configurationSet = args.get('ConfigurationSetName');
    if (configurationSet !== null && !configurationSets.has(configurationSet)) {
      return sesError(400, 'ConfigurationSetDoesNotExist', `Configuration set <${configurationSet}> does not exist.`);
    }
    const bad = destinations.find((to) => rejected.has(to) || /[^\x21-\x7e]/.test(to));
    if (bad) return sesError(400, 'MessageRejected', `Address blacklisted: ${bad}`);
    taken += 1;
    const messageId = `0102${String(taken).padStart(12, '0')}-000000`;
    mails.push({
      messageId,
      source,
      destinations,
      configurationSet,
      raw: raw.toString('utf8'),
      parsed: await simpleParser(raw),
    });
    const result = `<SendRawEmailResult><MessageId>${messageId}</MessageId></SendRawEmailResult>`;
    return xml(
      200,
      `<SendRawEmailResponse xmlns="http://ses.amazonaws.com/doc/${VERSION}/">${result}</SendRawEmailResponse>`,
    );
  }

  return { mails, verified, configurationSets, rejected, work };
}

const QUOTA = xml(
  200,
  `<GetSendQuotaResponse xmlns="http://ses.amazonaws.com/doc/${VERSION}/"><GetSendQuotaResult><Max24HourSend>50000</Max24HourSend>
  <MaxSendRate>14</MaxSendRate><SentLast24Hours>1</SentLast24Hours></GetSendQuotaResult></GetSendQuotaResponse>`,
);

/** An error in SES's words, for `answerNext` too. */
export function sesError(status: number, code: string, message: string): Answer {
  const type = status < 500 ? 'Sender' : 'Receiver';
  const text = message.replaceAll('<', '&lt;');
  const error = `<Error><Type>${type}</Type><Code>${code}</Code><Message>${text}</Message></Error>`;
  return xml(
    status,
    `<ErrorResponse xmlns="http://ses.amazonaws.com/doc/${VERSION}/">${error}<RequestId>r-1</RequestId></ErrorResponse>`,
  );
}

function xml(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'text/xml' }, body };
}
