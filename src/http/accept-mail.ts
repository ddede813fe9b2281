/** What becomes of a mail that was read, whichever door it came in by. */
import { StewardError } from '../domain/errors.ts';
import { judgeMail, type MailFacts, type MailReason, mailMessage } from '../domain/mail.ts';
import { answeredIds, ledgerNames, replyTokensIn } from '../domain/message-id.ts';
import { newWordsOf } from '../domain/new-words.ts';
import { parseEnvelope } from '../schema/envelope.ts';
import { MAX_MESSAGE } from '../schema/fields.ts';
import { type Accepted, continueTicket } from './continue.ts';
import { customerIdOf } from './customer.ts';
import type { GatewayDeps } from './deps.ts';
import { take } from './events.ts';
import { mailDigest, type ReadMail } from './mail.ts';
import { Refusal } from './refusal.ts';

export const MAIL_SOURCE = 'steward.mail';

/** A machine's: nobody waits for an answer. `ours`: one of our own people answers what told them of a ticket. */
export interface IgnoredMail {
  readonly ignored: true;
  readonly reason: MailReason | 'ours';
}

/** Why a mail that was not taken waits until a person has looked at it; null: it does not. */
export function parkedFor(answer: Accepted | IgnoredMail): 'bulk' | 'ours' | null {
  const reason = 'ignored' in answer ? answer.reason : null;
  return reason === 'bulk' || reason === 'ours' ? reason : null;
}

type Deps = Pick<GatewayDeps, 'client' | 'intake' | 'links' | 'newCustomerId' | 'ownLists' | 'isOurs' | 'log'>;

export interface Received {
  /** Addresses that the mail server was given, where it told them: a blind copy's stand in no header. */
  readonly recipients?: readonly string[];
  /** Whatever it answers: it begins a new ticket. */
  readonly anew?: boolean;
  /** A person has looked at it: bulk mail is taken as well. */
  readonly byHand?: boolean;
}

/** @throws Refusal 422 when it says nothing, or nobody has written it; StewardError SubjectErased when what it answers was erased */
export async function acceptMail(
  deps: Deps,
  mail: ReadMail,
  { recipients = [], anew = false, byHand = false }: Received = {},
): Promise<Accepted | IgnoredMail> {
  const verdict = judgeMail(mail.headers, mail.sender, deps.ownLists);
  const isBulk = verdict.from === 'machine' && verdict.reason === 'bulk';
  if (verdict.from === 'machine' && !isBulk) return ignore(deps, mail, verdict.reason);
  const answered = anew ? null : await answeredTicket(deps, mail, recipients);
  // Who answers a mail of ours does so by whatever list they like.
  if (isBulk && !byHand && !answered?.isCustomers) return ignore(deps, mail, 'bulk');
  const message = mailMessage(mail, MAX_MESSAGE);
  if (mail.sender === '' || message === null) throw nothingToTake(mail.sender, message);

  const said = { message, mail: factsOf(mail) };
  if (answered?.isCustomers) return reply(deps, mail, said, answered.ticketId);
  // They are no customer, and the ticket's customer would never read it.
  if (!byHand && deps.isOurs(mail.sender) && (answered !== null || (await answersUs(deps, mail))))
    return ignore(deps, mail, 'ours');
  const opened = await open(deps, mail, said);
  // After it: should this fail, the mail comes again, and both are done as if they had not been.
  if (answered && opened.ticketId !== answered.ticketId) await tellOfStranger(deps, answered.ticketId, mail, opened);
  return opened;
}

async function answersUs({ intake }: Deps, { headers }: ReadMail): Promise<boolean> {
  return intake.wentToUs(answeredIds(headers).flatMap(ledgerNames));
}

/** The log names it as a ticket of it would be called: by a hash. */
function ignore({ log }: Deps, mail: ReadMail, reason: IgnoredMail['reason']): IgnoredMail {
  log.info({ mail: mailTicketId(mail.digest), reason }, 'a mail is no ticket');
  return { ignored: true, reason };
}

