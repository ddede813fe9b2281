/** `POST /v1/email`: raw mails, as a mail server or a mail service hands them on. */
import { Hono } from 'hono';
import { acceptMail } from './accept-mail.ts';
import { requireKey } from './access.ts';
import { assertSize, readBody } from './body.ts';
import type { GatewayDeps } from './deps.ts';
import { readMail } from './mail.ts';

export const MAX_MAIL_BYTES = 10 * 1024 * 1024;

export function emailRoutes(deps: GatewayDeps): Hono {
  const routes = new Hono();
  routes.post('/v1/email', async (c) => {
    assertSize(c.req.raw, MAX_MAIL_BYTES);
    // Asked before the body is read: ten megabytes are too much to take from a stranger.
    await requireKey(deps, c.req.raw.headers, 'sendEvents');
    const answer = await acceptMail(deps, await readMail(await readBody(c.req.raw, MAX_MAIL_BYTES)));
    return c.json(answer, 'ignored' in answer || answer.known ? 200 : 202);
  });
  return routes;
}
