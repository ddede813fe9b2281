import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createAuditReader } from '../../src/store/audit-read.ts';
import { flowBySubject, smallTeam } from '../support/flow.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { useRefusedEntries } from '../support/refuse-entries.ts';
import { envelope, useSteward } from '../support/steward.ts';

const providers = useProviders();
const files = { STEWARD_FLOW: flowBySubject(), STEWARD_TEAM: smallTeam() };
const byProviders = useSteward({ settings: () => ({ ...providers.settings('ses', 'slack'), ...files }) });
const byOutbox = useSteward({ settings: () => files });

const refuseEntries = useRefusedEntries();

async function submit(steward: typeof byOutbox, subject: 'Escalate' | 'Welcome'): Promise<string> {
  const event = envelope({ subject, customerEmail: 'ada@customer.example', customerName: 'Ada' });
  await steward.post(event);
  return event.detail.ticketId;
}

test('what can’t be logged is not sent, and goes out once the log works again', async () => {
  const { allow, tries } = await refuseEntries(byProviders.owner, 'delivery.intent');
  const ticketId = await submit(byProviders, 'Escalate');
  await outcome(async () => expect(await tries()).toBeGreaterThanOrEqual(3));
  expect([...providers.aws.asked, ...providers.slack.asked]).toEqual([]);
  expect(await byProviders.read.deliveries(ticketId)).toMatchObject([
    { status: 'queued', attempts: 0 },
    { status: 'queued', attempts: 0 },
  ]);
  await allow();
  await outcome(async () => {
    const deliveries = await byProviders.read.deliveries(ticketId);
    expect(deliveries.map(({ status }) => status)).toEqual(['sent', 'sent']);
  });
  expect(providers.slack.messages).toHaveLength(1);
  expect(providers.aws.mails).toHaveLength(1);
  const read = createAuditReader(byProviders.owner);
  for (const { id } of await byProviders.read.deliveries(ticketId)) {
    const actions = (await read.list({ object: `delivery/${id}`, limit: 10 })).map(({ action }) => action);
    expect(actions).toEqual(['delivery.outcome', 'delivery.intent', 'delivery.queued']);
  }
});

test('the outbox gets nothing that can’t be logged either', async () => {
  const { allow, tries } = await refuseEntries(byOutbox.owner, 'delivery.intent');
  const ticketId = await submit(byOutbox, 'Escalate');
  await outcome(async () => expect(await tries()).toBeGreaterThanOrEqual(3));
  expect(await readdir(join(byOutbox.stateDir, 'outbox')).catch(() => [])).toEqual([]);
  await allow();
  await outcome(async () => {
    const deliveries = await byOutbox.read.deliveries(ticketId);
    expect(deliveries.map(({ status }) => status)).toEqual(['sent', 'sent']);
  });
  expect(await readdir(join(byOutbox.stateDir, 'outbox'))).toHaveLength(2);
});
