import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { sql } from 'kysely';
import { expect, onTestFinished, vi } from 'vitest';
import { createErasureLedger, createFingerprintFiles } from '../../src/adapters/erasure-files.ts';
import { readPrivacyPolicy } from '../../src/adapters/privacy-policy.ts';
import { createStewardClient } from '../../src/client.ts';
import { composeErasureRequests } from '../../src/compose-erasure.ts';
import { composeKeys } from '../../src/compose-keys.ts';
import { judge } from '../../src/config.ts';
import { erasureWorkflowId } from '../../src/contract.ts';
import type { PrivacyPolicy } from '../../src/domain/privacy-policy.ts';
import { freePort } from '../../src/embedded/ports.ts';
import { type ErasureWish, newErasureId } from '../../src/erasure-requests.ts';
import { openDatabase } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { patient } from '../../src/temporal/patience.ts';
import { startAws } from '../support/stand-ins/aws.ts';
import { startReceiver } from '../support/stand-ins/receiver.ts';
import { startSlack } from '../support/stand-ins/slack.ts';
import { type Child, startChild } from './child.ts';
import { addPerson, type Belongings, EVERYTHING, type Owner, policyWithReceiver } from './erasure-person.ts';
import { LINK_SECRET, mailBy, settingsOn, slackBy } from './settings.ts';
import type { Stage } from './stage.ts';

/** Whoever asks to be forgotten, with their request. */
export interface Asker extends Owner {
  readonly requestId: string;
}

const RECEIVER_SECRET = `whsec_${Buffer.from('a secret of 24 bytes or so').toString('base64')}`;
/** A call to Temporal that is lost must not hold up all who wait behind it. */
const PATIENCE_MS = 20_000;
/** Mail to a person that a file in the outbox may be: of their ticket. */
const TICKETS_MAIL = /^\d+\.eml$/;

export type ErasureScene = Awaited<ReturnType<typeof erasureScene>>;

export interface SceneRules {
  /** A change to the text of policies/privacy.yaml. */
  readonly policy?: (text: string) => string;
  /** What the process takes instead of what stands under `erasure` there: the file knows no parts of an hour or a day. */
  readonly hurry?: Partial<PrivacyPolicy['erasure']>;
}
/** Who stands in for the person; nobody: a code is mailed. */
type Word = Pick<ErasureWish, 'by' | 'vouches'>;

