/**
 * `POST /v1/erasures/{id}/…`: what a privacy officer says to a request. Who says it is the API key, and nothing in the body; the same
 * updates as by `steward erasure`.
 */
import { Hono } from 'hono';
import type { ErasureOperations } from '../client.ts';
import type { ErasureRow } from '../deps-erasure-store.ts';
import { ERASURE_ID } from '../domain/erase.ts';
import { sayNext } from '../domain/erase-next.ts';
import { StewardError } from '../domain/errors.ts';
import { identityOfKey } from '../domain/identity.ts';
import { erasureNothing, erasureReason, erasureStep } from '../schema/erasure.ts';
import { requireKey } from './access.ts';
import { readBody } from './body.ts';
import type { GatewayDeps } from './deps.ts';
import { Refusal } from './refusal.ts';
import { readFields } from './strict-body.ts';

const MAX_BYTES = 16 * 1024;

/** What each takes in its body. */
export const RULINGS = {
  approve: erasureNothing,
  refuse: erasureReason,
  extend: erasureReason,
  vouch: erasureNothing,
  retry: erasureStep,
  skip: erasureStep,
} as const satisfies Record<keyof ErasureOperations, unknown>;
type Act = keyof typeof RULINGS;
const ACTS = Object.keys(RULINGS) as Act[];

export function erasureRulingRoutes(deps: GatewayDeps): Hono {
  const routes = new Hono();
  for (const act of ACTS) {
    routes.post(`/v1/erasures/:id/${act}`, async (c) => {
      const body = await readBody(c.req.raw, MAX_BYTES);
      const key = await requireKey(deps, c.req.raw.headers, 'decideErasure');
      const requestId = c.req.param('id') ?? '';
      const said = saidIn(act, body);
      const { decision } = await findRunning(deps, requestId);
      const args = { ...said, by: identityOfKey(key) } as unknown as ErasureOperations[Act];
      try {
        const { dueAt, parked } = await deps.client.operateErasure(requestId, act, args);
        return c.json({ requestId, next: sayNext(act, { decision, dueAt, ...said }), dueAt, parked });
      } catch (error) {
        throw inWordsOfRequest(error);
      }
    });
    routes.all(`/v1/erasures/:id/${act}`, () => {
      throw new Refusal(405, 'MethodNotAllowed', 'Send it with POST.', { headers: { allow: 'POST' } });
    });
  }
  return routes;
}

/** @throws Refusal 400, 422 */
function saidIn(act: Act, body: Uint8Array): { readonly reason?: string; readonly step?: string | undefined } {
  // An empty body says what an empty object does.
  return readFields(RULINGS[act], body.byteLength === 0 ? EMPTY : body);
}
const EMPTY = new TextEncoder().encode('{}');

/** @throws Refusal 404, 409 */
async function findRunning(deps: GatewayDeps, requestId: string): Promise<ErasureRow> {
  const found = ERASURE_ID.test(requestId) ? await deps.erasures.look(requestId) : null;
  if (found === null) throw new Refusal(404, 'NotFound', 'There is no such request.');
  if (found.row.endedAt === null) return found.row;
  throw new Refusal(
    409,
    'UnlawfulTransition',
    `The request has ended (${found.row.outcome}): nothing is decided any more.`,
  );
}

/** Who decides is no field of the body, but the key in the header: the problem names that. */
function inWordsOfRequest(error: unknown): unknown {
  const [, field, message] =
    error instanceof StewardError ? (/^(by|reason|step): (.*)$/.exec(error.message) ?? []) : [];
  if (!(error instanceof StewardError) || field === undefined || message === undefined) return error;
  return new StewardError(error.code, message, {
    problems: [{ field: field === 'by' ? 'authorization' : field, message }],
    cause: error,
  });
}
