/** `/v1/mails`: what came in by SES and was not taken; an operator lets it in, or drops it. */
import { Hono } from 'hono';
import { requireKey } from './access.ts';
import type { GatewayDeps } from './deps.ts';
import { noSuchMail, releaseMail } from './receipts.ts';
import { Refusal } from './refusal.ts';

export function parkedMailRoutes(deps: GatewayDeps): Hono {
  const routes = new Hono();
  routes.get('/v1/mails', async (c) => {
    await requireKey(deps, c.req.raw.headers, 'handleMails');
    await deps.parkedMails.forgetOld();
    return c.json({ mails: await deps.parkedMails.list() });
  });
  routes.get('/v1/mails/:id', async (c) => {
    const key = await requireKey(deps, c.req.raw.headers, 'handleMails');
    const mail = await deps.parkedMails.read(c.req.param('id'), key.id);
    if (mail === null)
      throw new Refusal(404, 'NotFound', 'There is no parked mail of this id that we have the content of.');
    // To be looked at, and by no browser: it may be a virus.
    return c.body(Buffer.from(mail, 'latin1'), 200, {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="${c.req.param('id')}.eml"`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
  });
  routes.post('/v1/mails/:id/release', async (c) => {
    const key = await requireKey(deps, c.req.raw.headers, 'handleMails');
    return c.json(await releaseMail(deps, c.req.param('id'), key.id));
  });
  routes.delete('/v1/mails/:id', async (c) => {
    const key = await requireKey(deps, c.req.raw.headers, 'handleMails');
    const dropped = await deps.parkedMails.drop(c.req.param('id'), 'dropped', key.id);
    if (!dropped) throw noSuchMail();
    return c.json({ dropped: true });
  });
  return routes;
}
