/** Is the process up, and can it take tickets? */
import { Hono } from 'hono';
import type { GatewayDeps } from './deps.ts';

/** An orchestrator asks every few seconds; a part that takes longer is as good as away. */
const PATIENCE_MS = 2_000;

export function healthRoutes(deps: GatewayDeps): Hono {
  const routes = new Hono();
  routes.get('/healthz', (c) => c.json({ status: 'ok' }, 200, { 'cache-control': 'no-store' }));
  routes.get('/readyz', async (c) => {
    const [store, temporal, flow] = await Promise.all([
      answers(() => deps.intake.ticket('-')),
      answers(() => deps.pingTemporal()),
      deps.flowStanding().then(
        ({ standing }) => standing,
        () => 'unknown' as const,
      ),
    ]);
    const ready = store && temporal;
    // Tickets are taken by the policies of before: no reason to send them elsewhere.
    const refused = deps.policiesRefused();
    const status = !ready ? 'away' : refused ? 'degraded' : 'ready';
    return c.json(
      { status, store: word(store), temporal: word(temporal), policies: refused ? 'refused' : 'ok', flow },
      ready ? 200 : 503,
      { 'cache-control': 'no-store', ...(ready ? {} : { 'retry-after': '5' }) },
    );
  });
  return routes;
}

function word(good: boolean): 'ok' | 'away' {
  return good ? 'ok' : 'away';
}

async function answers(ask: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE_MS);
  });
  const answer = ask().then(
    () => true,
    () => false,
  );
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
