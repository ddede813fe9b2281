import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { createStewardClient } from '../../src/client.ts';
import { composeErasureDesk } from '../../src/compose-erasure-desk.ts';
import { composeKeys } from '../../src/compose-keys.ts';
import { judge } from '../../src/config.ts';
import { ticketWorkflowId } from '../../src/contract.ts';
import { taskWorkflowId } from '../../src/contract-tasks.ts';
import type { TicketEnvelope } from '../../src/domain/envelope.ts';
import { Secret } from '../../src/secret.ts';
import { openDatabase } from '../../src/store/database.ts';
import { connectTemporal, type Temporal } from '../../src/temporal/connect.ts';
import { runOn } from '../cli/support.ts';
import { copyDatabase, dropDatabase, useDatabase } from '../support/database.ts';
import { flowBySubject } from '../support/flow.ts';
import { LINK_SECRET } from '../support/link-secret.ts';
import { outcome } from '../support/outcome.ts';
import { type OwnTemporal, startOwnTemporal } from '../support/own-servers.ts';
import { useProviders } from '../support/providers.ts';
import { envelope, startTestSteward, type TestSteward } from '../support/steward.ts';
import { askByForm, codeOf, ended, hurried, post, routed } from './support.ts';

/*
 * T3: backups of both databases, ours and Temporal's, come back from before an erasure, with all that ran then: a ticket that waits for what
 * people decide, and one that somebody started by the bare `temporal` program, in clear text and twice.
 */

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

const TAG = Date.now().toString(36);
const EMAIL = `both.${TAG}@birds.example`;
const WORDS = `the nest${TAG} fell`;
const CUSTOMER = `CUST-${TAG}`;
const QUEUE = `both-${TAG}`;
/** A deletion waits for the acknowledgement of the workflow's end, which the server gives every 30 s otherwise. */
const QUICK = ['history.transferProcessorUpdateAckInterval="1s"'];

const database = useDatabase();
const name = new URL(database.url).pathname.slice(1);
const backup = `${name}_both`;
const providers = useProviders();
const held = {} as { dir: string; temporal: OwnTemporal };
const temporalDir = () => join(held.dir, 'temporal');
const temporalBackup = () => join(held.dir, 'temporal-backup');

beforeAll(async () => {
  held.dir = await mkdtemp(join(tmpdir(), 'steward-both-'));
  held.temporal = await startOwnTemporal(temporalDir(), QUICK);
});
afterAll(async () => {
  await held.temporal.current.stop();
  await dropDatabase(inject('databaseUrl'), backup);
  await rm(held.dir, { recursive: true, force: true });
});

const settings = () => ({
  ...providers.settings('ses'),
  STEWARD_STATE_DIR: held.dir,
  STEWARD_TASK_QUEUE: QUEUE,
  STEWARD_FLOW: flowBySubject(),
  TEMPORAL_ADDRESS: held.temporal.address,
});

test('T3: what ran for the person when both backups were made runs no more, and nobody is asked about it', async () => {
  const { asking, byProgram, taskId } = await during(async (steward) => {
    const asking = ticketOf('Ask');
    expect((await steward.post(asking)).status).toBe(202);
    const byProgram = ticketOf('Escalate');
    await startByProgram(byProgram);
    await routed(steward, byProgram.detail.ticketId);
    return { asking, byProgram, taskId: await taskOf(steward, asking) };
  });
  const ids = [asking, byProgram].map(({ detail }) => ticketWorkflowId(detail.ticketId));
  await backUp();

  await during(async (steward) => {
    const { requestId, path } = await askByForm(steward, EMAIL);
    await post(steward, path, { code: await codeOf(providers, requestId) });
    expect((await ended(steward, requestId)).outcome).toBe('erased');
    expect(await runsOf(steward.temporal, ids)).toEqual([]);
    expect(await steward.gateway.tasks.look(taskId)).toMatchObject({ ending: 'withdrawn' });
  });

  await restore();
  await withTemporal(async (temporal) => {
    const runs = await runsOf(temporal, ids);
    expect(runs.filter(({ text }) => text.includes(WORDS))).toHaveLength(2);
    expect(runs.filter(({ status }) => status === 'RUNNING')).toHaveLength(2);
    expect(await reapplyByHand(temporal)).toContain('done again');
    await outcome(async () => expect((await runsOf(temporal, ids)).map(({ status }) => status)).toEqual([]));
  });

  await during(async (steward) => {
    await outcome(async () => expect(await steward.gateway.tasks.look(taskId)).toMatchObject({ ending: 'withdrawn' }));
    const task = steward.temporal.client.workflow.getHandle(taskWorkflowId(taskId));
    expect(await task.result()).toMatchObject({ ending: 'withdrawn' });
    expect(await steward.gateway.tasks.list({ open: true, limit: 10 })).toEqual([]);
    const tickets = steward.owner.selectFrom('tickets').select('state');
    expect(await tickets.execute()).toEqual([{ state: 'closed' }, { state: 'closed' }]);
    const { rows } = await sql`select 1 from customers where email = ${EMAIL}
      union all select 1 from messages where position(${WORDS} in body) > 0`.execute(steward.owner);
    expect(rows).toEqual([]);
    expect(await steward.composed.forgotten()).toBe(0);
  });
});

