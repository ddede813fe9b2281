/** `POST /v1/email`: raw mails, as a mail server or a mail service hands them on. */
import { Hono } from 'hono';
import type { ParkedReason } from '../domain/receipt.ts';
import { acceptMail, parkedFor } from './accept-mail.ts';
import { requireKey } from './access.ts';
import { assertSize, readBody } from './body.ts';
import type { GatewayDeps } from './deps.ts';
import { type ReadMail, readMail } from './mail.ts';
import { type ParkedAnswer, parkMail } from './receipts.ts';

export const MAX_MAIL_BYTES = 10 * 1024 * 1024;

export function emailRoutes(deps: GatewayDeps): Hono {
  const routes = new Hono();
  routes.post('/v1/email', async (c) => {
    assertSize(c.req.raw, MAX_MAIL_BYTES);
    // Asked before the body is read: ten megabytes are too much to take from a stranger.
    await requireKey(deps, c.req.raw.headers, 'sendEvents');
    const raw = await readBody(c.req.raw, MAX_MAIL_BYTES);
    const mail = await readMail(raw, deps.ownLists);
    const answer = await acceptMail(deps, mail);
    const reason = parkedFor(answer);
    if (reason) return c.json(await park(deps, mail, reason, raw), 200);
    return c.json(answer, 'ignored' in answer || answer.known ? 200 : 202);
  });
  return routes;
}

/** A customer may write by a list of theirs, one of us by mistake: nobody is to lose a mail for the way it came by. */
async function park(deps: GatewayDeps, mail: ReadMail, reason: ParkedReason, raw: Uint8Array): Promise<ParkedAnswer> {
  await deps.parkedMails.forgetOld();
  const sender = mail.sender === '' ? null : mail.sender.toLowerCase();
  return parkMail(deps, { reason, sender, raw, providerId: mail.digest });
}
