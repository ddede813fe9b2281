/** Where one of us decides a task that a mail asked them. Mail programs and scanners open links by themselves: a GET changes nothing. */
import { Hono } from 'hono';
import { StewardError } from '../domain/errors.ts';
import { sayStand } from '../domain/human-task-words.ts';
import { isAway } from './away.ts';
import type { GatewayDeps } from './deps.ts';
import { page, readForm, seeOther } from './html.tsx';
import { type FormErrors, NO_ERRORS } from './pages/fields.tsx';
import { TaskPage } from './pages/task.tsx';
import { RETRY_LATER, Refusal } from './refusal.ts';

type Parts = Pick<GatewayDeps, 'links' | 'tasks' | 'nameOf'>;
interface Asked {
  readonly taskId: string;
  readonly agentId: string;
  readonly name: string;
  readonly path: string;
}

export function taskPageRoutes(deps: Parts): Hono {
  const routes = new Hono();
  const askedBy = (token: string): Asked => {
    const asked = deps.links.taskOf(token);
    const name = asked && deps.nameOf(asked.agentId);
    // Who has left the team decides nothing any more.
    if (!asked || name == null) throw new Refusal(404, 'NotFound', 'This link opens nothing.');
    return { ...asked, name, path: `/task/${encodeURIComponent(token)}` };
  };

  routes.get('/task/:token', (c) =>
    show(deps, askedBy(c.req.param('token')), { isDone: c.req.query('done') !== undefined }),
  );

  routes.post('/task/:token', async (c) => {
    const asked = askedBy(c.req.param('token'));
    const act = (await readForm(c))('act');
    const again = (why: string, status: 409 | 422 | 503) => show(deps, asked, { errors: new Map([['', why]]) }, status);
    if (act === '') return again('Choose what you decide.', 422);
    try {
      await deps.tasks.decide(asked.taskId, { by: asked.agentId, act }, 'link');
    } catch (error) {
      if (isAway(error)) return again('Not taken just now. Send it again in a minute.', 503);
      const isOurs = error instanceof StewardError && ['DecisionDenied', 'InvalidRequest'].includes(error.code);
      if (!isOurs) throw error;
      return again(error.message, 409);
    }
    return seeOther(`${asked.path}?done`);
  });
  return routes;
}

async function show(
  { tasks, nameOf }: Parts,
  { taskId, name, path }: Asked,
  { errors = NO_ERRORS, isDone = false }: { readonly errors?: FormErrors; readonly isDone?: boolean },
  status: 200 | 409 | 422 | 503 = 200,
): Promise<Response> {
  const { question, ticketId, runId, task, ending } = await tasks.look(taskId);
  const stands = sayStand({ ...task, ending }, (id) => nameOf(id) ?? id);
  const acts = ending === null ? task.form : [];
  const props = { taskId, question, ticketId, runId, name, stands, acts, path, errors, isDone };
  return page(<TaskPage {...props} />, status, status === 503 ? RETRY_LATER : {});
}
