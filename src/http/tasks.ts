/** `/v1/tasks`: what people are asked to decide, asked and decided by programs. */
import { Hono } from 'hono';
import type { KeptTask } from '../deps-tasks.ts';
import { sayStand } from '../domain/human-task-words.ts';
import { taskDecision, taskDelegation } from '../schema/human-task.ts';
import { check } from '../schema/problems.ts';
import { requireKey } from './access.ts';
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
    const { taskId, known } = await tasks.ask(parseJson(body), { kind: 'key', id: key.id });
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
    const said = right(check(taskDecision, parseJson(body), 'decision'));
    return c.json(shown(await tasks.decide(c.req.param('id'), said, `key/${key.id}`)));
  });

  routes.post('/v1/tasks/:id/delegate', async (c) => {
    const body = await readBody(c.req.raw, MAX_BYTES);
    const key = await requireKey(deps, c.req.raw.headers, 'handleTasks');
    const given = right(check(taskDelegation, parseJson(body), 'delegation'));
    return c.json(shown(await tasks.delegate(c.req.param('id'), given, `key/${key.id}`)));
  });
  return routes;
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