function ticketOf(subject: string): TicketEnvelope {
  return envelope({ customerId: CUSTOMER, customerEmail: EMAIL, subject, message: WORDS });
}

async function taskOf(steward: TestSteward, { detail }: TicketEnvelope): Promise<string> {
  return outcome(async () => {
    const asked = (await steward.read.timeline(detail.ticketId)).find(({ kind }) => kind === 'taskAsked');
    if (asked === undefined) throw new Error('nobody is asked yet');
    const taskId = String(asked.facts.taskId);
    await steward.temporal.client.workflow.getHandle(taskWorkflowId(taskId)).query('humanTask');
    return taskId;
  });
}

/** Once where nobody works, ended by force, and then once more. */
async function startByProgram(event: TicketEnvelope): Promise<void> {
  const workflowId = ticketWorkflowId(event.detail.ticketId);
  const start = (queue: string) =>
    program(
      'start',
      '--workflow-id',
      workflowId,
      '--type',
      'supportTicket',
      '--task-queue',
      queue,
      '--input',
      JSON.stringify(event),
    );
  await start(`nobody-${TAG}`);
  await program('terminate', '--workflow-id', workflowId);
  await start(QUEUE);
}

async function program(...args: string[]): Promise<void> {
  await promisify(execFile)(inject('temporalBinary').path, ['workflow', ...args, '--address', held.temporal.address]);
}

/** Every run that the server knows under these ids, and all that its history says. */
async function runsOf({ client }: Temporal, workflowIds: readonly string[]) {
  const runs: { status: string; text: string }[] = [];
  for (const id of workflowIds) {
    for await (const { workflowId, runId, status } of client.workflow.list({ query: `WorkflowId = '${id}'` })) {
      const history = await client.workflow
        .getHandle(workflowId, runId)
        .fetchHistory()
        .catch(() => ({ events: [] }));
      const payloads = (history.events ?? []).flatMap(
        (event) => event.workflowExecutionStartedEventAttributes?.input?.payloads ?? [],
      );
      runs.push({
        status: status.name,
        text: payloads.map(({ data }) => Buffer.from(data ?? []).toString()).join('\n'),
      });
    }
  }
  return runs;
}

async function during<T>(act: (steward: TestSteward) => Promise<T>): Promise<T> {
  const steward = await startTestSteward(database.url, { settings, privacy: hurried });
  try {
    return await act(steward);
  } finally {
    await steward.stop();
  }
}

async function withTemporal(act: (temporal: Temporal) => Promise<void>): Promise<void> {
  const db = openDatabase({ url: database.url, poolSize: 1 });
  const keys = composeKeys({ config: judge(settings()).config, db, makeKek: false, clearText: 'accept' });
  const temporal = await connectTemporal({ address: held.temporal.address, namespace: 'default' }, keys.dataConverter);
  try {
    await act(temporal);
  } finally {
    await temporal.connection.close();
    await keys.ring.close();
    await db.destroy();
  }
}

async function reapplyByHand({ client }: Temporal): Promise<string> {
  const desk = await composeErasureDesk({
    officerKey: undefined,
    config: judge(settings()).config,
    databaseUrl: new Secret(database.url),
    linkSecret: LINK_SECRET,
    client: createStewardClient(client, { taskQueue: QUEUE }),
    workflowService: client.workflowService,
  });
  try {
    const { exit, out, err } = await runOn({ erasures: async () => desk }, 'erase', '--reapply');
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    return out;
  } finally {
    await desk.close();
  }
}

async function backUp(): Promise<void> {
  await held.temporal.current.stop();
  await cp(temporalDir(), temporalBackup(), { recursive: true });
  await held.temporal.restart();
  await copyDatabase(name, backup);
}

async function restore(): Promise<void> {
  await held.temporal.current.stop();
  await rm(temporalDir(), { recursive: true });
  await cp(temporalBackup(), temporalDir(), { recursive: true });
  await held.temporal.restart();
  await copyDatabase(backup, name);
}
