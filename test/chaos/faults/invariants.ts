import { sql } from 'kysely';
import { createAuditHeads } from '../../../src/adapters/audit-heads.ts';
import { readSlaRules } from '../../../src/adapters/sla-policy.ts';
import { beginSla, type Clock, follow, type SlaRules, strike } from '../../../src/domain/sla.ts';
import { type ClockRow, clockRows } from '../../../src/domain/sla-row.ts';
import { verifyAudit } from '../../../src/store/audit-verify.ts';
import type { DeliveryLine, TimelineLine } from '../../../src/store/read.ts';
import { sentRows, WRITTEN_TWICE } from '../ledger.ts';
import type { Cast } from './acting.ts';
import { healingContradictions } from './healing.ts';
import { strayed } from './replaying.ts';
import type { Scene } from './scene.ts';

/** What must never be, whatever broke: a line for each that is. All has come to rest before. */
export async function contradictions(scene: Scene, cast: Cast): Promise<string[]> {
  const found: string[] = [];
  const rules = await readSlaRules(scene.slaFile, new Date());
  for (const ticketId of cast.kinds.keys()) {
    const timeline = await scene.read.timeline(ticketId);
    const deliveries = await scene.read.deliveries(ticketId);
    const said = [
      ...slaContradictions(rules, timeline, await scene.read.clocks(ticketId)),
      ...pageContradictions(timeline, deliveries),
    ];
    found.push(...said.map((line) => `${ticketId}: ${line}`));
  }
  found.push(...(await strayed(scene, cast)), ...(await stillInLine(scene)));
  found.push(...(await lostWords(scene, cast)), ...(await messageContradictions(scene, cast)), ...(await twice(scene)));
  found.push(...(await summaryContradictions(scene)), ...(await healingContradictions(scene, cast.callsInOutages)));
  const { ok, firstBad } = await verifyAudit(scene.db, createAuditHeads(scene.auditHeads), { unplacedAfterMs: 0 });
  if (!ok) found.push(`the audit log is not whole: ${JSON.stringify(firstBad)}`);
  return found;
}

/** Every ticket is solved: nobody is kept for one that waits no longer. */
async function stillInLine({ db }: Scene): Promise<string[]> {
  const rows = await db.selectFrom('waiting_tickets').select(['ticket_id', 'agent_id']).execute();
  return rows.map((row) => `still in line: ${row.ticket_id}, for ${row.agent_id ?? 'nobody'}`);
}

/** Every warning and breach once, those that the timeline says to whoever reads it from the beginning, and no others. */
function slaContradictions(rules: SlaRules, [first, ...rest]: TimelineLine[], kept: readonly ClockRow[]): string[] {
  if (!first) return ['it has no timeline'];
  const begun = beginSla(rules, first);
  const clocks = new Map<string, Clock>(begun.changed.map((clock) => [clock.id, clock]));
  let { sla } = begun;
  const due: string[] = [];
  const strikeBy = (at: number) => {
    const struck = strike(sla, at);
    sla = struck.sla;
    for (const { kind, clock } of struck.strikes) {
      clocks.set(clock.id, clock);
      due.push(`${kind} ${clock.id}`);
    }
  };
  for (const line of rest) {
    strikeBy(Date.parse(line.at));
    const followed = follow(sla, line);
    for (const clock of followed.changed) clocks.set(clock.id, clock);
    sla = followed.sla;
  }
  strikeBy(Date.now());
  const told = rest.filter(({ kind }) => kind === 'slaWarned' || kind === 'slaBreached');
  const differences = compare(
    'SLA event',
    told.map(({ kind, facts }) => `${kind} ${facts.clock}`),
    due,
  );
  const byId = new Map(clockRows([...clocks.values()], rules).map((row) => [row.id, row]));
  const wrong = kept.filter((row) => JSON.stringify(row) !== JSON.stringify(byId.get(row.id)));
  const missing = [...byId.values()].filter(
    ({ id, status }) => status !== 'noSla' && !kept.some((row) => row.id === id),
  );
  return [
    ...differences,
    ...missing.map((row) => `no clock ${JSON.stringify(row)}`),
    ...wrong.map(
      (row) => `clock ${JSON.stringify(row)} is not what the timeline says: ${JSON.stringify(byId.get(row.id))}`,
    ),
  ];
}

/** Which stand there too often, too seldom, or not at all. */
function compare(what: string, are: readonly string[], should: readonly string[]): string[] {
  return [...new Set([...are, ...should])].flatMap((name) => {
    const [is, wanted] = [are, should].map((all) => all.filter((one) => one === name).length);
    return is === wanted ? [] : [`${what} ${name}: ${is} times, not ${wanted}`];
  });
}

/** What may end an acknowledgement, or the time for which a ticket waits for somebody. */
const BEGIN_ANEW = ['leaseEnded', 'customerReplied', 'agentReplied', 'resolved', 'reopened', 'escalated', 'reassigned'];

