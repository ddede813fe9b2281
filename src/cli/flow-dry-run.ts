/** What a flow would decide otherwise about the last tickets that came. */
import { randomBytes } from 'node:crypto';
import type { FlowDesk, PastTicket } from '../compose-operator.ts';
import { isOutage, type SystemStatus } from '../domain/enrich.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import { objectOf } from '../domain/json.ts';
import { MODULES } from '../domain/modules.ts';
import { bindModule } from '../flow/bind.ts';
import { parseFlow } from '../flow/parse.ts';
import { type Changed, compareWays, occasionOf, type Rehearsed, rehearse } from '../flow/rehearse.ts';
import type { Flow } from '../flow/types.ts';
import { answerEvaluation } from '../jsonata/answer.ts';

export interface DryRun {
  /** How many tickets were looked at. */
  readonly tickets: number;
  readonly changes: readonly ChangedDecision[];
  /** Of these nobody can say, at least from some point on, and why. */
  readonly unknown: readonly { readonly ticketId: string; readonly why: string }[];
}
export interface ChangedDecision extends Changed {
  readonly ticketId: string;
  /** By which it went. */
  readonly version: string;
}

export async function dryRun(desk: FlowDesk, name: string, definition: JsonObject, last: number): Promise<DryRun> {
  const next = parseFlow(definition, name);
  const tickets = await desk.lastTickets(name, last);
  const changes: ChangedDecision[] = [];
  const unknown: { ticketId: string; why: string }[] = [];
  const versions = new Map<string, Flow | undefined>();
  for (const ticket of tickets) {
    const { version } = ticket.flow;
    if (!versions.has(version)) {
      const found = await desk.find(ticket.flow);
      versions.set(version, found && parseFlow(found.definition, name, { checked: true }));
    }
    const { ticketId } = ticket;
    const judged = await judge(ticket, versions.get(version), next);
    changes.push(...judged.changes.map((change) => ({ ticketId, version, ...change })));
    if (judged.why !== undefined) unknown.push({ ticketId, why: judged.why });
  }
  return { tickets: tickets.length, changes, unknown };
}

interface Judged {
  readonly changes: readonly Changed[];
  readonly why?: string;
}

async function judge(ticket: PastTicket, own: Flow | undefined, next: Flow): Promise<Judged> {
  if (!own) return { changes: [], why: 'its own version was not kept' };
  const was = await rehearseFor(ticket, own);
  const strays = straysFrom(ticket, was);
  if (strays !== undefined) {
    return { changes: [], why: `${strays} went another way than what is known of the ticket tells` };
  }
  const would = await rehearseFor(ticket, next);
  const read = [was, would].flatMap(({ decisions }) => decisions).find(readsWords);
  if (read) return { changes: [], why: `${read.state} decides by what the customer wrote` };
  const failure = was.end.kind !== 'failed' && would.end.kind === 'failed' ? [failedAs(would)] : [];
  const changes = [...compareWays(was, would), ...failure];
  if (would.end.kind !== 'unknown' || was.end.kind === 'unknown') return { changes };
  return { changes, why: `what ${would.end.state} would have found is not on record` };
}

function failedAs({ end }: Rehearsed): Changed {
  if (end.kind !== 'failed') throw new TypeError('it did not fail');
  return { state: end.state, entry: 1, was: null, would: `fails: ${end.error}`, condition: end.cause };
}

/** A decision on record that the rehearsal of the ticket's own version does not come to: a step failed, or a person stepped in. */
function straysFrom({ entries }: PastTicket, was: Rehearsed): string | undefined {
  const rehearsed = new Map(was.decisions.map((one) => [occasionOf(one), one.next]));
  for (const { kind, facts } of entries) {
    if (kind !== 'decided') continue;
    const { state, entry, within, next } = facts;
    const key = occasionOf({
      state: String(state),
      entry: Number(entry),
      ...(typeof within === 'string' ? { within } : {}),
    });
    if (rehearsed.get(key) !== next && !(was.end.kind === 'unknown' && !rehearsed.has(key))) return String(state);
  }
  return undefined;
}

