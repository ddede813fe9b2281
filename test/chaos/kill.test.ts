import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import { sql } from 'kysely';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createAuditHeads } from '../../src/adapters/audit-heads.ts';
import { type TicketView, ticketWorkflowId } from '../../src/contract.ts';
import { verifyAudit } from '../../src/store/audit-verify.ts';
import { ENDINGS, type Sample } from './kinds.ts';
import { contradictions, type SentRow, sentRows, standings } from './ledger.ts';
import { randomFrom } from './random.ts';
import { type Part, type Played, play } from './scenario.ts';
import { useStage } from './stage.ts';

const stage = useStage();
/** Which moments are chosen; CHAOS_SEED chooses them again. */
const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);

interface Row {
  readonly what: string;
  readonly kills: readonly (readonly Part[])[];
  readonly over: 'providers' | 'outbox';
}
const rows: readonly Row[] = [
  { what: 'nothing', kills: [], over: 'providers' },
  { what: 'the worker', kills: [['worker'], ['worker'], ['worker']], over: 'providers' },
  { what: 'Temporal', kills: [['temporal'], ['temporal'], ['temporal']], over: 'outbox' },
  { what: 'PostgreSQL', kills: [['postgres'], ['postgres'], ['postgres']], over: 'providers' },
  {
    what: 'one after another, then all at once,',
    kills: [['postgres'], ['temporal'], ['worker'], ['worker', 'temporal', 'postgres']],
    over: 'providers',
  },
];

test.each(rows)(
  'every ticket ends as it would have, and nothing goes out twice, when $what is killed',
  { timeout: 120_000 },
  async ({ kills, over }) => {
    const connection = await Connection.connect({ address: stage.temporalAddress });
    onTestFinished(() => connection.close());
    const played = await play(stage, { kills, over, random: randomFrom(SEED), connection, signal });
    const { temporal } = played;
    console.log(`seed ${SEED}: ${played.kills.join('; ')}; answers ${JSON.stringify(played.answers)}`);
    await allEnded(played);
    await atRest(played, temporal);
    // Nothing was under way any more, so this is how it stays.
    const { are, should } = await undisturbed(played);
    expect(are).toEqual(should);
    expect(await contradictions(played.db, await disturbedIds(played))).toEqual([]);
    const killsWorker = kills.some((parts) => parts.includes('worker') && !parts.includes('temporal'));
    expect(played.samples.some(isDisturbed)).toBe(killsWorker);
    for (const followed of played.samples.filter(isDisturbed)) await oneMind(followed, played, temporal);
    await oneWorkflowEach(played, temporal);
    await auditedWhole(played);
    expect(played.child().endedByItself, played.child().said()).toBe(false);
    // 503: something was away. Whatever else the gateway said would have been its own fault.
    expect(Object.keys(played.answers).filter((status) => !['200', '202', '503'].includes(status))).toEqual([]);
    if (over === 'outbox') await oneFileEach(played);
    else await nothingTwice(played);
  },
);

const isDisturbed = ({ followUps }: Sample) => followUps.length > 0;
/** How these end is a matter of timing: their workflow heard something meanwhile, or two kills met the same mail. */
async function disturbedIds({ samples, db }: Played): Promise<string[]> {
  const lostTwice = (await sentRows(db)).filter(isLostTwice).map(({ ticket_id }) => ticket_id);
  return [...samples.filter(isDisturbed).map(({ envelope }) => envelope.detail.ticketId), ...lostTwice];
}
/** Mail is repeated once at most, then it is for a person to decide. */
const isLostTwice = ({ repeats, status }: SentRow) => repeats === 2 && status === 'unknown';

/** How the tickets stand that nothing disturbed, and how they should. */
async function undisturbed(played: Played) {
  const disturbed = await disturbedIds(played);
  const isLeft = ([id]: readonly [string, unknown]) => !disturbed.includes(id);
  const are = Object.entries(await standings(played.db));
  const should = played.samples.map(({ kind, envelope }) => [envelope.detail.ticketId, ENDINGS[kind]] as const);
  return { are: Object.fromEntries(are.filter(isLeft)), should: Object.fromEntries(should.filter(isLeft)) };
}

