import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Payload } from '@temporalio/common';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { readPrivacyPolicy } from '../../src/adapters/privacy-policy.ts';
import { createStewardClient } from '../../src/client.ts';
import { compose } from '../../src/compose.ts';
import { composeErasureDesk } from '../../src/compose-erasure-desk.ts';
import { judge } from '../../src/config.ts';
import { ticketWorkflowId } from '../../src/contract.ts';
import type { TicketEnvelope } from '../../src/domain/envelope.ts';
import { freePort } from '../../src/embedded/ports.ts';
import { newErasureId } from '../../src/erasure-requests.ts';
import { Secret } from '../../src/secret.ts';
import { type Ground, startGatewayHalf, startWorkerHalf } from '../../src/steward.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { connectTemporal } from '../../src/temporal/connect.ts';
import { runOn } from '../cli/support.ts';
import { copyDatabase, dropDatabase, useDatabase } from '../support/database.ts';
import { LINK_SECRET } from '../support/link-secret.ts';
import { findMarks, type Hit, spellings } from '../support/marks.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { envelope, startTestSteward, type TestSteward } from '../support/steward.ts';
import { askByForm, codeOf, ended, hurried, post, routed } from './support.ts';

/*
 * T3: a backup of the database from before an erasure is put in the place of the database. There are two of them: one from before the
 * person asked, and one from while their request waited for its code.
 */

const TAG = Date.now().toString(36);
const EMAIL = `restored.${TAG}@birds.example`;
const NAME = `Robin${TAG}`;
const WORDS = `my nest${TAG} fell`;
const FORM_WORDS = `the eggs${TAG} too`;
const LATE = `one feather${TAG} more`;
const CUSTOMER = `CUST-${TAG}`;
const wanted = spellings([EMAIL, NAME, WORDS, FORM_WORDS, LATE, CUSTOMER]);

const database = useDatabase();
const name = new URL(database.url).pathname.slice(1);
const backups = { before: `${name}_before`, asked: `${name}_asked` };
const providers = useProviders();

const held = {} as {
  dir: string;
  ticketId: string;
  requestId: string;
  statusPage: string;
  payloads: Payload[];
  /** Of the person who came back, which no backup knows. */
  backAgain: string;
};
beforeAll(async () => {
  held.dir = await mkdtemp(join(tmpdir(), 'steward-restored-'));
});
afterAll(async () => {
  for (const backup of Object.values(backups)) await dropDatabase(inject('databaseUrl'), backup);
  await rm(held.dir, { recursive: true, force: true });
});

const settings = () => ({
  ...providers.settings('ses'),
  STEWARD_STATE_DIR: held.dir,
  TEMPORAL_ADDRESS: inject('temporalAddress'),
  STEWARD_TASK_QUEUE: `restored-${TAG}`,
});

