/** `POST /v1/sources/{name}`: events as some platform has them, which a file of sources/ makes ours. */
import { Hono } from 'hono';
import type { TicketEnvelope } from '../domain/envelope.ts';
import { StewardError, sayProblems } from '../domain/errors.ts';
import { beginningEventId } from '../domain/event-key.ts';
import { parseFlowArgs } from '../schema/flow-run.ts';
import type { FollowUp } from '../schema/followUp.ts';
import type { Heard, HeardRun } from '../schema/source-map.ts';
import { admit, requireShownKey } from './access.ts';
import { followUpBy } from './acting.ts';
import { parseJson, readBody } from './body.ts';
import { type Accepted, accepted, continueTicket } from './continue.ts';
import type { EventKey, GatewayDeps, SourceDoor } from './deps.ts';
import { assertSource, MAX_EVENT_BYTES, take } from './events.ts';
import { mustRun, sha256 } from './flow-runs.ts';
import { Refusal } from './refusal.ts';

type Deps = Pick<GatewayDeps, 'client' | 'intake' | 'sources' | 'log' | 'findFlow' | 'nameOf'>;

export function sourceRoutes(deps: Deps, now: () => number = Date.now): Hono {
  const routes = new Hono();
  routes.post('/v1/sources/:name', async (c) => {
    const { headers } = c.req.raw;
    const source = deps.sources.get(c.req.param('name'));
    const body = await readBody(c.req.raw, MAX_EVENT_BYTES);
    // Who shows neither a key nor a signature learns nothing, not even which sources there are.
    const isSigned = source?.isSigned ?? false;
    if (source?.isSigned) assertSigned(deps, source, headers, body, now());
    const key = isSigned ? null : (await admit(deps, requireShownKey(headers), 'sendEvents', null)).key;
    if (source === undefined) {
      const names = [...deps.sources.keys()].join(', ') || 'none';
      throw new Refusal(404, 'NotFound', `There is no such source; there are ${names}. Each is a file of sources/.`);
    }
    const heard = source.hear(parseJson(body), (name) => headers.get(name));
    if ('ignored' in heard) return c.json({ ignored: true, rule: heard.rule }, 200);
    if ('problems' in heard) {
      const detail = `What ${source.name} sent could not be made an event of ours; "problems" names every field, and where it was to come from.`;
      throw new Refusal(422, 'InvalidTicket', detail, { problems: heard.problems });
    }
    if ('run' in heard) {
      const run = await startRun(deps, source.name, heard.run);
      return c.json(run, run.known ? 200 : 202);
    }
    const answer = await answerTo(deps, heard, (followUp) =>
      key === null ? followUp : followUpBy(deps, key, followUp),
    );
    return c.json(answer, answer.known ? 200 : 202);
  });
  return routes;
}

/** @param by the same as whoever shows the key may send it */
async function answerTo(
  deps: Deps,
  heard: Extract<Heard, { envelope: unknown } | { followUp: unknown }>,
  by: (followUp: FollowUp) => FollowUp,
): Promise<Accepted> {
  if ('envelope' in heard) return takeOrContinue(deps, heard.envelope, heard.known && by(heard.known));
  const followUp = by(heard.followUp);
  return continueTicket(deps, followUp, await deps.intake.ticket(followUp.ticketId, followUp));
}

/** Once for each event: what comes again under its id is the same, whatever it says. */
async function startRun(deps: Deps, source: string, { flow, eventId, ...args }: HeardRun) {
  const parsed = parseFlowArgs({ flow, ...args });
  if ('problems' in parsed) {
    const { problems } = parsed;
    throw new StewardError('InvalidRequest', sayProblems(problems), { problems });
  }
  await mustRun(deps, flow);
  // The event's id may be anybody's, and stays.
  const id = `${source}-${sha256([flow, eventId]).slice(0, 32)}`;
  return { id, ...(await deps.client.flows.start(id, parsed.args)) };
}

function assertSigned({ log }: Deps, source: SourceDoor, headers: Headers, body: Uint8Array, now: number): void {
  const wrong = source.wrong(headers, body, now);
  if (wrong === null) return;
  log.warn({ source: source.name, wrong }, 'an event in the name of a source was refused');
  throw new Refusal(403, 'SignatureWrong', `Not taken: ${wrong}.`);
}

/**
 * The first word of a ticket opens it, the same kind of word later belongs to it. Platforms don't tell the two apart; we do, by whether the
 * ticket is there, and by the id of the event that it began with.
 */
async function takeOrContinue(deps: Deps, envelope: TicketEnvelope, later: FollowUp | null): Promise<Accepted> {
  const { ticketId } = envelope.detail;
  const ticket = await deps.intake.ticket(ticketId, beginningOf(envelope));
  if (later === null) return take(deps, envelope, ticket);
  assertSource(envelope, ticket);
  if (ticket === null) {
    const { known, eventId } = await deps.client.submit(envelope);
    if (!known) return accepted(ticketId);
    // On its way, and not written down yet: is this what it began with?
    if (eventId === envelope.id) return { ...accepted(ticketId), known: true };
  } else if (ticket.taken) return { ...accepted(ticketId), known: true };
  return continueTicket(deps, later, await deps.intake.ticket(ticketId, later));
}

/** How the store knows the event that a ticket began with. */
function beginningOf({ source, id }: TicketEnvelope): EventKey | undefined {
  return id === undefined ? undefined : { source, eventId: beginningEventId(id) };
}
