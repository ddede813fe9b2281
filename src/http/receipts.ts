/** Mails that Amazon SES took in for us. Nobody sends them again, so one that can't be taken is kept until a person has looked. */
import { StewardError } from '../domain/errors.ts';
import type { ParkedReason, Receipt } from '../domain/receipt.ts';
import { acceptMail, type IgnoredMail, parkedFor, type Received } from './accept-mail.ts';
import type { Accepted } from './continue.ts';
import type { GatewayDeps, ParkedMail } from './deps.ts';
import { type ReadMail, readMail } from './mail.ts';
import { Refusal, refusalOf } from './refusal.ts';

type Parts = Pick<
  GatewayDeps,
  'client' | 'intake' | 'links' | 'newCustomerId' | 'ownLists' | 'isOurs' | 'parkedMails' | 'log'
>;

export interface ParkedAnswer {
  readonly parked: ParkedReason;
}

/** @throws whatever keeps it from being taken now and not for good: SNS repeats it */
export async function acceptReceipt(deps: Parts, receipt: Receipt): Promise<Accepted | IgnoredMail | ParkedAnswer> {
  await deps.parkedMails.forgetOld();
  const raw = contentOf(receipt);
  if (receipt.doubt !== null) return park(deps, receipt, receipt.doubt);
  if (raw === null) return park(deps, receipt, 'elsewhere');
  try {
    const mail = await readMail(raw, deps.ownLists);
    const answer = await acceptAnyhow(deps, mail, { recipients: receipt.recipients });
    const reason = parkedFor(answer);
    return reason ? park(deps, receipt, reason) : answer;
  } catch (error) {
    // It would fail again, however often it comes: also where the fault is ours.
    if (refusalOf(error).status !== 503) return park(deps, receipt, 'refused');
    throw error;
  }
}

/** Nobody tells the customer that what they answer was erased, and to write anew: so it begins anew. */
async function acceptAnyhow(deps: Parts, mail: ReadMail, received: Received) {
  try {
    return await acceptMail(deps, mail, received);
  } catch (error) {
    if (!(error instanceof StewardError && error.code === 'SubjectErased')) throw error;
    return acceptMail(deps, mail, { ...received, recipients: [], anew: true });
  }
}

/** A person has looked at it, and answers for it. @throws Refusal 404, 409, 422 */
export async function releaseMail(deps: Parts, id: string, by: string): Promise<Accepted | IgnoredMail> {
  const parked = await deps.parkedMails.find(id);
  if (parked === null) throw noSuchMail();
  if (parked.mail === null) {
    const message = `Its content is where the receipt rule of SES has put it, under the id ${parked.providerId}; post it to /v1/email.`;
    throw new Refusal(409, 'InvalidRequest', message);
  }
  const mail = await readMail(Buffer.from(parked.mail, 'latin1'), deps.ownLists);
  const answer = await acceptAnyhow(deps, mail, { byHand: true });
  // Last: whatever broke off above is done again when the operator says it again.
  await deps.parkedMails.drop(id, 'released', by);
  return answer;
}

export function noSuchMail(): Refusal {
  return new Refusal(404, 'NotFound', 'There is no such parked mail; GET /v1/mails lists them.');
}

function contentOf({ content }: Receipt): Buffer | null {
  return content && Buffer.from(content.text, content.isBase64 ? 'base64' : 'utf8');
}

function park(deps: Parts, receipt: Receipt, reason: ParkedReason): Promise<ParkedAnswer> {
  const { providerId, sender } = receipt;
  return parkMail(deps, { reason, sender, raw: contentOf(receipt), providerId });
}

export async function parkMail(
  { parkedMails, log }: Pick<GatewayDeps, 'parkedMails' | 'log'>,
  { raw, ...about }: Pick<ParkedMail, 'reason' | 'sender' | 'providerId'> & { readonly raw: Uint8Array | null },
): Promise<ParkedAnswer> {
  const { reason } = about;
  // PostgreSQL keeps no NUL.
  const mail = raw && Buffer.from(raw).toString('latin1').replaceAll('\u0000', '\ufffd');
  const { id, fresh } = await parkedMails.park({ ...about, mail });
  if (fresh) log.error({ id, reason }, 'a mail is parked: look at it within 30 days, GET /v1/mails lists it');
  return { parked: reason };
}
