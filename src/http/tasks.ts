/** `/v1/tasks`: what people are asked to decide, asked and decided by programs. */
import { Hono } from 'hono';
import type { KeptTask } from '../deps-tasks.ts';
import { AGENT_ID } from '../domain/human-task-asked.ts';
import { sayStand } from '../domain/human-task-words.ts';
import { taskDecision, taskDelegation } from '../schema/human-task.ts';
import { check } from '../schema/problems.ts';
import { requireKey } from './access.ts';
import { actingAs, mustActAs, viaKey } from './acting.ts';
import { parseJson, readBody } from './body.ts';
import type { GatewayDeps } from './deps.ts';
import { Refusal } from './refusal.ts';

const MAX_BYTES = 16 * 1024;
const MOST = 200;

export function taskRoutes(deps: Pick<GatewayDeps, 'tasks' | 'intake' | 'nameOf'>): Hono {
  const routes = new Hono();
  const { tasks } = deps;
  const shown = (kept: KeptTask) => taskShown(kept, (id) => deps.nameOf(id) ?? id);

  routes.post('/v1/tasks', async (c) => {
    const body = await readBody(c.req.raw, MAX_BYTES);
    const key = await requireKey(deps, c.req.raw.headers, 'handleTasks');
    const asked = parseJson(body);
    actingAs(deps, key, { field: 'requester', agent: requesterOf(asked) });
    const { taskId, known } = await tasks.ask(asked, { kind: 'key', id: key.id });
    return c.json(shown(await tasks.look(taskId)), known ? 200 : 202);
  });

  routes.get('/v1/tasks', async (c) => {
    await requireKey(deps, c.req.raw.headers, 'handleTasks');
    const found = await tasks.list({ open: c.req.query('state') !== 'all', limit: MOST });
    return c.json({ tasks: found.map(shown) });
  });

  routes.get('/v1/tasks/:id', async (c) => {
    await requireKey(deps, c.req.raw.headers, 'handleTasks');
    return c.json(shown(await tasks.look(c.req.param('id'))));
  });

  routes.post('/v1/tasks/:id/decide', async (c) => {
    const body = await readBody(c.req.raw, MAX_BYTES);
    const key = await requireKey(deps, c.req.raw.headers, 'handleTasks');
    const { by: named, act } = right(check(taskDecision, parseJson(body), 'decision'));
    const by = mustActAs(deps, key, { field: 'by', agent: named });
    return c.json(shown(await tasks.decide(c.req.param('id'), { by, act }, viaKey(key))));
  });

  routes.post('/v1/tasks/:id/delegate', async (c) => {
    const body = await readBody(c.req.raw, MAX_BYTES);
    const key = await requireKey(deps, c.req.raw.headers, 'handleTasks');
    const { by: named, to } = right(check(taskDelegation, parseJson(body), 'delegation'));
    const by = mustActAs(deps, key, { field: 'by', agent: named });
    return c.json(shown(await tasks.delegate(c.req.param('id'), { by, to }, viaKey(key))));
  });
  return routes;
}

/** Whose request it is said to be. What can be no agent's id is refused with all else that is wrong. */
function requesterOf(asked: unknown): string | null {
  const { requester } = (typeof asked === 'object' && asked !== null ? asked : {}) as { readonly requester?: unknown };
  return typeof requester === 'string' && AGENT_ID.test(requester) ? requester : null;
}

/** As programs see it. */
export function taskShown({ taskId, task, ending, ...kept }: KeptTask, nameOf: (id: string) => string) {
  const { audience, form, quorum, barred, dueAt, otherwise, delegates, said, outcome } = task;
  const at = (ms: number) => new Date(ms).toISOString();
  return {
    taskId,
    ...kept,
    audience,
    form,
    quorum,
    barred,
    delegates,
    otherwise,
    dueAt: dueAt === null ? null : at(dueAt),
    said: said.map((one) => ({ ...one, at: at(one.at) })),
    ending,
    outcome: outcome && { act: outcome.act, by: outcome.by, at: at(outcome.at), timedOut: ending === 'timedOut' },
    stands: sayStand({ ...task, ending }, nameOf),
  };
}

function right<T>(checked: { data: T } | { problems: Refusal['problems'][number][] }): T {
  if ('data' in checked) return checked.data;
  throw new Refusal(422, 'InvalidRequest', 'The request is not as it should be; "problems" names every wrong field.', {
    problems: checked.problems,
  });
}
