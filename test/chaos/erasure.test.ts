import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { sql } from 'kysely';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createErasureLedger } from '../../src/adapters/erasure-files.ts';
import { readPrivacyPolicy } from '../../src/adapters/privacy-policy.ts';
import { createStewardClient } from '../../src/client.ts';
import { composeErasureRequests } from '../../src/compose-erasure.ts';
import { composeKeys } from '../../src/compose-keys.ts';
import { judge } from '../../src/config.ts';
import { erasureWorkflowId } from '../../src/contract.ts';
import { freePort } from '../../src/embedded/ports.ts';
import { newErasureId } from '../../src/erasure-requests.ts';
import { openDatabase } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { startAws } from '../support/stand-ins/aws.ts';
import { type Child, startChild } from './child.ts';
import { LINK_SECRET, mailBy, settingsOn } from './settings.ts';
import { type Server, useStage } from './stage.ts';

const stage = useStage();

/** T4: a crash in the midst of an erasure. */
async function scene() {
  const databaseUrl = await stage.newDatabase();
  const stateDir = await mkdtemp(join(stage.dir, 'state-'));
  const taskQueue = new URL(databaseUrl).pathname.slice(1);
  const [aws, port] = await Promise.all([startAws(), freePort()]);
  const settings = { ...settingsOn(stage, { stateDir, databaseUrl, taskQueue, port }), ...mailBy(aws) };
  const { config } = judge(settings);
  await migrate(databaseUrl);
  const db = openDatabase({ url: databaseUrl, poolSize: 4 });
  const keys = composeKeys({ config, db, makeKek: true, clearText: 'refuse' });
  const connection = await Connection.connect({ address: stage.temporalAddress });
  const temporal = new Client({ connection, dataConverter: keys.dataConverter });
  const requests = composeErasureRequests(
    { db, keys: keys.ring, policy: await readPrivacyPolicy(config.files.privacy), linkSecret: LINK_SECRET },
    createStewardClient(temporal, { taskQueue }),
    undefined,
  );
  const held: { child?: Child } = {};
  const plan = join(stateDir, 'plan.json');
  const start = async (holds: object) => {
    await writeFile(plan, JSON.stringify(holds));
    held.child = await startChild(stage.bundle, settings, 'erasure-process.ts', plan);
    return held.child;
  };
  onTestFinished(async () => {
    await held.child?.kill();
    await keys.ring.close();
    await Promise.all([db.destroy(), aws.stop(), connection.close()]);
    await rm(stateDir, { recursive: true, force: true });
  });

  const persons: { requestId: string; customerId: string; email: string }[] = [];
  const entered = new Set<string>();
  return {
    db,
    aws,
    persons,
    start,
    temporal,
    ledger: createErasureLedger(config.erasure.ledger),
    /** A person with a closed ticket of many words, who asks to be forgotten. */
    async person() {
      const n = persons.length;
      const customerId = `CUST-${taskQueue}-${n}`;
      const email = `person${n}.${taskQueue}@customer.example`;
      await sql`insert into customers (id, name, email, phone, tier, known_from)
        values (${customerId}, 'Ada Lovelace', ${email}, '+49 30 1234567', 'standard', 'crm')`.execute(db);
      const ticketId = `TKT-${taskQueue}-${n}`;
      await sql`insert into tickets (id, source, customer_id, run_id, flow, state, route, revision, opened_at, updated_at)
        values (${ticketId}, 'test', ${customerId}, 'run', 'flow', 'closed', 'agent', 1, now(), now())`.execute(db);
      await sql`insert into messages (ticket_id, origin, author, author_id, subject, body, at)
        values (${ticketId}, 'first', 'customer', ${customerId}, 'Hello', ${`I am ${email}`}, now())`.execute(db);
      await keys.ring.seal(`ticket-${ticketId}`, 'words');
      const person = { requestId: newErasureId(), customerId, email };
      persons.push(person);
      await requests.ask({ requestId: person.requestId, asked: { email }, via: 'api' });
      return person;
    },
    /** Whoever has a mail with a code enters it. */
    async enterCodes() {
      for (const { requestId } of persons) {
        if (entered.has(requestId)) continue;
        const mails = aws.mails.filter(({ raw }) => raw.includes(`X-Delivery-ID: ${requestId}-code`));
        const code = /^(\d{4} \d{4})$/m.exec(mails.at(-1)?.parsed.text ?? '')?.[1];
        if (code !== undefined && (await requests.enterCode(requestId, code)) === 'proved') entered.add(requestId);
      }
    },
  };
}
type Scene = Awaited<ReturnType<typeof scene>>;

