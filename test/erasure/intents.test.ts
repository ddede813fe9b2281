import { expect, test, vi } from 'vitest';
import { ticketWorkflowId } from '../../src/contract.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { useRefusedEntries } from '../support/refuse-entries.ts';
import { useSteward } from '../support/steward.ts';
import { askByForm, codeOf, ended, hurried, knownWithTicket, post, provedByCode, row } from './support.ts';

/* What an erasure does to the outside, and can't take back, is in the log before it is done. */

vi.setConfig({ testTimeout: 60_000 });

const providers = useProviders();
const steward = useSteward({ settings: () => providers.settings('ses', 'slack'), privacy: hurried });
const refuseEntries = useRefusedEntries();

const triedTwice = (tries: () => Promise<number>) =>
  outcome(async () => expect(await tries()).toBeGreaterThanOrEqual(2));
const keyOf = (name: string) =>
  steward.owner.selectFrom('data_keys').select('wrapped').where('name', '=', name).executeTakeFirstOrThrow();

test('a letter that can’t be logged is not sent, and goes out once the log works again', async () => {
  const { email } = await knownWithTicket(steward);
  const { allow, tries } = await refuseEntries(steward.owner, 'erasure.mailIntent');
  const { requestId, path } = await askByForm(steward, email);
  await triedTwice(tries);
  expect(providers.aws.mails.filter(({ raw }) => raw.includes(requestId))).toEqual([]);
  await allow();
  await post(steward, path, { code: await codeOf(providers, requestId) });
  expect((await ended(steward, requestId)).outcome).toBe('erased');
});

test('a recipient of whom the log can’t say that they are to be told is not told', async () => {
  const { email } = await knownWithTicket(steward);
  const before = providers.slack.messages.length;
  const { allow, tries } = await refuseEntries(steward.owner, 'erasure.recipient');
  const { requestId } = await provedByCode(steward, providers, email);
  await triedTwice(tries);
  expect(providers.slack.messages).toHaveLength(before);
  await allow();
  expect((await ended(steward, requestId)).outcome).toBe('erased');
  expect(providers.slack.messages).toHaveLength(before - 1);
});

test('no key is destroyed, and no history deleted, that the log does not know of', async () => {
  const { email, ticketId } = await knownWithTicket(steward);
  const workflowId = ticketWorkflowId(ticketId);
  const { allow, tries } = await refuseEntries(steward.owner, 'erasure.shredIntent');
  const { requestId } = await provedByCode(steward, providers, email);
  await triedTwice(tries);
  expect((await row(steward, requestId)).state).toBe('shredding');
  for (const name of [workflowId, `erasure-request/${requestId}`]) expect((await keyOf(name)).wrapped).not.toBeNull();
  await steward.temporal.client.workflow.getHandle(workflowId).describe();
  await allow();
  expect((await ended(steward, requestId)).outcome).toBe('erased');
  for (const name of [workflowId, `erasure-request/${requestId}`]) expect((await keyOf(name)).wrapped).toBeNull();
});
