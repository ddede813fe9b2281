/** What is left of runs of flows without a ticket goes by the rule of tickets. */
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deleteRuns } from '../../src/activities/delete-runs.ts';
import { composePrivacy } from '../../src/compose-privacy.ts';
import { RETENTION_WORKFLOW, type RetentionResult } from '../../src/contract.ts';
import { createHoldStore } from '../../src/store/holds.ts';
import { addCustomer } from '../erasure/support.ts';
import { retrying, testFile } from '../support/files.ts';
import { LINK_SECRET } from '../support/link-secret.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { useSteward } from '../support/steward.ts';
import { alone, flowFiles, runHandle, runId } from './flow-run-support.ts';

const FLOWS = flowFiles({
  tells: alone('Tell', {
    Type: 'Task',
    Resource: 'module:notify',
    Parameters: { to: ['customer', 'ana'], subject: 'A parcel comes later', 'text.$': '$.text' },
    Retry: retrying(1),
  }),
  sleeps: alone('Sleep', { Type: 'Wait', Seconds: 3600 }),
});
const TEAM = testFile('team.yaml', {
  agents: [{ id: 'ana', name: 'Ana', slack: 'U0ANA00001', capacity: 10, onDuty: true }],
  admins: ['ana'],
});
const rule = { ticketsDaysAfterClose: 30, daily: false };
const providers = useProviders();
/** Mail lies in the outbox. */
const steward = useSteward({
  settings: () => ({ ...providers.settings('slack'), STEWARD_FLOW: FLOWS, STEWARD_TEAM: TEAM }),
  privacy: (policy) => ({ ...policy, retention: rule }),
});
const night = (): Promise<RetentionResult> =>
  steward.temporal.client.workflow.execute<() => Promise<RetentionResult>>(RETENTION_WORKFLOW, {
    workflowId: `retention-test-${randomBytes(4).toString('hex')}`,
    taskQueue: steward.taskQueue,
  });

async function started(flow: string, customerId: string): Promise<string> {
  const id = runId();
  await steward.steward.flows.start(id, { flow, input: { customerId, text: `${customerId} gets it on Friday.` } });
  return id;
}
async function told(customerId: string): Promise<string> {
  const id = await started('tells', customerId);
  expect(await steward.steward.flows.end(id)).toMatchObject({ output: { sent: 2 } });
  return id;
}
/** As far as our own database says. */
async function longAgo(id: string): Promise<void> {
  const at = new Date(Date.now() - 40 * 86_400_000);
  const { owner } = steward;
  await owner.updateTable('data_keys').set({ created_at: at }).where('name', '=', `flow-${id}`).execute();
  const messages = owner.updateTable('run_messages').set({ updated_at: at }).where('workflow_id', '=', `flow-${id}`);
  await messages.execute();
}
async function forgotten(id: string): Promise<void> {
  await longAgo(id);
  const { client } = steward.temporal;
  await deleteRuns(client.workflowService, 'default', `flow-${id}`);
  await outcome(() =>
    expect(runHandle(steward, id).describe()).rejects.toMatchObject({ name: 'WorkflowNotFoundError' }),
  );
}
const rowsOf = (id: string) =>
  steward.owner.selectFrom('run_messages').selectAll().where('workflow_id', '=', `flow-${id}`).orderBy('id').execute();
const filesOf = async (id: string) => {
  const files = await readdir(join(steward.stateDir, 'outbox'));
  return (await rowsOf(id)).flatMap((row) => files.filter((file) => file === `run-${row.id}.eml`));
};
async function isWhole(id: string): Promise<boolean> {
  const key = steward.owner.selectFrom('data_keys').select('wrapped').where('name', '=', `flow-${id}`);
  const { wrapped } = await key.executeTakeFirstOrThrow();
  const inSlack = providers.slack.messages.map(({ channel, ts }) => `${channel}:${ts}`);
  const rows = await rowsOf(id);
  const slack = rows.filter((row) => row.transport === 'slack' && inSlack.includes(String(row.provider_message_id)));
  const parts = [
    wrapped !== null,
    (await filesOf(id)).length === 1,
    slack.length === 1,
    rows.every((row) => row.provider_message_id !== null),
  ];
  expect(new Set(parts).size, JSON.stringify(parts)).toBe(1);
  return parts[0] === true;
}

