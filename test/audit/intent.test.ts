import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, expect, test, vi } from 'vitest';
import { createAuditReader } from '../../src/store/audit-read.ts';
import { flowBySubject, smallTeam } from '../support/flow.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { envelope, useSteward } from '../support/steward.ts';

vi.setConfig({ testTimeout: 60_000 });

const providers = useProviders();
const files = { STEWARD_FLOW: flowBySubject(), STEWARD_TEAM: smallTeam() };
const byProviders = useSteward({ settings: () => ({ ...providers.settings('ses', 'slack'), ...files }) });
const byOutbox = useSteward({ settings: () => files });

/** From now on no intent can be logged; answers how often that was tried. A sequence counts on although all else is rolled back. */
async function refuseIntents({ owner: db }: typeof byOutbox) {
  await sql`create sequence refused`.execute(db);
  await sql`create function refuse() returns trigger language plpgsql security definer as
    $$ begin perform nextval('refused'); raise exception 'the log is away'; end $$`.execute(db);
  await sql`create trigger refuse before insert on audit_entries for each row
    when (new.action = 'delivery.intent') execute function refuse()`.execute(db);
  let off = false;
  const allow = async () => {
    if (!off) await sql`drop function refuse() cascade; drop sequence refused`.execute(db);
    off = true;
  };
  cleanUp.push(allow);
  const tries = async () =>
    Number(
      (await sql<{ n: string }>`select case when is_called then last_value else 0 end as n from refused`.execute(db))
        .rows[0]?.n,
    );
  return { allow, tries };
}
const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0)) await step();
});

async function submit(steward: typeof byOutbox, subject: 'Escalate' | 'Welcome'): Promise<string> {
  const event = envelope({ subject, customerEmail: 'ada@customer.example', customerName: 'Ada' });
  await steward.post(event);
  return event.detail.ticketId;
}

test('what can’t be logged is not sent, and goes out once the log works again', async () => {
  const { allow, tries } = await refuseIntents(byProviders);
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
  const { allow, tries } = await refuseIntents(byOutbox);
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
