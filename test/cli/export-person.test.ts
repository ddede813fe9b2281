/** All that we hold of somebody, on a real database. */
import { readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { personExport } from '../../src/schema/person-export.ts';
import { changeOf, claim, newId, ticketOf } from '../store/support.ts';
import { usePrivacyCommands } from './privacy-support.ts';

const { stores, steward } = usePrivacyCommands();

describe('export-person', () => {
  async function full() {
    const customerId = newId('CUST');
    const email = `${customerId.toLowerCase()}@example.com`;
    const detail = { customerId, customerEmail: email, customerName: 'Ada Lovelace', customerPhone: '+49 30 901820' };
    const ticketId = newId();
    await claim(stores, ticketOf(ticketId, { ...detail, subject: 'A subject', message: 'My words' }));
    const agent = changeOf(ticketId, 2, { state: 'inProgress', assigneeId: 'ana' }, 'claimed', { agentId: 'ana' });
    const said = {
      source: 'p',
      eventId: 'e1',
      message: { author: 'agent', authorId: 'ana', body: 'Our words' },
    } as const;
    await stores.tickets.take({ ...agent, entries: agent.entries.map((e) => ({ ...e, actor: 'ana' })) }, said, null);
    await stores.intake.rateLate(ticketId, 5, { source: 'p', eventId: 'e2' });
    const mail = { ticketId, occasion: 'o', channel: 'mail', template: 'welcome' } as const;
    await stores.deliveries.queue(changeOf(ticketId, 3), [
      { ...mail, recipient: { kind: 'customer', id: customerId } },
      { ...mail, template: 'escalation', recipient: { kind: 'agent', id: 'ana' } },
    ]);
    const spam = { id: newId('PM'), reason: 'spam' as const, provider_id: newId(), mail: `Not taken from ${email}` };
    await stores.db
      .insertInto('parked_mails')
      .values({ ...spam, sender: email })
      .execute();
    await steward('consent', 'set', customerId, 'news', 'granted');
    await steward('hold', 'place', customerId, '--why', 'a lawsuit', '--by', 'privacy');
    return { customerId, email, ticketId };
  }

  test('holds everything of the person, by category, as its schema says, and nothing of anybody else', async () => {
    const { customerId, email } = await full();
    const other = await full();
    const { out } = await steward('export-person', email);
    const exported = personExport.parse(JSON.parse(out));
    for (const told of [
      customerId,
      email,
      'Ada Lovelace',
      '+49 30 901820',
      'A subject',
      'My words',
      'Our words',
      `Not taken from ${email}`,
      'a lawsuit',
    ]) {
      expect(out).toContain(told);
    }
    const tables = Object.fromEntries(exported.categories.map((c) => [c.category, Object.keys(c.tables).sort()]));
    expect(tables).toEqual({
      identity: ['customers'],
      contact: ['customers'],
      conversations: ['messages', 'parked_mails'],
      ticketFacts: ['events', 'tickets', 'timeline'],
      deliveries: ['deliveries'],
      ratings: ['ratings'],
      consents: ['consent_history', 'consents'],
      requestRecord: ['legal_holds'],
    });
    expect(exported.sources).toEqual(['cli', 'support.platform']);
    expect(exported.categories.find((c) => c.category === 'conversations')).toMatchObject({
      retention: expect.stringMatching(/^until 730 days after the ticket's close: then it may go, .* until you ask/),
      recipients: ['Slack'],
    });
    expect(out).not.toContain(other.customerId);
    expect(out).not.toContain(other.ticketId);
    expect(JSON.parse((await steward('export-person', '--customer', customerId)).out)).toEqual(exported);
  });

  test('tells of their requests for erasure: the one under way, the one that kept something, and who was told', async () => {
    const { customerId, email } = await full();
    const [running, kept, others] = ['1', '2', '3'].map(() => `ERA-${newId().slice(-8).toLowerCase()}`);
    for (const id of [running, kept, others]) {
      await sql`insert into erasures (id, via, state, sealed, particulars, due_at, ruling_reason, ruled_by, subject_ref)
        values (${id}, 'form', 'ended', 'sealed-words', 'sealed-words', now(), 'kept for a lawsuit', 'officer/privacy', 'SUBJ-x')`.execute(
        stores.db,
      );
      await sql`insert into erasure_recipients (erasure_id, recipient, kind, status, notice)
        values (${id}, ${`crm of ${id}`}, 'crm', 'open', 'sealed-words')`.execute(stores.db);
    }
    await sql`update customers set erasure_id = ${running}, kept_by = ${kept} where id = ${customerId}`.execute(
      stores.db,
    );
    const { out } = await steward('export-person', email);
    const { categories } = personExport.parse(JSON.parse(out));
    const tables = categories.find(({ category }) => category === 'requestRecord')?.tables ?? {};
    expect(Object.keys(tables).sort()).toEqual(['erasure_recipients', 'erasures', 'legal_holds']);
    const ids = [running, kept].sort();
    expect(tables.erasures?.map(({ id }) => id)).toEqual(ids);
    expect(tables.erasures?.[0]).toMatchObject({ via: 'form', ruling_reason: 'kept for a lawsuit' });
    expect(tables.erasure_recipients?.map(({ recipient }) => recipient)).toEqual(ids.map((id) => `crm of ${id}`));
    for (const hidden of [
      'sealed-words',
      Buffer.from('sealed-words').toString('hex'),
      'officer/privacy',
      'SUBJ-x',
      others,
    ])
      expect(out).not.toContain(hidden);
  });

  test('is in the log before it is given out, by its tickets and without a word of whose it is', async () => {
    const { customerId, email, ticketId } = await full();
    await steward('export-person', email);
    const entry = await stores.db
      .selectFrom('audit_entries')
      .selectAll()
      .where('action', '=', 'person.exported')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    expect(entry.after).toMatchObject({ tickets: [ticketId], rows: { identity: 1, contact: 1, conversations: 3 } });
    expect(JSON.stringify(entry)).not.toMatch(new RegExp(`${customerId}|${email}|Lovelace`, 'i'));
  });

  test('gives nothing out that can not be logged', async () => {
    const { email } = await full();
    await sql`revoke insert on audit_entries from steward_officer`.execute(stores.db);
    try {
      const { exit, out } = await steward('export-person', email);
      expect({ exit, out }).toEqual({ exit: 1, out: '' });
    } finally {
      await sql`grant insert on audit_entries to steward_officer`.execute(stores.db);
    }
    expect((await steward('export-person', email)).exit).toBe(0);
  });

  test('does not tell who of us dealt with it', async () => {
    const { customerId } = await full();
    const { out } = await steward('export-person', '--customer', customerId);
    expect(out).not.toContain('"ana"');
    expect(out).not.toContain('placed_by');
  });

  test('wants one name, and says when nobody has it', async () => {
    expect((await steward('export-person')).err).toContain('name the person by the address, or by --customer');
    expect((await steward('export-person', 'a@example.com', '--customer', 'x')).exit).toBe(1);
    expect((await steward('export-person', 'nobody@example.com')).err).toContain(
      'ADDRESS: no customer has this address; ',
    );
    expect((await steward('export-person', 'foo')).err).toContain(
      'ADDRESS: expected an e-mail address; an id goes behind',
    );
    expect((await steward('export-person', '--customer', 'foo')).err).toContain(
      '--customer: no customer has this id; ',
    );
    const unheld = await steward('hold', 'place', 'CUST-XX', '--why', 'A lawsuit', '--by', 'privacy');
    expect(unheld.err).toMatch(/CUSTOMER: no customer has this id; name them by the address/);
    expect(unheld.err).not.toContain('CUST-XX');
  });

  test('its schema is in the docs as it is in the code', async () => {
    const documented = JSON.parse(await readFile('docs/person-export.schema.json', 'utf8'));
    expect(documented).toEqual(JSON.parse(JSON.stringify(z.toJSONSchema(personExport))));
  });
});