test('those that are over for long lose key, mail, Slack message and history; others and those that are held keep all', {
  timeout: 120_000,
}, async () => {
  const [ada, ben] = [await addCustomer(steward), await addCustomer(steward)];
  const [gone, late, closed, held] = [await told(ada.id), await told(ada.id), await told(ada.id), await told(ben.id)];
  const running = await started('sleeps', ada.id);
  await steward.steward.flows.describe(running);
  await forgotten(gone);
  await forgotten(held);
  // Its last word was today's.
  await forgotten(late);
  await steward.owner
    .updateTable('run_messages')
    .set({ updated_at: new Date() })
    .where('workflow_id', '=', `flow-${late}`)
    .execute();
  // Closed today, and not closed.
  await longAgo(closed);
  await longAgo(running);
  const by = ['login/test', 'officer/ann'] as const;
  const holds = createHoldStore(steward.composed.databases.as('steward_officer'));
  await holds.place({ customerId: ben.id }, { category: 'deliveries', why: 'A lawsuit', until: null }, by);

  expect(await night()).toMatchObject({ applied: false, runs: { over: 1, held: 1 } });
  const desk = composePrivacy({
    db: steward.composed.databases.as('steward_officer'),
    policyFile: 'policies/privacy.yaml',
    by: { kind: 'person', id: 'login/test' },
    linkSecret: async () => LINK_SECRET,
  });
  const now = new Date();
  const order = { now, before: new Date(now.getTime() - 30 * 86_400_000), limit: 100 };
  // By the database alone: whether they are over it does not know.
  expect((await desk.dueForRetention(order)).runs).toEqual({ runs: 3, held: 1 });
  for (const id of [gone, late, closed, held]) expect(await isWhole(id)).toBe(true);

  Object.assign(rule, { daily: true });
  expect(await night()).toMatchObject({ applied: true, runs: { over: 1, held: 1 }, slack: { removed: 1, left: 0 } });
  expect(await isWhole(gone)).toBe(false);
  expect((await rowsOf(gone)).map((row) => [row.status, row.provider_message_id])).toEqual([
    ['sent', null],
    ['sent', null],
  ]);
  for (const id of [late, closed, held]) expect(await isWhole(id)).toBe(true);
  expect(await steward.steward.flows.describe(running)).toMatchObject({ at: 'Sleep#1' });
  const logged = await steward.owner
    .selectFrom('audit_entries')
    .select(['action', 'after'])
    .where('action', 'in', ['retention.runsIntent', 'retention.runsEmptied'])
    .orderBy('id')
    .execute();
  expect(logged).toEqual([
    { action: 'retention.runsIntent', after: { runs: 1, outbox: 1 } },
    { action: 'retention.runsEmptied', after: { runs: 1, messages: 1, slack: 1, keys: 1, files: 1, histories: 1 } },
  ]);
  expect(await night()).toMatchObject({ runs: { over: 0, held: 1 } });
  await runHandle(steward, running).terminate();
});

test('whoever fails between the key and the rest leaves the run due', { timeout: 60_000 }, async () => {
  Object.assign(rule, { daily: true });
  const id = await told((await addCustomer(steward)).id);
  await forgotten(id);
  const { retention } = steward.composed.deps;
  const { removeFromOutbox } = retention;
  let tries = 0;
  Object.assign(retention, {
    async removeFromOutbox(...given: Parameters<typeof removeFromOutbox>) {
      tries += 1;
      if (tries === 1) throw new Error('the disk went away');
      return removeFromOutbox(...given);
    },
  });
  try {
    expect(await night()).toMatchObject({ runs: { over: 1 }, slack: { removed: 1 } });
  } finally {
    Object.assign(retention, { removeFromOutbox });
  }
  expect(tries).toBe(2);
  expect(await isWhole(id)).toBe(false);
});
