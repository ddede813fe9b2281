/** `POST /v1/events`: tickets and what happens to them, from support platforms and event routers. */
import { Hono } from 'hono';
import { may } from '../domain/access.ts';
import type { TicketEnvelope } from '../domain/envelope.ts';
import { StewardError } from '../domain/errors.ts';
import { identityOfKey } from '../domain/identity.ts';
import { erasureIdOf } from '../erasure-requests.ts';
import { type ErasureEvent, type FollowUp, parseEvent } from '../schema/followUp.ts';
import { type Asked, admit, requireShownKey, roleMissing } from './access.ts';
import { followUpBy, namingAgent } from './acting.ts';
import { parseJson, readBody } from './body.ts';
import { binary, isJson, mediaType, type RawEvent, structured } from './cloudevents.ts';
import { type Accepted, accepted, continueTicket } from './continue.ts';
import type { AdmittedKey, GatewayDeps, KnownTicket } from './deps.ts';
import { Refusal } from './refusal.ts';

export const MAX_EVENT_BYTES = 256 * 1024;
/** From here on the key is asked for before the body is parsed: strangers shall not make us work. */
const ASK_FIRST_BYTES = 32 * 1024;

type Event =
  | { readonly envelope: TicketEnvelope }
  /** `agentField`: where its sender has put whose word it is. */
  | { readonly followUp: FollowUp; readonly agentField: string }
  | { readonly erasure: ErasureEvent };

export function eventRoutes(deps: GatewayDeps): Hono {
  const routes = new Hono();
  routes.post('/v1/events', async (c) => {
    const body = await readBody(c.req.raw, MAX_EVENT_BYTES);
    const keyHash = requireShownKey(c.req.raw.headers);
    if (body.byteLength > ASK_FIRST_BYTES) await admit(deps, keyHash, 'sendEvents', null);

    const first = attempt(() => readEvent(c.req.raw.headers, body));
    const asked: Asked = first instanceof Refusal ? [null] : about(first);
    // One round trip: the key first, so that nobody without one learns anything from the rest.
    const { key, ticket: found } = await admit(deps, keyHash, 'sendEvents', ...asked);
    // Only now is it known whom it may have left out.
    const isNamed = !(first instanceof Refusal) || key.agent === null;
    const event = isNamed ? first : attempt(() => readEvent(c.req.raw.headers, body, key.agent));
    if (event instanceof Refusal) throw event;
    const [ticketId, eventKey] = about(event);
    const ticket = isNamed || ticketId === null ? found : await deps.intake.ticket(ticketId, eventKey);
    if ('erasure' in event) return c.json(await askErasure(deps, event.erasure, key), 202);

    const answer =
      'envelope' in event
        ? await take(deps, event.envelope, ticket)
        : await continueTicket(deps, followUpBy(deps, key, event.followUp, event.agentField), ticket);
    return c.json(answer, answer.known ? 200 : 202);
  });
  return routes;
}

/** The answer is the same whether we know the person, or the request, or not. */
async function askErasure(deps: GatewayDeps, event: ErasureEvent, key: AdmittedKey): Promise<{ requestId: string }> {
  if (!may(key.role, 'requestErasure')) throw roleMissing(key, 'requestErasure');
  const { asked, assertion, source, eventId } = event;
  const requestId = erasureIdOf(source, eventId);
  await deps.erasures.ask({ requestId, asked, via: 'event', by: identityOfKey(key), assertion });
  return { requestId };
}

/**
 * Starts the ticket's workflow, unless the ticket is there already.
 * @throws StewardError TicketConflict
 */
export async function take(
  deps: Pick<GatewayDeps, 'client' | 'intake'>,
  envelope: TicketEnvelope,
  ticket: KnownTicket | null,
): Promise<Accepted> {
  const { ticketId } = envelope.detail;
  assertSource(envelope, ticket);
  if (ticket !== null) return { ...accepted(ticketId), known: true };
  const { known } = await deps.client.submit(envelope);
  if (!known) return accepted(ticketId);
  // It came between our look and now. Whose it is the client has compared, where the one who started it said so; else the store may
  // know by this time.
  assertSource(envelope, await deps.intake.ticket(ticketId));
  return { ...accepted(ticketId), known: true };
}

/** @throws StewardError TicketConflict */
export function assertSource(envelope: TicketEnvelope, ticket: KnownTicket | null): void {
  if (ticket !== null && ticket.source !== envelope.source) {
    throw new StewardError('TicketConflict', `ticket id ${envelope.detail.ticketId} belongs to another source`);
  }
}

/** @param agent whose own key it came by */
function readEvent(headers: Headers, body: Uint8Array, agent: string | null = null): Event {
  const raw = rawEvent(headers, body);
  const parsed = parseEvent(agent === null ? raw.value : namingAgent(raw.value, agent));
  const wrong = 'problems' in parsed ? parsed.problems.map((p) => ({ ...p, field: raw.rename(p.field) })) : [];
  const told = new Set(raw.problems.map((p) => p.field));
  const problems = [...raw.problems, ...wrong.filter((p) => !told.has(p.field))];
  if (problems.length > 0 || 'problems' in parsed) {
    throw new Refusal(422, 'InvalidTicket', 'The event is not as it should be; "problems" names every wrong field.', {
      problems,
    });
  }
  return 'followUp' in parsed ? { ...parsed, agentField: raw.rename('detail.agentId') } : parsed;
}

const TAKEN_TYPES = 'application/json, application/cloudevents+json';
/** What senders say who never thought of a type: curl with `-d`, `fetch` with a string, the odd event router. It is JSON, or it is a 400. */
const CARELESS_TYPES = new Set(['', 'text/plain', 'application/x-www-form-urlencoded', 'application/octet-stream']);

function rawEvent(headers: Headers, body: Uint8Array): RawEvent {
  const type = mediaType(headers.get('content-type') ?? '');
  if (type === 'application/cloudevents+json') return structured(body);
  if (type.startsWith('application/cloudevents-batch')) {
    throw new Refusal(415, 'MediaTypeUnknown', 'Batches are not taken; send one CloudEvent per request.');
  }
  if (!CARELESS_TYPES.has(type) && !isJson(type)) {
    throw new Refusal(415, 'MediaTypeUnknown', `Send the event as one of: ${TAKEN_TYPES}.`, {
      headers: { 'accept-post': TAKEN_TYPES },
    });
  }
  if (headers.has('ce-specversion') || headers.has('ce-type')) return binary(headers, body);
  return { value: parseJson(body), problems: [], rename: (field) => field };
}

/** What the store is asked about an event: whose its ticket is and, of a follow-up, whether it came before. */
function about(event: Event): Asked {
  if ('erasure' in event) return [null];
  return 'envelope' in event ? [event.envelope.detail.ticketId] : [event.followUp.ticketId, event.followUp];
}

function attempt<T>(read: () => T): T | Refusal {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
