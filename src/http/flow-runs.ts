/** `POST /v1/flows/{name}/runs`: a program has a flow run without a ticket. */
import { createHash, randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import type { FlowArgs } from '../contract-flow.ts';
import { type Problem, StewardError, sayProblems } from '../domain/errors.ts';
import { runIdProblem } from '../domain/flow-run.ts';
import { objectOf } from '../domain/json.ts';
import { parseFlowArgs } from '../schema/flow-run.ts';
import { requireKey } from './access.ts';
import { parseJson, readBody } from './body.ts';
import type { GatewayDeps } from './deps.ts';
import { Refusal } from './refusal.ts';

/** The input, as JSON writes it at its longest, and what stands around it. */
const MAX_BYTES = 512 * 1024;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,200}$/;
const KEY_WORDS = 'expected 1 to 200 letters, digits and signs without blanks, such as the id of the event';

export function flowRunRoutes(deps: Pick<GatewayDeps, 'client' | 'intake' | 'findFlow'>): Hono {
  const routes = new Hono();
  routes.post('/v1/flows/:name/runs', async (c) => {
    const body = await readBody(c.req.raw, MAX_BYTES);
    const { id: keyId } = await requireKey(deps, c.req.raw.headers, 'startFlows');
    const flow = c.req.param('name');
    const asked = judged(flow, parseJson(body), c.req.header('idempotency-key'));
    await mustRun(deps, flow);
    const id = asked.id ?? (asked.repeatKey === undefined ? randomUUID() : idOf(keyId, flow, asked.repeatKey));
    const { args } = asked;
    const { workflowId, known } = await deps.client.flows.start(id, args, digestOf(args));
    return c.json({ id, workflowId, known }, known ? 200 : 202);
  });
  return routes;
}

interface Asked {
  readonly args: FlowArgs;
  readonly id: string | undefined;
  readonly repeatKey: string | undefined;
}

/** @throws StewardError InvalidRequest naming every wrong field */
function judged(flow: string, body: unknown, repeatKey: string | undefined): Asked {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  const { id, flow: strange, ...rest } = objectOf(isObject ? (body as never) : null);
  const parsed = parseFlowArgs(isObject ? { ...rest, flow } : body);
  const problems: Problem[] = 'problems' in parsed ? [...parsed.problems] : [];
  if (strange !== undefined) problems.push({ field: 'flow', message: 'is no field here: the address names the flow' });
  const wrongId = id === undefined ? undefined : typeof id === 'string' ? runIdProblem(id) : 'expected text';
  if (wrongId !== undefined) problems.push({ field: 'id', message: wrongId });
  if (repeatKey !== undefined && !IDEMPOTENCY_KEY.test(repeatKey)) {
    problems.push({ field: 'Idempotency-Key', message: KEY_WORDS });
  }
  if (repeatKey !== undefined && id !== undefined) {
    problems.push({
      field: 'id',
      message: 'expected either an id or an Idempotency-Key: each tells a repeat by itself',
    });
  }
  if ('problems' in parsed || problems.length > 0) {
    throw new StewardError('InvalidRequest', sayProblems(problems), { problems });
  }
  return { args: parsed.args, id: typeof id === 'string' ? id : undefined, repeatKey };
}

/** Looked at by its file, and once more by the run's first step. @throws Refusal 404, 422 */
export async function mustRun({ findFlow }: Pick<GatewayDeps, 'findFlow'>, name: string): Promise<void> {
  try {
    await findFlow(name);
  } catch (error) {
    if (!(error instanceof StewardError)) throw error;
    if (error.code === 'InvalidRequest') throw new Refusal(404, 'NotFound', error.message, { cause: error });
    if (error.code !== 'InvalidFlow') throw error;
    throw new Refusal(422, error.code, error.message, { problems: error.problems, cause: error });
  }
}

/** What the sender's key is made of may be anybody's: it is not shown, and no other API key meets it. */
function idOf(keyId: string, flow: string, repeatKey: string): string {
  return `api-${sha256([keyId, flow, repeatKey]).slice(0, 32)}`;
}

function digestOf({ flow, input = {}, customerId }: FlowArgs): string {
  return sha256([flow, input, customerId ?? null]);
}

export function sha256(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