/** No call and no page is begun after somebody took the ticket, while they have it. */
function pageContradictions(timeline: readonly TimelineLine[], deliveries: readonly DeliveryLine[]): string[] {
  let taken = false;
  const begun = (occasion: unknown) =>
    /:(trigger|instead)$/.test(String(occasion)) &&
    deliveries.some((one) => one.occasion === occasion && one.attempts > 0);
  return timeline.flatMap(({ kind, seq, facts }) => {
    if (kind === 'claimed') taken = true;
    else if (BEGIN_ANEW.includes(kind)) taken = false;
    else if (taken && (kind === 'called' || kind === 'paged')) return [`${kind} after it was claimed (entry ${seq})`];
    else if (taken && kind === 'delivered' && begun(facts.occasion))
      return [`${facts.occasion} begun after it was claimed`];
    return [];
  });
}

/** What was taken is there once; what was refused is not there; of what nobody answered it is there once at most. */
async function lostWords({ db }: Scene, { said }: Cast): Promise<string[]> {
  const rows = await db.selectFrom('messages').select(['ticket_id', 'body']).execute();
  const { rows: acts } = await sql<{ ticket_id: string; kind: string; actor: string; n: number }>`
    select ticket_id, kind, actor, count(*)::integer as n from timeline
    where kind in ('claimed', 'resolved') group by ticket_id, kind, actor`.execute(db);
  const tickets = new Set((await db.selectFrom('tickets').select('id').execute()).map(({ id }) => id));
  return said.flatMap(({ what, ticketId, text, agentId, outcome, why }) => {
    const name = `${what} of ${ticketId}${text === undefined ? '' : ` "${text}"`}, ${outcome}${why ? ` (${why})` : ''}`;
    if (what === 'submit') return tickets.has(ticketId) ? [] : [`lost: ${name}`];
    if (text === undefined) {
      const kind = what === 'claim' ? 'claimed' : 'resolved';
      const there = acts.some((act) => act.ticket_id === ticketId && act.kind === kind && act.actor === agentId);
      return outcome === 'taken' && !there ? [`lost: ${name}`] : [];
    }
    const times = rows.filter(({ body }) => body === text).length;
    const right = outcome === 'taken' ? times === 1 : outcome === 'refused' ? times === 0 : times <= 1;
    return right ? [] : [`there ${times} times: ${name}`];
  });
}

/** At the providers: what was sent is there, and twice only where the ledger says that an answer was lost. */
async function messageContradictions({ db, aws, slack }: Scene, { retried }: Cast): Promise<string[]> {
  const mailed = aws.mails.map(({ parsed }) => String(parsed.headers.get('x-delivery-id')));
  const posted = slack.messages.map(({ metadata }) => String(metadata?.event_payload.deliveryId));
  const copies = (all: readonly string[], id: string) => all.filter((one) => one === id).length;
  return (await sentRows(db)).flatMap(({ id, transport, status, repeats, ticket_id }) => {
    if (transport === 'pagerduty' || transport === 'outbox') return [];
    const there = copies(transport === 'slack' ? posted : mailed, id);
    const name = `delivery ${id} of ${ticket_id} by ${transport}, ${status} with ${repeats} repeats`;
    if (status === 'queued' || status === 'sending')
      return there > 0 ? [`unsettled, and ${there} times there: ${name}`] : [];
    if (status === 'sent' && there === 0) return [`sent, and not there: ${name}`];
    // Slack is asked first. A mail goes out once more by itself, and once more for each word of the operator's; other tries end unsent.
    const most = transport === 'slack' ? 1 : Math.min(1 + repeats, 2 + (retried.get(ticket_id) ?? 0));
    return there > most ? [`${there} times there: ${name}`] : [];
  });
}

/** Whatever was summarised has been told of: by one message, or more where the ledger says that an answer was lost. */
async function summaryContradictions({ db, aws, slack }: Scene): Promise<string[]> {
  const { rows } = await sql<{
    id: string;
    status: string | null;
    sent_by: string | null;
    repeats: number;
    told: number;
  }>`
    select w.id, w.status, w.sent_by, w.repeats, count(*) filter (where d.status = 'summarised')::integer as told
    from message_windows w join deliveries d on d.window_id = w.id group by w.id`.execute(db);
  return rows.flatMap(({ id, status, sent_by, repeats, told }) => {
    const mailed = aws.mails.filter(({ parsed }) => parsed.headers.get('x-delivery-id') === `summary-${id}`).length;
    const posted = slack.messages.filter(
      ({ metadata }) => metadata?.event_payload.deliveryId === `summary-${id}`,
    ).length;
    const name = `summary ${id} of ${told} messages, ${status} by ${sent_by} with ${repeats} repeats`;
    if (told === 0) return mailed + posted > 0 ? [`of nothing: ${name}`] : [];
    if (status !== 'sent') return [`never told: ${name}`];
    const [there, most] = sent_by === 'slack' ? [posted, 1] : [mailed, 1 + repeats];
    return there === 0 || there > most ? [`${there} times there: ${name}`] : [];
  });
}

async function twice({ db }: Scene): Promise<string[]> {
  const { rows } = await sql<{ said: string }>`
    ${WRITTEN_TWICE}
    union all
    select 'entry twice: ' || ticket_id || ' ' || kind || ' ' || coalesce(facts->>'eventId', '') from timeline
      where kind = 'received' or facts ? 'eventId' group by ticket_id, kind, facts->>'eventId' having count(*) > 1`.execute(
    db,
  );
  return rows.map(({ said }) => said);
}
