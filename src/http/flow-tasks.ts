/** `/v1/flow-tasks`: whoever has the token of a flow's Task says what came of it. The token stands in the body: addresses end up in logs. */
import { Hono } from 'hono';
import { StewardError, sayProblems } from '../domain/errors.ts';
import { checkTaskAnswer, type TaskSayingName } from '../domain/flow-task.ts';
import { requireKey } from './access.ts';
import { parseJson, readBody } from './body.ts';
import type { GatewayDeps } from './deps.ts';

const MAX_BYTES = 512 * 1024;

const SAYINGS = { complete: 'completeTask', fail: 'failTask', heartbeat: 'heartbeatTask' } as const;

export function flowTaskRoutes(deps: Pick<GatewayDeps, 'answerFlowTask' | 'intake'>): Hono {
  const routes = new Hono();
  for (const [act, saying] of Object.entries(SAYINGS)) {
    routes.post(`/v1/flow-tasks/${act}`, async (c) => {
      const body = await readBody(c.req.raw, MAX_BYTES);
      const key = await requireKey(deps, c.req.raw.headers, 'answerFlowTasks');
      await deps.answerFlowTask(key, saying, judged(saying, parseJson(body)) as never);
      return c.json({ outcome: 'taken' });
    });
  }
  return routes;
}

/** @throws StewardError InvalidRequest */
function judged(saying: TaskSayingName, said: unknown): unknown {
  const problems = checkTaskAnswer(saying, said);
  if (problems.length > 0) throw new StewardError('InvalidRequest', sayProblems(problems), { problems });
  return said;
}