/**
 * What customers write is not ours to read here. In its place stands a text whose length tells it apart: records of decisions say of
 * what is personal no more than that.
 */
const WORDS = 'x'.repeat(9_973);
const READ = `text of ${WORDS.length} characters`;

function readsWords({ inputs, rejected }: Rehearsed['decisions'][number]): boolean {
  return JSON.stringify([inputs, rejected.map(({ actual }) => actual)]).includes(READ);
}

function rehearseFor(ticket: PastTicket, flow: Flow): Promise<Rehearsed> {
  const results = resultsOf(ticket);
  const taken: Record<string, number> = {};
  return rehearse(flow, envelopeOf(ticket), {
    now: Date.parse(ticket.openedAt),
    evaluate: (evaluation, now) => answerEvaluation(evaluation, { now, draw: () => randomBytes(32) }),
    answer({ state, resource }) {
      const module = bindModule(state, resource, MODULES);
      const found = module === undefined ? undefined : results[module];
      if (module === undefined || !found || found.length === 0) return undefined;
      const at = taken[module] ?? 0;
      taken[module] = at + 1;
      return found[Math.min(at, found.length - 1)];
    },
  });
}

function envelopeOf(ticket: PastTicket): Json {
  const { ticketId, customerId, source, channel, platformScore, envelopeTier } = ticket;
  return {
    source,
    'detail-type': 'ticket.created',
    detail: {
      ticketId,
      customerId,
      subject: WORDS,
      message: WORDS,
      ...(channel === null ? {} : { channel }),
      ...(platformScore === null ? {} : { sentimentScore: platformScore }),
      ...(envelopeTier === null ? {} : { customerTier: envelopeTier }),
    },
  };
}

/** By module, what it found each time. */
function resultsOf(ticket: PastTicket): Readonly<Record<string, readonly JsonObject[]>> {
  const of = (...kinds: string[]) => ticket.entries.filter(({ kind }) => kinds.includes(kind));
  return {
    analyzeTicket: of('enriched').map(({ facts }) => analysed(ticket, facts)),
    resolveWithBot: of('answered', 'handedOver').map(({ kind, facts }) => {
      const { why, ...found } = facts;
      if (kind === 'answered') return { answered: true, ...found };
      if (why === 'asked for a person') return { answered: false, reason: 'the customer asked for a person' };
      if (why === 'wrote more') {
        return { answered: false, ...found, reason: 'the customer wrote again before there was an answer' };
      }
      return { answered: false, ...found };
    }),
    // These two find nothing out: what they do goes well, and flows hardly ask who got the ticket.
    escalateToAgent: [{ agentId: null }],
    sendWelcomeEmail: [{ delivered: true }],
    notify: [{ delivered: true, sent: 1, held: 0, suppressed: 0 }],
    askPeople: of('taskEnded').map(({ facts }) => ({ ...facts, timedOut: facts.ending === 'timedOut' })),
  };
}

/** As the module `analyzeTicket` gave it to the flow. */
function analysed(ticket: PastTicket, facts: JsonObject): JsonObject {
  const { priority = null, tier = null, language = null } = facts;
  const [sentiment, customer, status] = [facts.sentiment, facts.customer, ticket.facts.status].map(objectOf);
  const { history } = objectOf(ticket.facts.customer);
  return {
    ticketId: ticket.ticketId,
    customerId: ticket.customerId,
    priority,
    customerTier: tier,
    customerHistory: {
      lastContactAt: null,
      ...objectOf(history),
      isNew: customer?.isNew ?? false,
      ticketsSoFar: customer?.ticketsSoFar ?? 0,
    },
    sentiment: sentiment?.label ?? null,
    sentimentSource: sentiment?.source ?? null,
    language,
    outage: isOutage({
      indicator: (status?.indicator ?? 'unknown') as SystemStatus['indicator'],
      incidents: Array.isArray(status?.incidents) ? status.incidents : [],
    }),
  };
}