/** The ticket's workflow exists, and has heard it; the gateway died with the worker. */
async function signal(temporal: Client, ticketId: string, name: string, args: object): Promise<boolean> {
  try {
    await temporal.workflow.getHandle(ticketWorkflowId(ticketId)).signal(name, { source: 'test', ...args });
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** What the workflow believes is what the database says, and what came in between is there once. */
async function oneMind({ envelope, followUps }: Sample, { db }: Played, temporal: Client): Promise<void> {
  const { ticketId } = envelope.detail;
  const view = await temporal.workflow.getHandle(ticketWorkflowId(ticketId)).query<TicketView>('ticket');
  const row = await db
    .selectFrom('tickets')
    .select(['state', 'route', 'priority', 'tier', 'assignee_id as assigneeId', 'episode'])
    .where('id', '=', ticketId)
    .executeTakeFirstOrThrow();
  expect(view).toMatchObject(row);
  const { rows: timeline } = await sql<{ kind: string; times: number; event: string | null }>`
    select kind, count(*)::integer as times, facts->>'eventId' as event from timeline where ticket_id = ${ticketId}
    group by kind, facts->>'eventId'`.execute(db);
  for (const name of followUps) {
    expect(timeline).toContainEqual({ kind: name, times: 1, event: `${ticketId}-${name}` });
  }
  if (followUps.includes('resolved')) expect(row.state).toBe('solved');
  const replies = await db
    .selectFrom('messages')
    .select('id')
    .where('ticket_id', '=', ticketId)
    .where('body', '=', 'Still there?')
    .execute();
  expect(replies).toHaveLength(1);
}

async function allEnded(played: Played): Promise<void> {
  const look = async () => {
    const { are, should } = await undisturbed(played);
    expect(are).toEqual(should);
  };
  await vi.waitFor(look, { timeout: 60_000, interval: 200 });
}

/** No step and no workflow task is under way: nothing will be sent any more. */
async function atRest({ samples }: Played, temporal: Client): Promise<void> {
  for (const { envelope } of samples) {
    const handle = temporal.workflow.getHandle(ticketWorkflowId(envelope.detail.ticketId));
    const look = async () => {
      const { raw } = await handle.describe();
      expect([raw.pendingActivities?.length ?? 0, raw.pendingWorkflowTask ?? null]).toEqual([0, null]);
    };
    await vi.waitFor(look, { timeout: 40_000, interval: 200 });
  }
}

/** One execution a ticket, the one that took its id, still running, and no workflow task failed for a reason of ours. */
async function oneWorkflowEach({ samples, db, taskQueue }: Played, temporal: Client): Promise<void> {
  const owners = await db.selectFrom('tickets').select(['id', 'run_id']).execute();
  const runs = owners.map(({ id, run_id }) => `${ticketWorkflowId(id)} ${run_id} RUNNING`).sort();
  const query = `TaskQueue = '${taskQueue}'`;
  const look = async () => {
    const found: string[] = [];
    for await (const { workflowId, runId, status } of temporal.workflow.list({ query })) {
      found.push(`${workflowId} ${runId} ${status.name}`);
    }
    expect(found.sort()).toEqual(runs);
  };
  await vi.waitFor(look, { timeout: 20_000, interval: 200 });
  for (const { envelope } of samples) {
    const { events } = await temporal.workflow.getHandle(ticketWorkflowId(envelope.detail.ticketId)).fetchHistory();
    const failed = (events ?? []).flatMap((event) => event.workflowTaskFailedEventAttributes ?? []);
    expect(failed.map(({ cause, failure }) => [cause, failure?.message])).toEqual([]);
  }
}

/** The log passes against the heads that were kept through it all, and its last word on each ticket and message is how they stand. */
async function auditedWhole({ db, outbox }: Played): Promise<void> {
  const heads = createAuditHeads(join(dirname(outbox), 'audit-heads.jsonl'));
  expect(await verifyAudit(db, heads, { unplacedAfterMs: 0 })).toMatchObject({ ok: true });
  expect((await heads.read()).heads).not.toEqual([]);
  const { rows } = await sql`
    select 'ticket/' || t.id as object, t.revision::text as is, a.last as logged from tickets t left join lateral (
      select (array_agg(after->>'revision' order by id desc))[1] as last
      from audit_entries where object = 'ticket/' || t.id and after ? 'revision') a on true
    where t.revision::text is distinct from a.last
    union all
    select 'delivery/' || d.id, d.status || ' after ' || d.attempts, a.last from deliveries d left join lateral (
      select (array_agg(after->>'status' order by id desc))[1] || ' after ' || max(coalesce((after->>'attempt')::integer, 0)) as last
      from audit_entries where object = 'delivery/' || d.id) a on true
    where d.status || ' after ' || d.attempts is distinct from a.last`.execute(db);
  expect(rows).toEqual([]);
}

async function oneFileEach({ db, outbox }: Played): Promise<void> {
  const files = (await readdir(outbox)).filter((name) => name.endsWith('.eml') && !name.startsWith('.'));
  const ids = (await sentRows(db)).map(({ id }) => `${id}.eml`);
  expect(files.sort()).toEqual(ids.sort());
}

/**
 * At the providers: each Slack message once; each mail once, and once more only where the ledger says that an answer was lost. What a
 * ticket no longer needed was not sent.
 */
async function nothingTwice(played: Played): Promise<void> {
  const { db, slack, aws } = played;
  const deliveries = await sentRows(db);
  const disturbed = await disturbedIds(played);
  const lostTwice = deliveries.filter(isLostTwice);
  const unsent = deliveries.filter(({ status }) => status !== 'sent');
  expect(unsent.filter(({ ticket_id }) => !disturbed.includes(ticket_id))).toEqual([]);
  const known = unsent.filter((delivery) => !isLostTwice(delivery));
  expect(known.filter(({ status }) => !['queued', 'suppressed', 'failed'].includes(status))).toEqual([]);
  expect(lostTwice.filter(({ transport }) => transport !== 'ses')).toEqual([]);
  await withAPerson(played, lostTwice);
  const sent = (transport: string) =>
    deliveries.filter((delivery) => delivery.transport === transport && delivery.status === 'sent');
  const posted = slack.messages.map(({ metadata }) => String(metadata?.event_payload.deliveryId));
  expect(posted.sort()).toEqual(
    sent('slack')
      .map(({ id }) => id)
      .sort(),
  );

  const mailed = aws.mails.map(({ parsed }) => String(parsed.headers.get('x-delivery-id')));
  const copies = (id: string) => mailed.filter((other) => other === id).length;
  const mails = sent('ses');
  const uncertain = new Set(lostTwice.map(({ id }) => id));
  expect([...new Set(mailed)].filter((id) => !uncertain.has(id)).sort()).toEqual(mails.map(({ id }) => id).sort());
  expect(mails.filter(({ id, repeats }) => repeats > 1 || copies(id) > 1 + repeats)).toEqual([]);
  expect(lostTwice.filter(({ id }) => copies(id) > 2)).toEqual([]);
  const twice = mailed.length - new Set(mailed).size;
  console.log(
    `sent: ${posted.length} to Slack, ${mailed.length} mails, ${twice} of them copies; ${uncertain.size} unknown`,
  );
}

/** Nobody knows whether their mail arrived: the ticket is solved, or a person has it or is called to it. */
async function withAPerson({ db }: Played, lostTwice: readonly SentRow[]): Promise<void> {
  const tickets = await standings(db);
  const alone = lostTwice.filter(({ ticket_id }) => {
    const ticket = tickets[ticket_id];
    return !(ticket?.needsAttention || ticket?.route === 'agent' || ticket?.state === 'solved');
  });
  expect(alone).toEqual([]);
}
