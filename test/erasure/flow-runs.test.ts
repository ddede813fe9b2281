import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { deleteRuns } from '../../src/activities/delete-runs.ts';
import { createErasureSecrets } from '../../src/adapters/erasure-secrets.ts';
import { composePrivacy } from '../../src/compose-privacy.ts';
import { RETENTION_WORKFLOW } from '../../src/contract.ts';
import type { Who } from '../../src/domain/person.ts';
import { personExport } from '../../src/schema/person-export.ts';
import { personRows } from '../../src/store/person-rows.ts';
import { readRunWords } from '../../src/temporal/run-words.ts';
import { LINK_SECRET } from '../support/link-secret.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { alone, flowFiles, runHandle, runId, subjectsOf } from '../workflows/flow-run-support.ts';
import { addCustomer, ended, hurried, provedByCode, routed, useErasureCommands } from './support.ts';

const FLOWS = flowFiles({
  sleeps: alone('Sleep', { Type: 'Wait', Seconds: 3600 }),
  passes: alone('Pass', { Type: 'Pass' }),
  waits: alone('Wait', { Type: 'Task', Resource: 'module:waitForSignal.waitForTaskToken', ResultPath: '$.answer' }),
  // Of the ticket: it starts one that outlives it.
  tickets: {
    StartAt: 'Start',
    States: {
      Start: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution',
        Parameters: { StateMachineArn: 'sleeps', 'Name.$': '$.detail.ticketId', 'Input.$': '$.detail.message' },
        ResultPath: null,
        Next: 'Escalate',
      },
      Escalate: { Type: 'Task', Resource: 'module:escalateToAgent', End: true },
    },
  },
});
const providers = useProviders();
const steward = useSteward({
  settings: () => ({ ...providers.settings('ses', 'slack'), STEWARD_FLOW: FLOWS }),
  privacy: hurried,
});

const { subjectDigests } = createErasureSecrets(LINK_SECRET.reveal());
const desk = useErasureCommands(steward, () => providers.settings('ses', 'slack'));

test('the erasure of a person reaches the flows that ran for them', { timeout: 120_000 }, async () => {
  const email = `ada.${Date.now().toString(36)}@customer.example`;
  const event = envelope({ customerEmail: email, customerName: 'Ada Lovelace' });
  const { ticketId } = event.detail;
  await steward.post(event);
  await routed(steward, ticketId);
  const { flows } = steward.steward;
  const [running, over, others] = [runId(), runId(), runId()];
  await flows.start(running, { flow: 'sleeps', input: { detail: { customerEmail: email, message: 'My card' } } });
  await flows.start(over, { flow: 'passes', input: { customerId: event.detail.customerId } });
  await flows.start(others, { flow: 'sleeps', input: { customerEmail: 'ben@customer.example' } });
  await flows.end(over);
  await flows.describe(running);

  const { requestId } = await provedByCode(steward, providers, email);
  await ended(steward, requestId);

  const gone = [ticketId, running, over];
  for (const id of gone)
    await expect(runHandle(steward, id).describe()).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
  const shredded = await steward.owner
    .selectFrom('data_keys')
    .select('name')
    .where('name', 'like', 'flow-%')
    .where('shredded_at', 'is not', null)
    .execute();
  expect(shredded.map(({ name }) => name).sort()).toEqual(gone.map((id) => `flow-${id}`).sort());
  expect(await flows.describe(others)).toMatchObject({ at: 'Sleep#1' });
  await runHandle(steward, others).terminate();
});

