import { describe, expect, it } from 'vitest';
import { readReceipt } from '../../src/domain/receipt.ts';
import { publicJson } from '../support/public-data.ts';
import { received } from '../support/stand-ins/sns.ts';

const RAW = 'From: Mira <mira@customer.example>\r\nSubject: Fire\r\n\r\nIt burns.\r\n';
const FAIL = { status: 'FAIL' };
const GRAY = { status: 'GRAY' };
const doubt = (receipt: object, mail: object = {}) => readReceipt(received(RAW, receipt, mail))?.doubt;
const signed = (domain: string) => ({
  headers: [{ name: 'DKIM-Signature', value: `v=1; a=rsa-sha256; d=${domain}; s=x` }],
});

describe('readReceipt', () => {
  it('reads who wrote, to whom it was given and what came', () => {
    const receipt = readReceipt(received(RAW, { recipients: ['help+1.x@reply.example'] }));
    expect(receipt).toMatchObject({
      sender: 'mira@customer.example',
      recipients: ['help+1.x@reply.example'],
      doubt: null,
    });
    expect(receipt?.content?.isBase64).toBe(true);
    const asText = JSON.stringify({ ...JSON.parse(received(RAW)), content: RAW });
    expect(readReceipt(asText)?.content).toEqual({ text: RAW, isBase64: false });
  });

  it('is nothing for what tells of no mail that came in', () => {
    const { mail } = JSON.parse(received(RAW));
    for (const other of [
      '',
      'null',
      '[]',
      '{}',
      JSON.stringify({ notificationType: 'Bounce', mail }),
      JSON.stringify({ notificationType: 'Received' }),
    ])
      expect(readReceipt(other)).toBeNull();
  });

  it('has no content where the action is none that carries it', () => {
    const { content: _, ...rest } = JSON.parse(received(RAW));
    expect(readReceipt(JSON.stringify(rest))?.content).toBeNull();
  });
});

describe('who is doubted', () => {
  it('is whom SES calls a virus or spam, before all else', () => {
    expect(doubt({ virusVerdict: FAIL, spamVerdict: FAIL })).toBe('virus');
    expect(doubt({ spamVerdict: FAIL, dmarcVerdict: FAIL })).toBe('spam');
  });

  it('is nobody whose virus check did not come to an end', () => {
    expect(doubt({ virusVerdict: { status: 'PROCESSING_FAILED' }, spamVerdict: GRAY })).toBeNull();
  });

  it.each(['reject', 'quarantine', undefined])('is forged where DMARC fails and the domain says %s', (dmarcPolicy) => {
    expect(doubt({ dmarcVerdict: FAIL, dmarcPolicy })).toBe('forged');
  });

  it('is unproved where DMARC fails and the domain does not mind', () => {
    expect(doubt({ dmarcVerdict: FAIL, dmarcPolicy: 'none' })).toBe('unproved');
  });

  it("is nobody of a domain without DMARC whose SPF or DKIM is the address's own", () => {
    const gray = { dmarcVerdict: GRAY, spfVerdict: GRAY, dkimVerdict: GRAY };
    const pass = { status: 'PASS' };
    expect(doubt(gray)).toBe('unproved');
    expect(doubt({ ...gray, spfVerdict: pass }, { source: 'bounce@mail.customer.example' })).toBeNull();
    expect(doubt({ ...gray, spfVerdict: pass }, { source: 'mallory@elsewhere.example' })).toBe('unproved');
    expect(doubt({ ...gray, dkimVerdict: pass }, signed('customer.example'))).toBeNull();
    expect(doubt({ ...gray, dkimVerdict: pass }, signed('elsewhere.example'))).toBe('unproved');
    expect(doubt({ ...gray, dkimVerdict: pass }, signed('example'))).toBe('unproved');
    expect(doubt({ ...gray, dkimVerdict: pass }, { headers: 'none' })).toBe('unproved');
  });

  it('is whoever writes without an address', () => {
    const nobody = received('Subject: x\r\n\r\nx', { dmarcVerdict: GRAY });
    expect(readReceipt(nobody)).toMatchObject({ sender: null, doubt: 'unproved' });
  });
});

interface PublicEvent {
  readonly Records: readonly { readonly ses: { readonly mail: object; readonly receipt: object } }[];
}
const EVENTS = {
  'ses-sns-event.json': ['sender@example.com', 'recipient@example.com'],
  'ses-s3-event.json': ['sender@example.com', 'recipient@example.com'],
  'ses-lambda-event.json': ['aws@amazon.com', 'lambda@amazon.com'],
};
describe('the public events of SES', () => {
  for (const [name, [sender, recipient]] of Object.entries(EVENTS)) {
    const event = publicJson<PublicEvent>(`events/${name}`);
    it.skipIf(event === null)(`${name} is read (skipped where it is not there)`, () => {
      const { mail, receipt } = event?.Records[0]?.ses ?? {};
      const told = readReceipt(JSON.stringify({ notificationType: 'Received', mail, receipt }));
      expect(told).toMatchObject({ sender, recipients: [recipient], content: null, doubt: null });
    });
  }
});