/** T4's stage: a Steward that may be killed, people who ask to be forgotten, and whoever was given their data. */
export async function erasureScene(stage: Stage, rules: SceneRules = {}) {
  const databaseUrl = await stage.newDatabase();
  const stateDir = await mkdtemp(join(stage.dir, 'state-'));
  const taskQueue = new URL(databaseUrl).pathname.slice(1);
  const [aws, slack, receiver, port] = await Promise.all([
    startAws(),
    startSlack(),
    startReceiver(RECEIVER_SECRET),
    freePort(),
  ]);
  const settings = {
    ...settingsOn(stage, { stateDir, databaseUrl, taskQueue, port }),
    ...mailBy(aws),
    ...slackBy(slack),
    STEWARD_PRIVACY: await policyWithReceiver(stateDir, receiver.url, 'BILLING_ERASURE_SECRET', rules.policy),
    BILLING_ERASURE_SECRET: RECEIVER_SECRET,
  };
  const { config } = judge(settings);
  await migrate(databaseUrl);
  const db = openDatabase({ url: databaseUrl, poolSize: 4 });
  const keys = composeKeys({ config, db, makeKek: true, clearText: 'refuse' });
  const connection = await Connection.connect({ address: stage.temporalAddress });
  const temporal = new Client({ connection, dataConverter: keys.dataConverter });
  const outbox = join(stateDir, 'outbox');
  const client = patient(createStewardClient(temporal, { taskQueue }), temporal, PATIENCE_MS);
  const requests = composeErasureRequests(
    { db, keys: keys.ring, policy: await readPrivacyPolicy(config.files.privacy), linkSecret: LINK_SECRET },
    client,
    undefined,
  );
  const held: { child?: Child } = {};
  const plan = join(stateDir, 'plan.json');
  const start = async (holds: object) => {
    await writeFile(plan, JSON.stringify(holds));
    held.child = await startChild(
      stage.bundle,
      settings,
      'erasure-process.ts',
      plan,
      JSON.stringify(rules.hurry ?? {}),
    );
    return held.child;
  };
  const end = once(async () => {
    await held.child?.kill();
    await keys.ring.close();
    await Promise.all([db.destroy(), aws.stop(), slack.stop(), receiver.stop(), connection.close()]);
    await rm(stateDir, { recursive: true, force: true });
  });
  onTestFinished(end);

  const persons: Asker[] = [];
  let people = 0;
  const entered = new Set<string>();
  return {
    db,
    aws,
    slack,
    receiver,
    outbox,
    persons,
    client,
    taskQueue,
    start,
    /** For who plays more than one; else it comes with the end of the test. */
    end,
    temporal,
    ledger: createErasureLedger(config.erasure.ledger),
    fingerprints: createFingerprintFiles(config.erasure.fingerprints),
    /** Somebody whom we know. */
    async known(has: Belongings = EVERYTHING): Promise<Owner> {
      people += 1;
      const customerId = `CUST-${taskQueue}-${people}`;
      const email = `person${people}.${taskQueue}@customer.example`;
      await addPerson({ db, ring: keys.ring, temporal, slack, outbox }, { customerId, email }, has);
      return { customerId, email };
    },
    /** They ask to be forgotten, or somebody asks for them. */
    async ask(owner: Owner, word: Word = {}, requestId = newErasureId()): Promise<Asker> {
      const asker = { ...owner, requestId };
      persons.push(asker);
      await requests.ask({ requestId: asker.requestId, asked: { email: owner.email }, via: 'api', ...word });
      return asker;
    },
    /** Somebody who asks to be forgotten. */
    async person(has: Belongings = EVERYTHING): Promise<Asker> {
      return this.ask(await this.known(has));
    },
    /** Whoever has a mail with a code enters it. */
    async enterCodes() {
      const enter = async (requestId: string) => {
        const mails = aws.mails.filter(({ raw }) => raw.includes(`X-Delivery-ID: ${requestId}-code`));
        const code = /^(\d{4} \d{4})$/m.exec(mails.at(-1)?.parsed.text ?? '')?.[1];
        if (code !== undefined && (await requests.enterCode(requestId, code)) === 'proved') entered.add(requestId);
      };
      const open = persons.filter(({ requestId }) => !entered.has(requestId));
      await Promise.all(open.map(({ requestId }) => enter(requestId)));
    },
  };
}

function once(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= act();
    return done;
  };
}

export async function allErased({ db, persons, enterCodes }: ErasureScene): Promise<void> {
  const look = async () => {
    await enterCodes();
    const { rows } = await sql<{ state: string; n: number }>`
      select state, count(*)::integer as n from erasures group by state`.execute(db);
    expect(rows).toEqual([{ state: 'ended', n: persons.length }]);
  };
  await vi.waitFor(look, { timeout: 200_000, interval: 250 });
}

/**
 * How it is when nothing was killed. `mayBeOpen`: requests that were killed more than once while a recipient was told, who may count as
 * silent by then, and is shown to people.
 */
export async function asUndisturbed(scene: ErasureScene, mayBeOpen: ReadonlySet<string> = new Set()): Promise<void> {
  const open = await openRecipients(scene);
  expect(open.filter(({ requestId }) => !mayBeOpen.has(requestId))).toEqual([]);
  await onceEach(scene, open);
  await nothingLeft(scene, open);
  for (const { requestId } of scene.persons) {
    // Its last step writes the end down; the workflow itself ends a moment later.
    await vi.waitFor(
      async () => {
        const described = await scene.temporal.workflow.getHandle(erasureWorkflowId(requestId)).describe();
        expect(described.status.name).toBe('COMPLETED');
      },
      { timeout: 30_000, interval: 100 },
    );
  }
}