test('a run for somebody whom nobody knows yet is theirs once they are known, and ends before their data goes', {
  timeout: 120_000,
}, async () => {
  const { flows } = steward.steward;
  const [byAddress, byId, byCrm] = [runId(), runId(), runId()];
  const event = envelope({ customerEmail: `Grace.${randomUUID()}@customer.example` });
  const { customerEmail = '', customerId } = event.detail;
  const known = { id: `CUST-${randomUUID()}`, email: `hal.${randomUUID()}@customer.example` };
  await flows.start(byAddress, { flow: 'sleeps', input: { customerEmail: customerEmail.toUpperCase() } });
  await flows.start(byId, { flow: 'sleeps', input: { detail: { customerId } } });
  await flows.start(byCrm, { flow: 'sleeps', input: {}, customerId: known.id });
  for (const id of [byAddress, byId, byCrm]) await flows.describe(id);
  expect(await subjects(byAddress, byId, byCrm)).toEqual([null, null, null]);

  await steward.post(event);
  await routed(steward, event.detail.ticketId);
  expect(await subjects(byAddress, byId, byCrm)).toEqual([customerId, customerId, null]);
  // The CRM says nothing of it.
  await addCustomer(steward, known);

  const first = await provedByCode(steward, providers, customerEmail);
  const second = await provedByCode(steward, providers, known.email);
  await ended(steward, first.requestId);
  await ended(steward, second.requestId);
  for (const id of [byAddress, byId, byCrm])
    await expect(runHandle(steward, id).describe()).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
  const keys = steward.owner.selectFrom('data_keys').select(['wrapped', 'named_as']);
  for (const id of [byAddress, byId, byCrm])
    expect(await keys.where('name', '=', `flow-${id}`).execute()).toEqual([{ wrapped: null, named_as: null }]);
  const receipts = steward.owner.selectFrom('erasure_steps').select('receipt').where('step', '=', 'drain');
  // The ticket with the run that it has started, and two runs; one run.
  const drained = receipts.where('erasure_id', 'in', [first.requestId, second.requestId]).orderBy('receipt');
  expect((await drained.execute()).map(({ receipt }) => receipt)).toEqual([
    { closed: 1, terminated: 0 },
    { closed: 4, terminated: 0 },
  ]);
});

test('who is no customer, and for whom a flow ran or whose mail was not taken, can be erased as well', {
  timeout: 120_000,
}, async () => {
  const { flows } = steward.steward;
  const [runs, mails] = [`iris.${randomUUID()}@customer.example`, `jon.${randomUUID()}@customer.example`];
  const id = runId();
  await flows.start(id, { flow: 'sleeps', input: { customerEmail: runs, message: 'My card' } });
  await flows.describe(id);
  await sql`insert into parked_mails (id, reason, sender, mail, provider_id)
    values (${`parked-${id}`}, 'bulk', ${mails}, ${`From: ${mails}`}, ${`<${id}@mail.example>`})`.execute(
    steward.owner,
  );
  await sql`insert into run_messages (workflow_id, first_run_id, occasion, recipient_kind, recipient_id, channel, transport, status)
    values (${`flow-${id}`}, 'first', 'Tell#1', 'contact', 'warehouse', 'mail', 'outbox', 'sent')`.execute(
    steward.owner,
  );
  const preview = await desk('erase', runs, '--preview', '--json');
  expect(preview).toMatchObject({ exit: 0, err: '' });
  const { lines } = JSON.parse(preview.out);
  expect(lines).toContainEqual(expect.objectContaining({ store: 'temporal', count: 1 }));
  expect(lines).toContainEqual(expect.objectContaining({ store: 'deliveries', count: 1 }));

  // Whoever asks what we hold of them is shown it before they are a customer, too.
  const rows = (who: Who) => personRows(steward.composed.databases.as('steward_officer'), subjectDigests, who);
  expect((await rows({ email: runs.toUpperCase() })).rows.identity).toEqual({
    data_keys: [expect.objectContaining({ name: `flow-${id}` })],
  });
  expect((await rows({ email: mails })).rows.conversations.parked_mails).toEqual([
    expect.objectContaining({ mail: `From: ${mails}` }),
  ]);
  await expect(rows({ email: `nobody.${mails}` })).rejects.toMatchObject({ code: 'CustomerUnknown' });

  for (const email of [runs, mails]) {
    const { requestId } = await provedByCode(steward, providers, email);
    expect((await ended(steward, requestId)).outcome).toBe('erased');
  }
  await expect(runHandle(steward, id).describe()).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
  const left = steward.owner.selectFrom('parked_mails').select('id').where('sender', '=', mails);
  expect(await left.execute()).toEqual([]);
  const known = steward.owner.selectFrom('customers').select('id').where('email', 'in', [runs, mails]);
  expect(await known.execute()).toEqual([]);
});

