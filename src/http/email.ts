/** `POST /v1/email`: raw mails, as a mail server or a mail service hands them on. */
import { Hono } from 'hono';
import { judgeMail, mailMessage } from '../domain/mail.ts';
import { answeredIds, ledgerNames } from '../domain/message-id.ts';
import { parseEnvelope } from '../schema/envelope.ts';
import { MAX_MESSAGE } from '../schema/fields.ts';
import { requireKey } from './access.ts';
import { assertSize, readBody } from './body.ts';
import { type Accepted, continueTicket } from './continue.ts';
import { customerIdOf } from './customer.ts';
import type { GatewayDeps } from './deps.ts';
import { take } from './events.ts';
import { mailDigest, type ReadMail, readMail } from './mail.ts';
import { Refusal } from './refusal.ts';

export const MAX_MAIL_BYTES = 10 * 1024 * 1024;
export const MAIL_SOURCE = 'steward.mail';

export function emailRoutes(deps: GatewayDeps): Hono {
  const routes = new Hono();
  routes.post('/v1/email', async (c) => {
    assertSize(c.req.raw, MAX_MAIL_BYTES);
    // Asked before the body is read: ten megabytes are too much to take from a stranger.
    await requireKey(deps, c.req.raw.headers, 'sendEvents');

    const mail = await readMail(await readBody(c.req.raw, MAX_MAIL_BYTES));
    const verdict = judgeMail(mail.headers, mail.sender);
    if (verdict.from === 'machine') return c.json({ ignored: true, reason: verdict.reason }, 200);
    const message = mailMessage(mail, MAX_MESSAGE);
    if (mail.sender === '' || message === null) throw nothingToTake(mail.sender, message);

    const answered = await answeredTicket(deps, mail);
    const answer = answered === null ? await open(deps, mail, message) : await reply(deps, mail, message, answered);
    return c.json(answer, answer.known ? 200 : 202);
  });
  return routes;
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

/**
 * The ticket that this mail answers: by one of our messages, or by an earlier mail of the same thread that became a ticket. Only the
 * ticket's customer can speak in it; whoever else answers gets a ticket of their own, so that nothing is lost.
 */
async function answeredTicket({ intake }: GatewayDeps, mail: ReadMail): Promise<string | null> {
  const ids = answeredIds(mail.headers);
  if (ids.length === 0) return null;
  const ours = await intake.ticketByMessage(ids.flatMap(ledgerNames), mail.sender);
  if (ours !== null) return ours;
  // The mail it answers, and the one the thread began with.
  for (const id of new Set([ids[0], ids.at(-1)])) {
    const ticketId = id === undefined ? '' : mailTicketId(mailDigest(id, mail.sender));
    if (ticketId !== '' && (await intake.ticket(ticketId)) !== null) return ticketId;
  }
  return null;
}

async function reply(deps: GatewayDeps, mail: ReadMail, message: string, ticketId: string): Promise<Accepted> {
  const said = { type: 'customerReplied', message } as const;
  const event = { ticketId, source: MAIL_SOURCE, eventId: mail.digest, said };
  return continueTicket(deps, event, await deps.intake.ticket(ticketId, event), 'mail');
}

async function open(deps: GatewayDeps, mail: ReadMail, message: string): Promise<Accepted> {
  const ticketId = mailTicketId(mail.digest);
  const ticket = await deps.intake.ticket(ticketId);
  const result = parseEnvelope({
    source: MAIL_SOURCE,
    'detail-type': 'ticket.created',
    detail: {
      ticketId,
      customerId: await customerIdOf(deps, mail.email),
      subject: mail.subject === '' ? '(no subject)' : mail.subject,
      message,
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

/** The same mail gives the same ticket, however often it is handed on. */
function mailTicketId(digest: string): string {
  return `MAIL-${digest.slice(0, 16)}`;
}
