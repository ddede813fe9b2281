import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { ticketWorkflowId } from '../../src/contract.ts';
import { emptyDirectory } from '../support/files.ts';
import { flowBySubject, smallTeam } from '../support/flow.ts';
import { textsOf } from '../support/history.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { envelope, useSteward } from '../support/steward.ts';

const providers = useProviders();
const files = {
  STEWARD_FLOW: flowBySubject(),
  STEWARD_TEAM: smallTeam(),
  STEWARD_TEMPLATES_DIR: emptyDirectory(),
};
/** Templates of ours, but one that is not to be sent twice, and one that needs a name. */
beforeAll(async () => {
  const dir = files.STEWARD_TEMPLATES_DIR;
  await cp('templates', dir, { recursive: true });
  const edit = async (name: string, change: (source: string) => string) => {
    const path = join(dir, `${name}.liquid`);
    await writeFile(path, change(await readFile(path, 'utf8')));
  };
  await edit('handed-over', (source) => source.replace('repeat: at-least-once', 'repeat: ask'));
  await edit('welcome', (source) => `${source}\nP.S. for {{ customer.name }}\n`);
});
const steward = useSteward({ settings: () => ({ ...providers.settings('ses', 'slack'), ...files }) });
const MAIL = { action: 'SendRawEmail' };
const POST = { action: 'chat.postMessage' };
const ADA = 'ada@customer.example';

async function begin(subject: 'Escalate' | 'Welcome', customerName: string | undefined = 'Ada'): Promise<string> {
  const event = envelope({ subject, customerEmail: ADA, ...(customerName ? { customerName } : {}) });
  await steward.post(event);
  begun.push(event.detail.ticketId);
  return event.detail.ticketId;
}
/** A stand-in's planned failures are for whoever asks next: a ticket of an earlier test must be at rest by then. */
const begun: string[] = [];
afterEach(async () => {
  for (const ticketId of begun.splice(0)) {
    await outcome(async () => {
      const ticket = await steward.read.ticket(ticketId);
      expect(ticket?.route === 'agent' || ticket?.needsAttention).toBe(true);
      const statuses = (await steward.read.deliveries(ticketId)).map((d) => d.status);
      expect(statuses).not.toContain('queued');
      expect(statuses).not.toContain('sending');
    });
  }
});

async function delivery(ticketId: string, template: string) {
  return (await steward.read.deliveries(ticketId)).find((d) => d.template === template);
}
const copies = () => providers.aws.mails.filter(({ destinations }) => destinations.includes(ADA)).length;
const welcomes = () => providers.aws.mails.filter(({ parsed }) => parsed.subject?.startsWith('Welcome')).length;
const parked = (ticketId: string, expected: object) =>
  outcome(async () => expect(await steward.read.parked(ticketId)).toMatchObject([expected]));
const delivered = (ticketId: string, template: string) =>
  outcome(async () => expect(await delivery(ticketId, template)).toMatchObject({ status: 'sent' }));

test('a Slack message whose answer was lost is looked up, not posted again', async () => {
  providers.slack.failNext('lost', POST);
  const ticketId = await begin('Escalate');
  await delivered(ticketId, 'escalation');
  expect(await delivery(ticketId, 'escalation')).toMatchObject({ attempts: 2 });
  expect(providers.slack.messages).toHaveLength(1);
  expect(providers.slack.asked.filter(({ action }) => action === POST.action)).toHaveLength(1);
  expect(providers.slack.asked.filter(({ action }) => action === 'conversations.history')).toHaveLength(1);
});

test('a retry repeats only what did not go out', async () => {
  providers.slack.failNext('500', POST, 2);
  const ticketId = await begin('Escalate');
  await delivered(ticketId, 'escalation');
  expect(await delivery(ticketId, 'escalation')).toMatchObject({ attempts: 3 });
  expect(await delivery(ticketId, 'handed-over')).toMatchObject({ status: 'sent', attempts: 1 });
  expect(copies()).toBe(1);
});

test('a mail whose answer was lost is sent once more where its template says that a copy does no harm', async () => {
  providers.aws.failNext('lost', MAIL);
  const ticketId = await begin('Welcome');
  await delivered(ticketId, 'welcome');
  expect(await delivery(ticketId, 'welcome')).toMatchObject({ attempts: 2 });
  expect(welcomes()).toBe(2);
});

test('a mail whose answer was lost is shown to a person where its template says so', async () => {
  providers.aws.failNext('lost', MAIL);
  const ticketId = await begin('Escalate');
  await parked(ticketId, { step: 'Escalate#1', error: 'DeliveryUnknown', attempts: 2 });
  expect(await delivery(ticketId, 'handed-over')).toMatchObject({ status: 'unknown' });
  expect(copies()).toBe(1);
});

test('a second lost answer parks the step; an operator’s retry sends once again, and one lost again parks again', async () => {
  providers.aws.failNext('lost', MAIL, 2);
  const ticketId = await begin('Welcome');
  await parked(ticketId, { step: 'Welcome#1', error: 'DeliveryUnknown', attempts: 3 });
  expect(await delivery(ticketId, 'welcome')).toMatchObject({ status: 'unknown', reason: 'answer lost' });
  expect(welcomes()).toBe(2);
  await outcome(async () => expect(await delivery(ticketId, 'parked')).toMatchObject({ status: 'sent' }));

  providers.aws.failNext('lost', MAIL);
  await steward.steward.operate(ticketId, 'retry', {});
  await parked(ticketId, { step: 'Welcome#1', error: 'DeliveryUnknown', attempts: 2 });
  expect(welcomes()).toBe(3);

  await steward.steward.operate(ticketId, 'retry', {});
  await delivered(ticketId, 'welcome');
  expect(welcomes()).toBe(4);
});

test('an operator’s skip goes on without sending again', async () => {
  providers.aws.failNext('lost', MAIL, 2);
  const ticketId = await begin('Welcome');
  await parked(ticketId, { step: 'Welcome#1', error: 'DeliveryUnknown' });
  await steward.steward.operate(ticketId, 'skip', { result: { delivered: true } });
  // The flow ends there, so a person gets the ticket.
  await outcome(async () => expect((await steward.read.ticket(ticketId))?.route).toBe('agent'));
  await delivered(ticketId, 'handed-over');
  expect(await delivery(ticketId, 'welcome')).toMatchObject({ status: 'unknown' });
  expect(providers.aws.mails.filter((mail) => mail.parsed.subject?.startsWith('Welcome'))).toHaveLength(2);
});

test('a variable that nothing fills is an error before anything is sent, and parks the step', async () => {
  const ticketId = await begin('Welcome', '');
  await parked(ticketId, { step: 'Welcome#1', error: 'InvalidTemplate', attempts: 1 });
  expect(await delivery(ticketId, 'welcome')).toMatchObject({ status: 'failed', reason: 'InvalidTemplate' });
  expect(copies()).toBe(0);
});

test('no name and no address of a customer gets into a history', async () => {
  providers.aws.rejected.add(ADA);
  const ticketId = await begin('Welcome');
  await parked(ticketId, { step: 'Welcome#1', error: 'ProviderFailed', attempts: 1 });
  // Read as the ticket reads it: not even encrypted are they there.
  const { read } = await textsOf(steward, ticketWorkflowId(ticketId));
  // The first event carries the start argument, the one place where they may be.
  const said = read.slice(read.indexOf('"eventId":"2"'));
  expect(said.length).toBeGreaterThan(1000);
  expect(said).toContain('MessageRejected');
  expect(said).not.toContain(ADA);
});