test('whoever asks what we hold of them is shown the words of their runs, and that they were is logged first', {
  timeout: 90_000,
}, async () => {
  const { flows } = steward.steward;
  const { client } = steward.temporal;
  const email = `kim.${randomUUID()}@customer.example`;
  const [waits, sleeps, others] = [runId(), runId(), runId()];
  const input = { customerEmail: email, message: 'My parcel is wet' };
  await flows.start(waits, { flow: 'waits', input });
  const token = await outcome(async () => {
    const [task] = await flows.tasks(`flow-${waits}`);
    return task?.token ?? expect.fail('no Task waits yet');
  });
  await flows.answer('completeTask', { token, output: { said: 'it rained' } });
  await flows.end(waits);
  await flows.start(sleeps, { flow: 'sleeps', input: { ...input, message: 'And late' } });
  await flows.start(others, { flow: 'sleeps', input: { customerEmail: 'ben@customer.example', message: 'Mine' } });
  for (const id of [sleeps, others]) await flows.describe(id);
  const privacy = composePrivacy({
    db: steward.composed.databases.as('steward_officer'),
    policyFile: 'policies/privacy.yaml',
    by: { kind: 'person', id: 'login/test' },
    linkSecret: async () => LINK_SECRET,
  });
  const read = async (ids: readonly string[]) => (await Promise.all(ids.map((id) => readRunWords(client, id)))).flat();
  // The list of runs is a moment behind.
  const exported = await outcome(async () => {
    const told = personExport.parse(await privacy.exportPerson({ email }, new Date(), read));
    expect(told.runs).toHaveLength(2);
    return told;
  });
  const found = Object.fromEntries(exported.runs.map(({ workflowId, ...run }) => [workflowId, run]));
  expect(found[`flow-${waits}`]).toMatchObject({
    flow: 'waits',
    status: 'COMPLETED',
    given: input,
    answers: [{ by: 'task', words: { said: 'it rained' } }],
    result: { ...input, answer: { said: 'it rained' } },
  });
  expect(found[`flow-${sleeps}`]).toMatchObject({ status: 'RUNNING', given: { message: 'And late' }, result: null });
  const { after } = await steward.owner
    .selectFrom('audit_entries')
    .select('after')
    .where('action', '=', 'person.exported')
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow();
  expect(after).toMatchObject({ runs: expect.arrayContaining([`flow-${waits}`, `flow-${sleeps}`]) });
  expect(JSON.stringify(after)).not.toMatch(/parcel|kim\./);
});

test('a run for somebody who is being erased waits until that is over', { timeout: 90_000 }, async () => {
  const { flows } = steward.steward;
  const { id: customerId } = await addCustomer(steward);
  const freeze = (at: Date | null) =>
    steward.owner.updateTable('customers').set({ frozen_at: at }).where('id', '=', customerId).execute();
  await freeze(new Date());
  const [waits, cancelled] = [runId(), runId()];
  await flows.start(waits, { flow: 'passes', customerId });
  await flows.start(cancelled, { flow: 'passes', customerId });
  for (const id of [waits, cancelled]) {
    await outcome(async () =>
      expect(await flows.describe(id)).toMatchObject({ waitingFor: 'the erasure of its customer to end' }),
    );
  }
  // Its customer is none of whoever is erased now: they come anew.
  expect(await subjects(waits)).toEqual([null]);
  await runHandle(steward, cancelled).cancel();
  await expect(runHandle(steward, cancelled).result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  await freeze(null);
  expect(await flows.end(waits)).toMatchObject({ status: 'succeeded' });
  expect(await subjects(waits)).toEqual([customerId]);
});

test('the night drops what finds a run again that Temporal has forgotten', { timeout: 60_000 }, async () => {
  const { flows } = steward.steward;
  const [gone, there] = [runId(), runId()];
  for (const id of [gone, there]) {
    await flows.start(id, { flow: 'sleeps', input: { customerId: `CUST-${randomUUID()}` } });
    await flows.describe(id);
  }
  const keys = steward.owner.updateTable('data_keys').set({ created_at: new Date(Date.now() - 25 * 3_600_000) });
  await keys.where('name', 'in', [`flow-${gone}`, `flow-${there}`]).execute();
  await deleteRuns(steward.temporal.client.workflowService, steward.temporal.client.options.namespace, `flow-${gone}`);
  await outcome(async () =>
    expect(runHandle(steward, gone).describe()).rejects.toMatchObject({ name: 'WorkflowNotFoundError' }),
  );
  const options = { workflowId: `retention-${runId()}`, taskQueue: steward.taskQueue };
  await steward.temporal.client.workflow.execute(RETENTION_WORKFLOW, options);
  const left = steward.owner.selectFrom('data_keys').select('name').where('named_as', 'is not', null);
  const names = (await left.execute()).map(({ name }) => name);
  expect(names).toContain(`flow-${there}`);
  expect(names).not.toContain(`flow-${gone}`);
  await runHandle(steward, there).terminate();
});

const subjects = (...ids: readonly string[]) => subjectsOf(steward, ids);
