/** What flows without a ticket told somebody about a person, in an access export and an erasure of theirs. */
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { personRows } from '../../src/store/person-rows.ts';
import { retrying, testFile } from '../support/files.ts';
import { ANN_AND_BOB } from '../support/officers.ts';
import { useProviders } from '../support/providers.ts';
import { useSteward } from '../support/steward.ts';
import { alone, flowFiles, runId } from '../workflows/flow-run-support.ts';
import { addCustomer, askFor, ended, hurried, inState, officer } from './support.ts';

const FLOWS = flowFiles({
  tells: alone('Tell', {
    Type: 'Task',
    Resource: 'module:notify',
    Parameters: { to: ['customer', 'ana', 'contact/warehouse'], subject: 'A parcel comes later', 'text.$': '$.text' },
    Retry: retrying(1),
  }),
});
const TEAM = testFile('team.yaml', {
  agents: [{ id: 'ana', name: 'Ana', slack: 'U0ANA00001', capacity: 10, onDuty: true }],
  contacts: [{ id: 'warehouse', name: 'The warehouse', email: 'dock@warehouse.example' }],
  admins: ['ana'],
});
const providers = useProviders();
/** Mail lies in the outbox. */
const steward = useSteward({
  settings: () => ({ ...providers.settings('slack'), STEWARD_FLOW: FLOWS, STEWARD_TEAM: TEAM }),
  privacy: (policy) => ({ ...hurried(policy), approval: 'whenRefused', officers: ANN_AND_BOB }),
});

async function told(customerId: string): Promise<string> {
  const id = runId();
  const { flows } = steward.steward;
  await flows.start(id, { flow: 'tells', input: { customerId, text: `${customerId} gets it on Friday.` } });
  expect(await flows.end(id)).toMatchObject({ output: { sent: 3 } });
  return `flow-${id}`;
}
const files = async () => (await readdir(join(steward.stateDir, 'outbox'))).filter((name) => name.startsWith('run-'));
const rowsOf = (workflowId: string) =>
  steward.owner.selectFrom('run_messages').selectAll().where('workflow_id', '=', workflowId).orderBy('id').execute();

test('it goes from outbox and Slack with its person, who sees before what was told, and what others are told stays', {
  timeout: 120_000,
}, async () => {
  const [ada, ben] = [await addCustomer(steward), await addCustomer(steward)];
  const [hers, his] = [await told(ada.id), await told(ben.id)];
  expect(await files()).toHaveLength(4);
  expect(providers.slack.messages).toHaveLength(2);
  const { rows } = await personRows(steward.composed.databases.as('steward_officer'), () => [], { customerId: ada.id });
  const shown = rows.deliveries.run_messages ?? [];
  expect(shown.map(({ workflow_id, recipient_kind }) => [workflow_id, recipient_kind])).toEqual([
    [hers, 'customer'],
    [hers, 'agent'],
    [hers, 'contact'],
  ]);
  // Which of us was told is not theirs to know.
  expect(JSON.stringify(shown)).not.toMatch(/\bana\b/);

  const requestId = await askFor(steward, { customerId: ada.id }, 'ann');
  await inState(steward, requestId, 'approving');
  await steward.steward.operateErasure(requestId, 'approve', officer('bob'));
  expect((await ended(steward, requestId)).outcome).toBe('erased');
  const kept = await rowsOf(his);
  expect((await files()).sort()).toEqual(
    kept.flatMap(({ id, transport }) => (transport === 'outbox' ? [`run-${id}.eml`] : [])).sort(),
  );
  expect(providers.slack.messages.map(({ text }) => text)).toEqual([expect.stringContaining(ben.id)]);
  expect((await rowsOf(hers)).map((row) => [row.provider_message_id, row.status])).toEqual([
    [null, 'sent'],
    [null, 'sent'],
    [null, 'sent'],
  ]);
  expect(kept.every((row) => row.provider_message_id !== null)).toBe(true);
  const steps = await steward.owner
    .selectFrom('erasure_steps')
    .select('receipt')
    .where('erasure_id', '=', requestId)
    .where('step', '=', 'lookAtOnce')
    .execute();
  expect(steps.map(({ receipt }) => receipt)).toMatchObject([{ found: 0 }]);
});

test('a mail of a run that the person brings after the freeze is theirs that came back, and nothing that was left', async () => {
  const { id: customerId } = await addCustomer(steward);
  const before = await told(customerId);
  const requestId = `ERA-${randomBytes(8).toString('hex')}`;
  await steward.owner
    .insertInto('erasures')
    .values({ id: requestId, via: 'form', state: 'looking', sealed: Buffer.alloc(1), due_at: new Date() })
    .execute();
  await steward.owner
    .updateTable('customers')
    .set({ erasure_id: requestId, frozen_at: new Date() })
    .where('id', '=', customerId)
    .execute();
  // As after the freeze: while it holds, nothing is told.
  const [old, ...others] = await rowsOf(before);
  const later = others[0]?.id ?? '';
  await steward.owner
    .updateTable('run_messages')
    .set({ created_at: new Date(Date.now() + 60_000) })
    .where('id', '=', later)
    .execute();
  const since = steward.composed.deps.erasure.store.deliveriesSince(requestId, [
    `run-${old?.id}`,
    `run-${later}`,
    later,
  ]);
  expect(await since).toEqual([`run-${later}`]);
});
