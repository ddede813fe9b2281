import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createStewardClient } from '../../src/client.ts';
import { composeKeys } from '../../src/compose-keys.ts';
import { judge } from '../../src/config.ts';
import { ticketWorkflowId } from '../../src/contract.ts';
import { freePort } from '../../src/embedded/ports.ts';
import { openDatabase } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { startAws } from '../support/stand-ins/aws.ts';
import { startChild } from './child.ts';
import { ENDINGS, sample } from './kinds.ts';
import { standings } from './ledger.ts';
import { mailBy, settingsOn } from './settings.ts';
import { useStage } from './stage.ts';

const stage = useStage();
const KEYS_AT_HAND_MS = 300;

async function scene() {
  const databaseUrl = await stage.newDatabase();
  const stateDir = await mkdtemp(join(stage.dir, 'state-'));
  const taskQueue = new URL(databaseUrl).pathname.slice(1);
  const [aws, port] = await Promise.all([startAws(), freePort()]);
  const settings = { ...settingsOn(stage, { stateDir, databaseUrl, taskQueue, port }), ...mailBy(aws) };
  await migrate(databaseUrl);
  const db = openDatabase({ url: databaseUrl, poolSize: 2 });
  // Who speaks to the tickets has their keys at hand all the while.
  const keys = composeKeys({ config: judge(settings).config, db, makeKek: true, clearText: 'refuse' });
  const connection = await Connection.connect({ address: stage.temporalAddress });
  const temporal = new Client({ connection, dataConverter: keys.dataConverter });
  const child = await startChild(stage.bundle, { ...settings, STEWARD_KEY_CACHE_MS: String(KEYS_AT_HAND_MS) });
  onTestFinished(async () => {
    await stage.resume('postgres');
    await child.kill();
    await keys.ring.close();
    await Promise.all([db.destroy(), aws.stop(), connection.close()]);
    await rm(stateDir, { recursive: true, force: true });
  });
  return { db, aws, child, temporal, client: createStewardClient(temporal, { taskQueue }) };
}
type Scene = Awaited<ReturnType<typeof scene>>;

test('PostgreSQL hanging for longer than the keys are at hand loses nothing: tasks fail, the worker lives, and all goes on', {
  timeout: 180_000,
}, async () => {
  const played = await scene();
  const { db, aws, child, client } = played;
  const [waiting, sending] = [sample('escalated'), sample('escalated')];
  const [waitingId, sendingId] = [waiting, sending].map(({ envelope }) => envelope.detail.ticketId) as [string, string];
  await addCustomers(played, [waiting, sending]);
  await client.submit(waiting.envelope);
  await ends(played, [waiting]);

  // A step is under way, whose outcome can't be written under the ticket's key.
  aws.failNext('timeout', { action: 'SendRawEmail' });
  const mails = asked(aws);
  await client.submit(sending.envelope);
  await vi.waitFor(() => expect(asked(aws)).toBeGreaterThan(mails), { timeout: 20_000, interval: 5 });
  await stage.hang('postgres');
  await sleep(2 * KEYS_AT_HAND_MS);
  await client.tell(waitingId, 'customerReplied', { eventId: 'r1', source: 'test', message: 'Still there?' });
  // The reply can't be read, more than once: the task fails, and is tried again.
  await until(async () => expect(await attempts(played, waitingId), child.said()).toBeGreaterThan(2));
  // For the step as well: its first attempt is given up by Temporal, and the next can't be read.
  await until(async () => expect(await stepAttempts(played, sendingId), child.said()).toBeGreaterThan(2));
  expect(child.endedByItself, child.said()).toBe(false);
  await stage.resume('postgres');

  await until(async () => {
    const said = await db
      .selectFrom('messages')
      .select('body')
      .where('ticket_id', '=', waitingId)
      .orderBy('id')
      .execute();
    expect(said.map(({ body }) => body)).toEqual([waiting.envelope.detail.message, 'Still there?']);
  });
  await ends(played, [sending]);
  expect(child.endedByItself, child.said()).toBe(false);
});

const until = (look: () => Promise<void>) => vi.waitFor(look, { timeout: 60_000, interval: 250 });

const asked = (aws: Scene['aws']) => aws.asked.filter(({ action }) => action === 'SendRawEmail').length;

async function addCustomers({ db }: Scene, samples: readonly ReturnType<typeof sample>[]): Promise<void> {
  const customers = samples.flatMap(({ customer }) => customer ?? []);
  const rows = customers.map((customer) => ({ ...customer, known_from: 'crm' as const, first_ticket_id: null }));
  await db.insertInto('customers').values(rows).execute();
}

async function ends({ db }: Scene, samples: readonly ReturnType<typeof sample>[]): Promise<void> {
  await until(async () => {
    const now = await standings(db);
    for (const { kind, envelope } of samples) expect(now[envelope.detail.ticketId]).toEqual(ENDINGS[kind]);
  });
}

/** Which attempt at its workflow task is under way. */
async function attempts({ temporal }: Scene, ticketId: string): Promise<number> {
  const { raw } = await temporal.workflow.getHandle(ticketWorkflowId(ticketId)).describe();
  return raw.pendingWorkflowTask?.attempt ?? 0;
}

async function stepAttempts({ temporal }: Scene, ticketId: string): Promise<number> {
  const { raw } = await temporal.workflow.getHandle(ticketWorkflowId(ticketId)).describe();
  return Math.max(0, ...(raw.pendingActivities ?? []).map(({ attempt }) => attempt ?? 0));
}