function factsOf(mail: ReadMail): MailFacts {
  // More is not kept, and so need not be looked at.
  const fresh = newWordsOf(mail.text.slice(0, MAX_MESSAGE), mail.subject);
  const newWords = fresh === null ? null : mailMessage({ ...mail, text: fresh }, MAX_MESSAGE);
  return {
    ...(mail.messageId === undefined ? {} : { messageId: mail.messageId }),
    ...(newWords === null ? {} : { newWords }),
  };
}

interface Said {
  readonly message: string;
  readonly mail: MailFacts;
}

function nothingToTake(sender: string, message: string | null): Refusal {
  const problems = [
    ...(sender === '' ? [{ field: 'From', message: 'expected an address, got nothing' }] : []),
    ...(message === null
      ? [{ field: 'body', message: 'expected a text, a subject or an attachment, got nothing' }]
      : []),
  ];
  return new Refusal(422, 'InvalidRequest', 'The mail can not become a ticket; "problems" says what is missing.', {
    problems,
  });
}

/** `isCustomers`: the sender is the ticket's customer. Nobody else speaks in it. */
interface Answered {
  readonly ticketId: string;
  readonly isCustomers: boolean;
}

/**
 * The ticket that this mail answers: by the address that it was sent to, by one of our messages, or by an earlier mail of the same
 * thread that became a ticket.
 */
async function answeredTicket(
  { intake, links }: Deps,
  mail: ReadMail,
  recipients: readonly string[],
): Promise<Answered | null> {
  const tokens = replyTokensIn(mail.headers, recipients);
  const addressed = await intake.ticketsOfDeliveries(
    tokens.map(({ deliveryId }) => deliveryId),
    mail.sender,
  );
  for (const { deliveryId, mac } of tokens) {
    const found = addressed.find((one) => one.deliveryId === deliveryId);
    if (found && links.isReplyTo(found.ticketId, deliveryId, mac)) return found;
  }
  const ids = answeredIds(mail.headers);
  if (ids.length === 0) return null;
  const ours = await intake.ticketByMessage(ids.flatMap(ledgerNames), mail.sender);
  if (ours?.isCustomers) return ours;
  // Their own mail may be anywhere in the thread: colleagues of theirs write in between.
  const ticketId = await intake.firstTicket(ids.map((id) => mailTicketId(mailDigest(id, mail.sender))));
  return ticketId === null ? ours : { ticketId, isCustomers: true };
}

async function reply(deps: Deps, mail: ReadMail, said: Said, ticketId: string): Promise<Accepted> {
  const event = {
    ticketId,
    source: MAIL_SOURCE,
    eventId: mail.digest,
    said: { type: 'customerReplied', ...said },
  } as const;
  return continueTicket(deps, event, await deps.intake.ticket(ticketId, event), 'mail');
}

async function open(deps: Deps, mail: ReadMail, said: Said): Promise<Accepted> {
  const ticketId = mailTicketId(mail.digest);
  const ticket = await deps.intake.ticket(ticketId);
  const result = parseEnvelope({
    source: MAIL_SOURCE,
    'detail-type': 'ticket.created',
    detail: {
      ticketId,
      customerId: await customerIdOf(deps, mail.email),
      subject: mail.subject === '' ? '(no subject)' : mail.subject,
      ...said,
      customerEmail: mail.email,
      customerName: mail.name,
      channel: 'mail',
    },
  });
  if ('problems' in result) {
    throw new Refusal(422, 'InvalidRequest', 'The mail can not become a ticket.', { problems: result.problems });
  }
  return take(deps, result.envelope, ticket);
}

/** Those who have the ticket hear that somebody else has answered our mail; what was written is a ticket of that person's own. */
async function tellOfStranger(deps: Deps, ticketId: string, mail: ReadMail, opened: Accepted): Promise<void> {
  const ticket = await deps.intake.ticket(ticketId);
  if (ticket === null || ticket.erased || ticket.state === 'closed') return;
  const said = { otherTicketId: opened.ticketId, source: MAIL_SOURCE, eventId: mail.digest };
  await deps.client.tell(ticketId, 'strangerReplied', said).catch((error: unknown) => {
    if (!(error instanceof StewardError && error.code === 'TicketUnknown')) throw error;
  });
}

/** The same mail gives the same ticket, however often it is handed on. */
export function mailTicketId(digest: string): string {
  return `MAIL-${digest.slice(0, 16)}`;
}
