/** The gateway: everything that comes in by HTTP. Needs no port; `serve.ts` gives it one. */
import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import type { GatewayDeps } from './deps.ts';
import { eventRoutes } from './events.ts';
import { sayFault } from './fault.ts';
import { problemResponse, Refusal, refusalOf } from './refusal.ts';

export function createApp(deps: GatewayDeps): Hono {
  const app = new Hono();
  app.route('/', eventRoutes(deps));

  app.notFound(() =>
    problemResponse(
      new Refusal(404, 'NotFound', 'There is nothing at this address; /openapi.json lists what there is.'),
    ),
  );
  app.onError((error, c) => {
    const refusal = refusalOf(error);
    if (refusal.status < 500) return problemResponse(refusal);
    const reference = randomUUID();
    const facts = { reference, method: c.req.method, route: c.req.routePath, ...sayFault(error) };
    if (refusal.status === 503) deps.log.warn(facts, 'PostgreSQL or Temporal is away');
    else deps.log.error(facts, 'request failed');
    return problemResponse(refusal, reference);
  });
  return app;
}
