/** The gateway: everything that comes in by HTTP. Needs no port; `serve.ts` gives it one. */
import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { agentRoutes } from './agents.ts';
import { askRoutes } from './ask.tsx';
import { auditRoutes } from './audits.tsx';
import { codecRoutes } from './codec.tsx';
import type { GatewayDeps } from './deps.ts';
import { emailRoutes } from './email.ts';
import { erasureRulingRoutes } from './erasure-rulings.ts';
import { erasureRoutes } from './erasures.ts';
import { eventRoutes } from './events.ts';
import { sayFault } from './fault.ts';
import { flowRunRoutes } from './flow-runs.ts';
import { flowTaskRoutes } from './flow-tasks.ts';
import { healthRoutes } from './health.ts';
import { refusalPage } from './html.tsx';
import { describeApi } from './openapi.ts';
import { parkedMailRoutes } from './parked-mails.ts';
import { privacyRoutes } from './privacy.tsx';
import { problemResponse, Refusal, refusalOf } from './refusal.ts';
import { SLACK_PATH, slackRoutes } from './slack.ts';
import { snsRoutes } from './sns.ts';
import { sourceRoutes } from './sources.ts';
import { statusRoutes } from './status.tsx';
import { supportRoutes } from './support.tsx';
import { taskPageRoutes } from './task.tsx';
import { taskRoutes } from './tasks.ts';

const RESTORED = 'A backup was restored. Nothing is taken until erasures that it has undone are done again.';
const AGAIN_SOON = { headers: { 'retry-after': '30' } };

export function createApp(deps: GatewayDeps): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    if (deps.isRestored?.() && c.req.path !== '/healthz') throw new Refusal(503, 'Unavailable', RESTORED, AGAIN_SOON);
    await next();
  });
  app.route('/', eventRoutes(deps));
  app.route('/', emailRoutes(deps));
  app.route('/', snsRoutes(deps));
  app.route('/', parkedMailRoutes(deps));
  app.route('/', agentRoutes(deps));
  app.route('/', sourceRoutes(deps));
  app.route('/', slackRoutes(deps));
  app.route('/', askRoutes(deps));
  app.route('/', taskPageRoutes(deps));
  app.route('/', taskRoutes(deps));
  app.route('/', flowTaskRoutes(deps));
  app.route('/', flowRunRoutes(deps));
  app.route('/', supportRoutes(deps));
  app.route('/', statusRoutes(deps));
  app.route('/', erasureRoutes(deps));
  app.route('/', erasureRulingRoutes(deps));
  app.route('/', privacyRoutes(deps));
  app.route('/', codecRoutes(deps));
  app.route('/', auditRoutes(deps));
  app.route('/', healthRoutes(deps));

  let api: ReturnType<typeof describeApi> | undefined;
  app.get('/openapi.json', (c) => {
    api ??= describeApi();
    return c.json(api);
  });
  const called = [...(deps.sns ? ['/v1/sns'] : []), ...(deps.slack ? [SLACK_PATH] : [])];
  for (const path of [
    '/v1/events',
    '/v1/email',
    '/v1/erasures',
    '/v1/sources/:name',
    '/v1/flows/:name/runs',
    '/v1/agents/:id/presence',
    ...called,
  ]) {
    app.all(path, () => {
      throw new Refusal(405, 'MethodNotAllowed', 'Send it with POST.', { headers: { allow: 'POST' } });
    });
  }

  app.notFound((c) =>
    refuse(
      c.req.path,
      new Refusal(404, 'NotFound', 'There is nothing at this address; /openapi.json lists what there is.'),
    ),
  );
  app.onError((error, c) => {
    const refusal = refusalOf(error);
    if (refusal.status < 500) return refuse(c.req.path, refusal);
    const reference = randomUUID();
    // The route, not the path: a status page's path is its key.
    const facts = { reference, method: c.req.method, route: c.req.routePath, ...sayFault(error) };
    if (refusal.status === 503) deps.log.warn(facts, 'PostgreSQL or Temporal is away');
    else deps.log.error(facts, 'request failed');
    return refuse(c.req.path, refusal, reference);
  });
  return app;
}

/** People get a page, programs problem+json. */
function refuse(path: string, refusal: Refusal, reference?: string): Response | Promise<Response> {
  const forPeople = path === '/codec' || /^\/(support|privacy|audits|ask|task)(\/|$)/.test(path);
  return forPeople ? refusalPage(refusal, reference) : problemResponse(refusal, reference);
}
