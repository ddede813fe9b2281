/** The monthly audit's reports, for those whose API key may read what was done. */
import { type Context, Hono } from 'hono';
import { may } from '../domain/access.ts';
import { isMonth } from '../domain/month.ts';
import { requireKey } from './access.ts';
import type { AdmittedKey, GatewayDeps } from './deps.ts';
import { page, readForm } from './html.tsx';
import { AuditPage, AuditSignInPage, AuditsPage } from './pages/audits.tsx';
import { NO_ERRORS } from './pages/fields.tsx';
import { Refusal } from './refusal.ts';
import { type KeyedPages, sessionKey, signIn } from './sign-in.ts';

const PAGES: KeyedPages = {
  path: '/audits',
  // Of its own: who may read reports need not be one who may read what customers wrote.
  cookie: 'steward_audits',
  // The link in a mail shall find its reader signed in. Nothing is changed by what the cookie opens.
  sameSite: 'Lax',
  act: 'readAudit',
  read: { said: 'reports', logged: 'reports' },
};

export function auditRoutes(deps: GatewayDeps): Hono {
  const routes = new Hono();

  /** By a key in the header, else by the session of a browser. @throws Refusal 401, 403: the header's key is none, or may not */
  async function reader(c: Context): Promise<AdmittedKey | null> {
    const { headers } = c.req.raw;
    if (headers.has('authorization') || headers.has('x-api-key')) return requireKey(deps, headers, 'readAudit');
    const key = await sessionKey(deps, c, PAGES);
    return key !== null && may(key.role, 'readAudit') ? key : null;
  }

  routes.get('/v1/audits/:month', async (c) => {
    await requireKey(deps, c.req.raw.headers, 'readAudit');
    const { json, sha256 } = await reportOf(deps, c.req.param('month'));
    // The very bytes that the SHA-256 is of.
    return c.body(json, 200, { 'content-type': 'application/json', etag: `"${sha256}"` });
  });

  routes.get('/audits', async (c) => {
    const key = await reader(c);
    if (key === null) return page(<AuditSignInPage errors={NO_ERRORS} to="/audits" />);
    return page(<AuditsPage audits={await deps.audits.list()} keyName={key.name} />);
  });
  routes.get('/audits/:month', async (c) => {
    const month = c.req.param('month');
    if ((await reader(c)) === null) return page(<AuditSignInPage errors={NO_ERRORS} to={placeOf(month)} />, 401);
    const audit = await reportOf(deps, month);
    return page(<AuditPage audit={audit} runs={await deps.audits.runs(month)} />);
  });

  routes.post('/audits', async (c) => {
    const field = await readForm(c);
    const to = placeOf(field('to').replace('/audits/', ''));
    return signIn(deps, c, PAGES, { field, to, again: (errors) => <AuditSignInPage errors={errors} to={to} /> });
  });
  return routes;
}

async function reportOf(deps: GatewayDeps, month: string) {
  const report = isMonth(month) ? await deps.audits.find(month) : null;
  if (report === null) throw new Refusal(404, 'NotFound', 'There is no report of this month, such as /audits/2026-10.');
  return report;
}

/** A page of ours, whatever a form says. */
function placeOf(month: string): string {
  return isMonth(month) ? `/audits/${month}` : '/audits';
}