async function allErased({ db, persons, enterCodes }: Scene): Promise<void> {
  const look = async () => {
    await enterCodes();
    const { rows } = await sql<{ state: string; n: number }>`
      select state, count(*)::integer as n from erasures group by state`.execute(db);
    expect(rows).toEqual([{ state: 'ended', n: persons.length }]);
  };
  await vi.waitFor(look, { timeout: 200_000, interval: 250 });
}

/** How it is when nothing was killed. */
async function asUndisturbed({ db, aws, persons, temporal, ledger }: Scene): Promise<void> {
  const ids = persons.map(({ requestId }) => requestId);
  const { rows: outcomes } =
    await sql`select outcome, count(*)::integer as n, bool_and(erased_at is not null) as erased,
      bool_and(particulars is null and sealed = '' and code_digest is null) as blank from erasures group by outcome`.execute(
      db,
    );
  expect(outcomes).toEqual([{ outcome: 'erased', n: persons.length, erased: true, blank: true }]);
  const { rows: logged } = await sql<{
    object: string;
  }>`select object from audit_entries where action = 'erasure.ended'`.execute(db);
  expect(logged.map(({ object }) => object).sort()).toEqual(ids.map((id) => `erasure/${id}`).sort());
  // The same receipts for each, one for each step.
  const { rows: steps } =
    await sql`select distinct array_agg(step order by step) as steps from erasure_steps group by erasure_id`.execute(
      db,
    );
  expect(steps).toHaveLength(1);
  const { rows: left } = await sql`select 1 from customers where erased_at is null
    union all select 1 from messages where body <> '[erased]' or subject <> '[erased]'
    union all select 1 from data_keys where wrapped is not null and name like any (array['ticket-%', 'erasure-%'])`.execute(
    db,
  );
  expect(left).toEqual([]);
  const { rows: masked } =
    await sql`select count(*)::integer as n, count(distinct id)::integer as refs from customers`.execute(db);
  expect(masked).toEqual([{ n: persons.length, refs: persons.length }]);
  expect((await ledger.read()).map(({ requestId }) => requestId).sort()).toEqual([...ids].sort());
  const outcomeMails = aws.mails.flatMap(({ raw }) => /X-Delivery-ID: (ERA-[0-9a-f]{16})-outcome/.exec(raw)?.[1] ?? []);
  expect(outcomeMails.sort()).toEqual([...ids].sort());
  for (const id of ids) {
    // Its last step writes the end down; the workflow itself ends a moment later.
    await vi.waitFor(
      async () => {
        const described = await temporal.workflow.getHandle(erasureWorkflowId(id)).describe();
        expect(described.status.name).toBe('COMPLETED');
      },
      { timeout: 30_000, interval: 100 },
    );
  }
}

test('T4: a SIGKILL before and after every step: the same end, one erasure, one answer, nothing stuck', {
  timeout: 480_000,
}, async () => {
  const played = await scene();
  const first = await played.start({});
  const { requestId } = await played.person();
  await allErased(played);
  const id = erasureWorkflowId(requestId);
  const steps = first.wrote.filter((line) => line.startsWith(`did ${id} `)).map((line) => line.split(' ')[2] ?? '');
  // A new step is killed too.
  expect(steps.length).toBeGreaterThan(25);
  await first.kill();

  const points = steps.flatMap((step, i) => (['before', 'after'] as const).map((when) => ({ nth: i + 1, when, step })));
  const holds: Record<string, object> = {};
  const wanted: string[] = [];
  for (const { nth, when, step } of points) {
    const workflowId = erasureWorkflowId((await played.person()).requestId);
    holds[workflowId] = { nth, when };
    wanted.push(`held ${workflowId} ${when} ${step}`);
  }
  // Each is held at a point of its own, and then one kill meets them all.
  const second = await played.start(holds);
  await vi.waitFor(
    async () => {
      await played.enterCodes();
      expect(wanted.filter((line) => !second.wrote.includes(line))).toEqual([]);
    },
    { timeout: 100_000, interval: 250 },
  );
  await second.kill();
  const third = await played.start({});
  await allErased(played);
  await asUndisturbed(played);
  expect(third.endedByItself, third.said()).toBe(false);
});

test.each<Server>(['temporal', 'postgres'])(
  'T4: %s killed in the midst of erasures: the same end',
  {
    timeout: 300_000,
  },
  async (server) => {
    const played = await scene();
    const child = await played.start({});
    for (let i = 0; i < 6; i++) await played.person();
    await vi.waitFor(
      async () => {
        await played.enterCodes();
        expect(child.wrote.filter((line) => line.includes('emptyStore')).length).toBeGreaterThan(2);
      },
      { timeout: 30_000, interval: 20 },
    );
    await stage.kill(server);
    await stage.start(server);
    await allErased(played);
    await asUndisturbed(played);
    expect(child.endedByItself, child.said()).toBe(false);
  },
);
