import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { DeliveryRequest } from '../../src/domain/delivery.ts';
import { placeEntries } from '../../src/store/audit-place.ts';
import { createAuditReader } from '../../src/store/audit-read.ts';
import { verifyAudit } from '../../src/store/audit-verify.ts';
import { createKeyStore } from '../../src/store/keys.ts';
import { changeOf, claim, newId, newTicket, ticketOf, useStores } from '../store/support.ts';

const stores = useStores();

/** Oldest first, without the receipt that every ticket has. */
async function entriesOf(object: string) {
  const lines = await createAuditReader(stores.auditor).list({ object, limit: 100 });
  return lines
    .reverse()
    .filter(({ action }) => action !== 'ticket.received')
    .map(({ actor, action, why, before, after }) => ({ actor, action, why, before, after }));
}
const workflow = (id: string) => ({ kind: 'workflow', id: `ticket-${id}` });

describe('a ticket', () => {
  it('that is received is one entry, whoever repeats it, and names no customer', async () => {
    const id = newId();
    const envelope = ticketOf(id, { customerEmail: 'ada@customer.example', customerName: 'Ada', channel: 'mail' });
    await Promise.all([claim(stores, envelope), claim(stores, envelope), claim(stores, envelope, 'run-2')]);
    const lines = await createAuditReader(stores.auditor).list({ object: `ticket/${id}`, limit: 10 });
    expect(lines).toMatchObject([
      {
        action: 'ticket.received',
        actor: workflow(id),
        before: null,
        after: { state: 'new', route: 'none', source: 'support.platform', channel: 'mail', revision: 1 },
      },
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/CUST-|Ada|ada@/);
  });

  it('that changes is one entry a change, with what changed before and after', async () => {
    const id = await newTicket(stores);
    const row = { state: 'waitingForAgent', route: 'agent', priority: 'HIGH', assigneeId: 'ana' } as const;
    await stores.tickets.record(changeOf(id, 2, row, 'escalated'));
    await stores.tickets.record(changeOf(id, 3, row, 'enriched', { a: 1 }));
    expect(await entriesOf(`ticket/${id}`)).toEqual([
      {
        actor: workflow(id),
        action: 'ticket.escalated',
        why: null,
        before: { state: 'new', route: 'none', priority: null, assignee: null, revision: 1 },
        after: { state: 'waitingForAgent', route: 'agent', priority: 'HIGH', assignee: 'ana', revision: 2 },
      },
      { actor: workflow(id), action: 'ticket.enriched', why: null, before: { revision: 2 }, after: { revision: 3 } },
    ]);
  });

  it('that is written again, or late, adds nothing, by whichever way it is written', async () => {
    const id = await newTicket(stores);
    const change = changeOf(id, 3, { state: 'solved' }, 'resolved');
    const event = { source: 's', eventId: 'e1' };
    const ways = [
      () => stores.tickets.record(change),
      () => stores.tickets.take(change, event, null),
      () => stores.deliveries.queue(change, []),
      () => stores.tickets.record(changeOf(id, 2, { state: 'inProgress' }, 'claimed')),
    ];
    await Promise.all([...ways, ...ways, ...ways].slice(0, 3).map((way) => way()));
    for (const way of [...ways, ...ways]) await way();
    expect(await entriesOf(`ticket/${id}`)).toMatchObject([
      { action: 'ticket.resolved', after: { state: 'solved', revision: 3 } },
    ]);
  });

  it('tells who it was, and what had waited for this write', async () => {
    const id = await newTicket(stores);
    const by = (seq: number, actor: string) => {
      const change = changeOf(id, seq, {}, 'operator');
      return { ...change, entries: change.entries.map((entry) => ({ ...entry, actor })) };
    };
    for (const [i, actor] of ['ana', 'customer', 'operator', 'platform', 'steward'].entries()) {
      await stores.tickets.record(by(i + 2, actor));
    }
    const late = changeOf(id, 9, {}, 'escalated');
    const noted = [changeOf(id, 7, {}, 'enriched'), changeOf(id, 8, {}, 'decided')].flatMap(({ entries }) => entries);
    await stores.tickets.record({ ...late, entries: [...noted, ...late.entries] });
    const entries = await entriesOf(`ticket/${id}`);
    expect(entries.map(({ actor }) => actor)).toEqual([
      { kind: 'person', id: 'ana' },
      { kind: 'person', id: 'customer' },
      { kind: 'person', id: 'operator' },
      { kind: 'system', id: 'platform' },
      workflow(id),
      workflow(id),
    ]);
    expect(entries.at(-1)).toMatchObject({ action: 'ticket.escalated', why: 'with enriched, decided' });
  });

  it('that is assigned is logged with the agent, once', async () => {
    await sql`insert into agents (id, skills, capacity, on_duty, presence) values ('ben', '{}', 10, true, 'available')`.execute(
      stores.db,
    );
    const id = await newTicket(stores);
    const asked = { ticketId: id, occasion: 'E#1', demand: { needs: [], weight: 1 }, priority: null };
    expect((await stores.tickets.assign(asked)).agentId).toBe('ben');
    expect((await stores.tickets.assign(asked)).agentId).toBe('ben');
    expect(await entriesOf(`ticket/${id}`)).toMatchObject([
      { action: 'ticket.assigned', actor: workflow(id), before: { assignee: null }, after: { assignee: 'ben' } },
    ]);
  });

  it('that is rated after its end is logged, once an event', async () => {
    const id = await newTicket(stores);
    const event = { source: 'form', eventId: 'r1' };
    await stores.intake.rateLate(id, 4, event);
    await stores.intake.rateLate(id, 2, event);
    expect(await entriesOf(`ticket/${id}`)).toMatchObject([
      { action: 'ticket.rated', actor: { kind: 'person', id: 'customer' }, after: { episode: 1, score: 4 } },
    ]);
  });
});

describe('a message', () => {
  const toAgent = (ticketId: string, occasion = 'E#1'): DeliveryRequest => ({
    ticketId,
    occasion,
    recipient: { kind: 'agent', id: 'ana' },
    channel: 'mail',
    template: 'escalation',
  });
  const queue = async (seq = 2) => {
    const ticketId = await newTicket(stores);
    const change = changeOf(ticketId, seq, { state: 'waitingForAgent' }, 'escalated');
    const many = await Promise.all(
      Array.from({ length: 5 }, () => stores.deliveries.queue(change, [toAgent(ticketId), toAgent(ticketId, 'E#2')])),
    );
    return { ticketId, ids: (many[0] ?? []).map(({ id }) => id) as [string, string] };
  };

  it('is queued with one entry each beside the one of the change, however often it is queued', async () => {
    const { ticketId, ids } = await queue();
    expect(await entriesOf(`ticket/${ticketId}`)).toMatchObject([{ action: 'ticket.escalated' }]);
    for (const id of ids) {
      expect(await entriesOf(`delivery/${id}`)).toEqual([
        {
          actor: workflow(ticketId),
          // Messages for the outbox are written without a further step.
          action: 'delivery.intent',
          why: 'escalation',
          before: null,
          after: {
            ticket: ticketId,
            template: 'escalation',
            channel: 'mail',
            transport: 'outbox',
            recipient: 'agent',
            status: 'queued',
          },
        },
      ]);
    }
  });

  it('leaves its intent before and its outcome after, once each', async () => {
    const { ids } = await queue();
    const later = async () => (await entriesOf(`delivery/${ids[0]}`)).slice(1);
    await stores.deliveries.begin(ids[0]);
    expect(await later()).toMatchObject([
      { action: 'delivery.intent', before: { status: 'queued' }, after: { status: 'sending', attempt: 1, repeats: 0 } },
    ]);
    await stores.deliveries.finish(ids[0], { status: 'unknown', reason: 'no answer' });
    await stores.deliveries.begin(ids[0]);
    await stores.deliveries.finish(ids[0], { status: 'sent', providerMessageId: 'm1' });
    await stores.deliveries.finish(ids[0], { status: 'failed', reason: 'too late' });
    await stores.deliveries.begin(ids[0]);
    expect(
      (await later()).map(({ action, why, before, after }) => [action, why, before?.status, after?.status]),
    ).toEqual([
      ['delivery.intent', 'escalation', 'queued', 'sending'],
      ['delivery.outcome', 'no answer', 'sending', 'unknown'],
      ['delivery.intent', 'escalation', 'unknown', 'sending'],
      ['delivery.outcome', null, 'sending', 'sent'],
    ]);
  });

  it('that is written, withdrawn or given up is logged, where that changes it', async () => {
    const { ticketId, ids } = await queue();
    const last = async (id: string) => (await entriesOf(`delivery/${id}`)).slice(1);
    for (let i = 0; i < 2; i++) {
      await stores.deliveries.finishWritten(ticketId, [{ deliveryId: ids[0], providerMessageId: 'outbox:1.eml' }]);
      await stores.deliveries.withdraw(ids, 'a person has the ticket');
      await stores.deliveries.giveUp(ticketId, 'E#2');
    }
    expect(await last(ids[0])).toMatchObject([
      { action: 'delivery.outcome', before: { status: 'queued' }, after: { status: 'sent' } },
    ]);
    expect(await last(ids[1])).toMatchObject([{ why: 'a person has the ticket', after: { status: 'suppressed' } }]);
    const other = await queue();
    await stores.deliveries.giveUp(other.ticketId, 'E#2');
    expect(await last(other.ids[1])).toMatchObject([{ why: 'no longer needed', after: { status: 'suppressed' } }]);
  });
});

it('an API key that is made or revoked is logged by its id, its role and all that was shown of who did it, not by its name', async () => {
  const by = ['login/postgres', 'account/1001'];
  const keys = createKeyStore(stores.operator, { kind: 'person', id: 'login/postgres' }, by);
  const id = await keys.add('Ada’s laptop', 'h1', 'privacyOfficer');
  expect([await keys.revoke(id), await keys.revoke(id), await keys.revoke('nobody')]).toEqual([true, false, false]);
  const lines = await createAuditReader(stores.auditor).list({ actor: 'login/postgres', limit: 10 });
  expect(lines.map(({ action, object, after }) => [action, object, after])).toEqual([
    ['key.revoked', `key/${id}`, { role: 'privacyOfficer', by }],
    ['key.made', `key/${id}`, { role: 'privacyOfficer', by }],
  ]);
  expect(JSON.stringify(lines)).not.toContain('Ada');
});

it('of a key that is an agent’s own the log says whose', async () => {
  const by = ['login/postgres'];
  const keys = createKeyStore(stores.operator, { kind: 'person', id: 'login/postgres' }, by);
  const id = await keys.add('of Ada', 'h-ada', 'agent', 'ada');
  await keys.revoke(id);
  const lines = await createAuditReader(stores.auditor).list({ object: `key/${id}`, limit: 10 });
  expect(lines.map(({ action, after }) => [action, after])).toEqual([
    ['key.revoked', { role: 'agent', agent: 'ada', by }],
    ['key.made', { role: 'agent', agent: 'ada', by }],
  ]);
});

it('an effect whose entry can’t be written does not happen', async () => {
  const id = await newTicket(stores);
  await sql`alter table audit_entries add constraint no_entries check (action = 'none') not valid`.execute(stores.db);
  const keys = createKeyStore(stores.operator, { kind: 'system', id: 'test' });
  await expect(stores.tickets.record(changeOf(id, 2, { state: 'solved' }))).rejects.toThrow('no_entries');
  await expect(keys.add('a', 'h2')).rejects.toThrow('no_entries');
  await sql`alter table audit_entries drop constraint no_entries`.execute(stores.db);
  expect(await stores.read.ticket(id)).toMatchObject({ state: 'new' });
  expect((await keys.list()).map(({ name }) => name)).not.toContain('a');
});

it('what the stores wrote passes', async () => {
  while ((await placeEntries(stores.worker, 10))?.placed === 10);
  const heads = { read: async () => ({ heads: [], warnings: [] }) };
  expect(await verifyAudit(stores.auditor, heads, { unplacedAfterMs: 0 })).toMatchObject({ ok: true });
});