test('T3: who is erased stays so: late events are refused, and coming back is not an erasure more', {
  timeout: 120_000,
}, async () => {
  await during(async (steward) => {
    const { detail } = await ticket(steward, { customerId: CUSTOMER, message: WORDS, ticketId: `TKT-${TAG}` });
    held.ticketId = detail.ticketId;
    await outcome(() =>
      expect(providers.aws.mails.some(({ parsed }) => /\/support\/t\//.test(textOf(parsed)))).toBe(true),
    );
    const mail = providers.aws.mails.find(({ parsed }) => /\/support\/t\//.test(textOf(parsed)));
    held.statusPage = /\/support\/t\/[^\s)]+/.exec(textOf(mail?.parsed))?.[0] ?? '';
    held.payloads = await payloadsOf(steward, `ticket-${held.ticketId}`);
    expect(held.payloads.length).toBeGreaterThan(0);
  });
  await copyDatabase(name, backups.before);

  const asked = await during(async (steward) => {
    const request = await askByForm(steward, EMAIL);
    return { ...request, code: await codeOf(providers, request.requestId) };
  });
  held.requestId = asked.requestId;
  await copyDatabase(name, backups.asked);

  await during(async (steward) => {
    // Nobody knew of this one when the backups were made.
    await ticket(steward, { customerId: CUSTOMER, message: FORM_WORDS });
    expect((await post(steward, asked.path, { code: asked.code })).status).toBe(303);
    expect((await ended(steward, asked.requestId)).outcome).toBe('erased');
    expect(await hits(steward.owner)).toEqual([]);
    await refusesLateEvents(steward);

    const back = await ticket(steward, { customerId: `CUST-new-${TAG}`, message: 'I am back' });
    held.backAgain = back.detail.ticketId;
    expect(await steward.composed.forgotten()).toBe(0);
    expect(await steward.composed.reapply(steward.temporal.client)).toEqual([]);
    const customer = await steward.owner
      .selectFrom('customers')
      .selectAll()
      .where('id', '=', back.detail.customerId)
      .executeTakeFirstOrThrow();
    expect(customer).toMatchObject({ email: EMAIL, erased_at: null, frozen_at: null });
  });
});

test('T3: a restored person is erased again by the worker, before the gateway lets anybody in', {
  timeout: 120_000,
}, async () => {
  await copyDatabase(backups.before, name);
  await restored(async (ground, owner) => {
    // It is all there again, and its keys open the history that somebody kept.
    expect(new Set((await hits(owner)).map(({ mark }) => mark))).toContain(EMAIL);
    expect(JSON.stringify(await decoded(ground))).toContain(WORDS);
    await expect(startGatewayHalf(ground, { eagerStart: false })).rejects.toMatchObject({
      code: 'Unavailable',
      message: expect.stringMatching(
        /nothing of 1 erasures.*a backup was restored.*worker first.*npx steward erase --reapply/,
      ),
    });
    // Nothing opens of a ticket whose key the backup does not have. Its tasks fail; the worker must not.
    const client = createStewardClient(ground.temporal.client, { taskQueue: ground.settled.config.taskQueue });
    await client.tell(held.backAgain, 'customerReplied', { eventId: 'e-3', source: 'test', message: LATE });
    const workers = await startWorkerHalf(ground);
    try {
      await taskFailed(ground, held.backAgain);
      await isErasedAgain(ground, owner);
      const gateway = await startGatewayHalf(ground, { eagerStart: false });
      await gateway.close(0);
    } finally {
      await workers.stop();
    }
  });
});

test('T3: a backup that comes in the place of the database while all runs: refused at the door, and erased again', {
  timeout: 120_000,
}, async () => {
  await restored(async (ground, owner) => {
    const gateway = await startGatewayHalf(ground, { eagerStart: false, restoredEveryMs: 50 });
    const door = async () => (await fetch(`${gateway.url}/openapi.json`)).status;
    try {
      expect(await door()).toBe(200);
      await copyDatabase(backups.before, name);
      await outcome(async () => expect(await door()).toBe(503));
      expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
      const page = await fetch(`${gateway.url}/privacy`);
      expect(page.headers.get('content-type')).toContain('text/html');
      expect(await page.text()).toContain('Not available just now');

      await copyDatabase(backups.asked, name);
      // It begins on a database that knows of it all, and is there when that is replaced.
      expect((await ground.composed.reapply(ground.temporal.client)).length).toBe(1);
      const workers = await startWorkerHalf(ground, undefined, 50);
      try {
        await copyDatabase(backups.before, name);
        await outcome(async () => {
          expect(await ground.composed.forgotten()).toBe(0);
          await isErasedAgain(ground, owner);
        });
        await outcome(async () => expect(await door()).toBe(200));
      } finally {
        await workers.stop();
      }
    } finally {
      await gateway.close(0);
    }
  });
});

test('T3: `steward erase --reapply` does it by hand, twice without harm, and the page of a request half-way tells the truth', {
  timeout: 120_000,
}, async () => {
  await copyDatabase(backups.asked, name);
  await restored(async (ground, owner) => {
    const refused = await letterOfRefusal(ground, owner);
    expect(await ground.composed.forgotten()).toBe(1);
    expect(await reapplyByHand(ground)).toMatch(
      new RegExp(`^${held.requestId}: done again, \\d+ rows emptied, [1-9]\\d* keys`),
    );
    await isErasedAgain(ground, owner);
    expect(existsSync(refused)).toBe(false);
    expect(await reapplyByHand(ground)).toBe('This database knows of every erasure in the ledger.\n');
    await isErasedAgain(ground, owner);
  });
  await during(async (steward) => {
    const asked = await steward.app.request(`/v1/erasures/${held.requestId}`, {
      headers: { authorization: `Bearer ${steward.apiKey}` },
    });
    expect(await asked.json()).toMatchObject({ state: 'ended', outcome: 'erased', proved: true });
    const shown = await (await steward.app.request(pathOf(steward))).text();
    expect(shown).toContain('your data is erased');
    expect(shown).not.toContain('nothing was erased');
    await refusesLateEvents(steward);
  });
});

/** What an earlier request of theirs left in the outbox: it erased nothing. */
async function letterOfRefusal({ composed }: Ground, owner: Database): Promise<string> {
  const requestId = newErasureId();
  await owner
    .insertInto('erasures')
    .values({
      id: requestId,
      via: 'form',
      state: 'ended',
      outcome: 'refused',
      sealed: Buffer.alloc(0),
      due_at: new Date(),
      ended_at: new Date(),
    } as never)
    .execute();
  const to = { address: EMAIL, name: NAME };
  const mail = { deliveryId: `${requestId}-outcome`, ticketId: requestId, to, subject: 'x', text: 'x' };
  await composed.deps.outbox.write({ channel: 'mail', mail } as never);
  const file = join(held.dir, 'outbox', `${mail.deliveryId}.eml`);
  expect(existsSync(file)).toBe(true);
  return file;
}

async function refusesLateEvents(steward: TestSteward): Promise<void> {
  const entries = () =>
    steward.owner
      .selectFrom('audit_entries')
      .select(['why', 'after'])
      .where('action', '=', 'event.refused')
      .where('object', '=', `ticket/${held.ticketId}`)
      .execute();
  const written = async () =>
    (
      await sql<{ n: string }>`select (select count(*) from messages) + (select count(*) from events)
        + (select count(*) from held_events) + (select count(*) from timeline) + (select count(*) from ratings) as n`.execute(
        steward.owner,
      )
    ).rows[0]?.n;
  const before = { entries: (await entries()).length, written: await written() };
  const reply = await steward.post({
    source: 'support.platform',
    id: `late-${TAG}`,
    'detail-type': 'ticket.replied',
    detail: { ticketId: held.ticketId, message: LATE, by: 'customer' },
  });
  expect(reply.status).toBe(410);
  const problem = await reply.json();
  expect(problem).toMatchObject({ code: 'SubjectErased' });
  expect(JSON.stringify(problem)).not.toContain(LATE);
  const form = await post(steward, `${held.statusPage}/reply`, { event: 'e-1', message: LATE });
  expect(form.status).toBe(410);
  expect(form.headers.get('content-type')).toContain('text/html');
  expect(await form.text()).not.toContain(LATE);
  expect((await post(steward, `${held.statusPage}/rate`, { event: 'e-2', score: '5' })).status).toBe(410);

  const all = await entries();
  expect(all).toHaveLength(before.entries + 3);
  expect(all.map(({ why }) => why)).toEqual(all.map(() => 'erased'));
  expect(await written()).toBe(before.written);
  expect(findMarks('audit', Buffer.from(JSON.stringify(all)), wanted)).toEqual([]);
}

async function isErasedAgain(ground: Ground, owner: Database): Promise<void> {
  expect(await hits(owner)).toEqual([]);
  expect(new Set(await decoded(ground))).toEqual(new Set(['erased']));
  expect(await ground.composed.forgotten()).toBe(0);
  const request = await owner
    .selectFrom('erasures')
    .selectAll()
    .where('id', '=', held.requestId)
    .executeTakeFirstOrThrow();
  // That the request was made is kept, and makes it no part.
  expect(request).toMatchObject({ outcome: 'erased', decision: { verdict: 'erase' } });
  expect(request.erased_at).not.toBeNull();
  const ticketRow = await owner
    .selectFrom('tickets')
    .selectAll()
    .where('id', '=', held.ticketId)
    .executeTakeFirstOrThrow();
  expect(ticketRow.customer_id).toBe(request.subject_ref);
}

async function taskFailed({ temporal }: Ground, ticketId: string): Promise<void> {
  await outcome(async () => {
    const { events } = await temporal.client.workflow.getHandle(ticketWorkflowId(ticketId)).fetchHistory();
    expect((events ?? []).some((event) => event.workflowTaskFailedEventAttributes)).toBe(true);
  });
}

async function reapplyByHand({ settled, temporal }: Ground): Promise<string> {
  const desk = await composeErasureDesk({
    officerKey: undefined,
    config: settled.config,
    databaseUrl: settled.databaseUrl,
    linkSecret: settled.linkSecret,
    client: createStewardClient(temporal.client, { taskQueue: settled.config.taskQueue }),
    workflowService: temporal.client.workflowService,
  });
  try {
    const { exit, out, err } = await runOn({ erasures: async () => desk }, 'erase', '--reapply');
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    return out;
  } finally {
    await desk.close();
  }
}

async function ticket(steward: TestSteward, detail: Partial<TicketEnvelope['detail']>): Promise<TicketEnvelope> {
  const event = envelope({ customerEmail: EMAIL, customerName: NAME, ...detail });
  expect((await steward.post(event)).status).toBe(202);
  await routed(steward, event.detail.ticketId);
  await outcome(async () => {
    const rows = await steward.owner.selectFrom('deliveries').select('status').execute();
    expect(rows.map(({ status }) => status).filter((status) => status !== 'sent' && status !== 'erased')).toEqual([]);
  });
  return event;
}

function textOf(mail: { readonly text?: string | undefined } | undefined): string {
  return mail?.text ?? '';
}

function pathOf(steward: TestSteward): string {
  const url = steward.composed.deps.erasure.pageOf(held.requestId);
  return new URL(url).pathname;
}

/** A Steward on the same state directory each time, and nobody connected to the database afterwards. */
async function during<T>(act: (steward: TestSteward) => Promise<T>): Promise<T> {
  const steward = await startTestSteward(database.url, { settings, privacy: hurried });
  try {
    return await act(steward);
  } finally {
    await steward.stop();
  }
}

/** Composed as `src/worker.ts` and `src/gateway.ts` do it; nothing of it runs yet. */
async function restored(act: (ground: Ground, owner: Database) => Promise<void>): Promise<void> {
  const { config } = judge({ ...settings(), STEWARD_PORT: String(await freePort()) });
  const settled = {
    config,
    databaseUrl: new Secret(database.url),
    linkSecret: LINK_SECRET,
    privacy: hurried(await readPrivacyPolicy(config.files.privacy)),
    clearText: 'accept' as const,
  };
  const composed = await compose(settled);
  await composed.assertKeys();
  const temporal = await connectTemporal(
    { address: inject('temporalAddress'), namespace: 'default' },
    composed.dataConverter,
  );
  const owner = openDatabase({ url: database.url, poolSize: 1 });
  const log = { info() {}, warn() {}, error() {} };
  try {
    await act({ settled, composed, temporal, log: log as unknown as Ground['log'] }, owner);
  } finally {
    await temporal.connection.close();
    await Promise.all([composed.close(), owner.destroy()]);
  }
}

async function hits(owner: Database): Promise<Hit[]> {
  const { rows } = await sql<{ name: string }>`select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema')`.execute(owner);
  const found: Hit[] = [];
  for (const { name } of rows) {
    const lines = await sql<{ row: string }>`select to_jsonb(x)::text as row from ${sql.raw(name)} x`.execute(owner);
    found.push(...findMarks(name, Buffer.from(lines.rows.map(({ row }) => row).join('\n')), wanted));
  }
  return found;
}

/** What Temporal's backup would hold of this workflow: every payload of its history, as it was written. */
async function payloadsOf(steward: TestSteward, workflowId: string): Promise<Payload[]> {
  const history = await steward.temporal.client.workflow.getHandle(workflowId).fetchHistory();
  const [started] = history.events ?? [];
  return started?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
}

async function decoded({ composed }: Ground): Promise<string[]> {
  const [codec] = composed.dataConverter.payloadCodecs ?? [];
  const payloads = await codec?.decode(held.payloads, {
    type: 'workflow',
    namespace: 'default',
    workflowId: `ticket-${held.ticketId}`,
  });
  return (payloads ?? []).map(({ data }) => Buffer.from(data ?? []).toString());
}