/** One erasure, one entry of its end, one line of the ledger, one answer to the person, one notice to each recipient. */
async function onceEach({ db, aws, persons, ledger, receiver }: ErasureScene, open: readonly Open[]): Promise<void> {
  const ids = persons.map(({ requestId }) => requestId).sort();
  const { rows: outcomes } =
    await sql`select outcome, count(*)::integer as n, bool_and(erased_at is not null) as erased,
      bool_and(particulars is null and sealed = '' and code_digest is null) as blank from erasures group by outcome`.execute(
      db,
    );
  expect(outcomes).toEqual([{ outcome: 'erased', n: persons.length, erased: true, blank: true }]);
  const { rows: logged } = await sql<{
    object: string;
  }>`select object from audit_entries where action = 'erasure.ended'`.execute(db);
  expect(logged.map(({ object }) => object).sort()).toEqual(ids.map((id) => `erasure/${id}`));
  // The same receipts for each, one for each step.
  const { rows: steps } =
    await sql`select distinct array_agg(step order by step) as steps from erasure_steps group by erasure_id`.execute(
      db,
    );
  expect(steps).toHaveLength(1);
  expect((await ledger.read()).map(({ requestId }) => requestId).sort()).toEqual(ids);
  const outcomeMails = aws.mails.flatMap(({ raw }) => /X-Delivery-ID: (ERA-[0-9a-f]{16})-outcome/.exec(raw)?.[1] ?? []);
  expect(outcomeMails.sort()).toEqual(ids);
  const silent = open.filter(({ recipient }) => recipient === 'Billing').map(({ requestId }) => requestId);
  const told = ids.filter((id) => !silent.includes(id)).map((id) => `${id}-Billing`);
  expect([...receiver.told.keys()]).toEqual(expect.arrayContaining(told));
  expect(receiver.told.size).toBeLessThanOrEqual(ids.length);
}

interface Open {
  readonly requestId: string;
  readonly recipient: string;
}

async function openRecipients({ db }: ErasureScene): Promise<Open[]> {
  return db
    .selectFrom('erasure_recipients')
    .select(['erasure_id as requestId', 'recipient'])
    .where('status', '=', 'open')
    .execute();
}

async function nothingLeft(
  { db, persons, slack, outbox, temporal }: ErasureScene,
  open: readonly Open[],
): Promise<void> {
  const { rows: left } = await sql`select 1 from customers where erased_at is null
    union all select 1 from messages where body <> '[erased]' or subject <> '[erased]'
    union all select 1 from deliveries where provider_message_id is not null
    union all select 1 from data_keys where wrapped is not null and name like any (array['ticket-%', 'erasure-%'])`.execute(
    db,
  );
  expect(left).toEqual([]);
  const { rows: masked } =
    await sql`select count(*)::integer as n, count(distinct id)::integer as refs from customers`.execute(db);
  expect(masked).toEqual([{ n: persons.length, refs: persons.length }]);
  const notTold = persons.filter(({ requestId }) =>
    open.some((one) => one.requestId === requestId && one.recipient === 'Slack'),
  );
  expect(slack.messages.filter(({ text }) => !notTold.some(({ email }) => text.startsWith(email)))).toEqual([]);
  const files = await readdir(outbox).catch(() => []);
  expect(files.filter((file) => TICKETS_MAIL.test(file))).toEqual([]);
  const histories: string[] = [];
  for await (const { workflowId } of temporal.workflow.list({ query: "TaskQueue = 'nobody'" }))
    histories.push(workflowId);
  const { rows: tickets } = await sql<{ id: string }>`select 'ticket-' || id as id from tickets`.execute(db);
  expect(histories.filter((id) => tickets.some((ticket) => ticket.id === id))).toEqual([]);
}
