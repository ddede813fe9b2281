/** `/v1/erasures`: a person's wish to be forgotten, as the support platform and officers' tools bring it. */
import { Hono } from 'hono';
import { ERASURE_ID } from '../domain/erase.ts';
import { identityOfKey } from '../domain/identity.ts';
import { newErasureId } from '../erasure-requests.ts';
import { erasureBody, erasureCode, wishOf } from '../schema/erasure.ts';
import { requireKey } from './access.ts';
import { readBody } from './body.ts';
import type { GatewayDeps } from './deps.ts';
import { sayErasure } from './erasure-view.ts';
import { Refusal } from './refusal.ts';
import { readFields } from './strict-body.ts';

const MAX_BYTES = 16 * 1024;

export function erasureRoutes(deps: GatewayDeps): Hono {
  const routes = new Hono();

  routes.post('/v1/erasures', async (c) => {
    const body = await readBody(c.req.raw, MAX_BYTES);
    const key = await requireKey(deps, c.req.raw.headers, 'requestErasure');
    const { asked, assertion } = wishOf(readFields(erasureBody, body));
    const requestId = newErasureId();
    await deps.erasures.ask({
      requestId,
      asked,
      via: 'api',
      assertion,
      by: identityOfKey(key),
    });
    // The same whoever it is about: nothing here tells whether we know them.
    return c.json({ requestId, page: deps.links.erasurePage(requestId) }, 202);
  });

  routes.get('/v1/erasures/:id', async (c) => {
    await requireKey(deps, c.req.raw.headers, 'requestErasure');
    const found = await deps.erasures.look(idOf(c.req.param('id')));
    if (found === null) throw unknown();
    return c.json(sayErasure(found));
  });

  routes.post('/v1/erasures/:id/code', async (c) => {
    const body = await readBody(c.req.raw, MAX_BYTES);
    await requireKey(deps, c.req.raw.headers, 'requestErasure');
    const { code } = readFields(erasureCode, body);
    const id = idOf(c.req.param('id'));
    const answer = await deps.erasures.enterCode(id, code);
    if (answer === 'over' && (await deps.erasures.look(id)) === null) throw unknown();
    return c.json({ answer }, answer === 'proved' ? 200 : 409);
  });
  return routes;
}

function idOf(id: string): string {
  if (!ERASURE_ID.test(id)) throw unknown();
  return id;
}

/** Whether an address is known it does not tell: a request is there for those who are and those who are not. */
function unknown(): Refusal {
  return new Refusal(404, 'NotFound', 'There is no such request.');
}
