/** `/v1/agents`: who is there. */
import { Hono } from 'hono';
import { presenceSchema } from '../schema/presence.ts';
import { check } from '../schema/problems.ts';
import { requireKey } from './access.ts';
import { mustActAs } from './acting.ts';
import { parseJson, readBody } from './body.ts';
import type { GatewayDeps } from './deps.ts';
import { Refusal } from './refusal.ts';

const MOST_BYTES = 1024;

export function agentRoutes(deps: Pick<GatewayDeps, 'intake' | 'presenceBy' | 'nameOf'>): Hono {
  const routes = new Hono();
  routes.post('/v1/agents/:id/presence', async (c) => {
    const key = await requireKey(deps, c.req.raw.headers, 'setPresence');
    const said = check(presenceSchema, parseJson(await readBody(c.req.raw, MOST_BYTES)));
    if ('problems' in said) {
      const problems = said.problems;
      throw new Refusal(422, 'InvalidRequest', 'The presence can not be taken; "problems" says why.', { problems });
    }
    const agentId = mustActAs(deps, key, { field: 'id', agent: c.req.param('id') });
    const { presence } = said.data;
    const before = await deps.presenceBy(key).set(agentId, presence);
    if (before === null) throw new Refusal(404, 'NotFound', 'There is no such agent in policies/team.yaml.');
    return c.json({ agentId, presence, before });
  });
  return routes;
}
