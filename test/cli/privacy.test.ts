/** The commands of the privacy officer on a real database. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Steward } from '../../src/cli/context.ts';
import { composePrivacy } from '../../src/compose-privacy.ts';
import { StewardError } from '../../src/domain/errors.ts';
import { hashKey, newKey } from '../../src/http/keys.ts';
import { personExport } from '../../src/schema/person-export.ts';
import { Secret } from '../../src/secret.ts';
import { createKeyStore } from '../../src/store/keys.ts';
import { createMonthlyAuditReader } from '../../src/store/monthly-audits.ts';
import { changeOf, claim, newId, newTicket, ticketOf, useStores } from '../store/support.ts';
import { noIncidents, noWebhooks, runOn } from './support.ts';

const stores = useStores();
const NOW = '2026-11-25T12:00:00.000Z';
let dir: string;
let policyFile: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'privacy-'));
  policyFile = join(dir, 'privacy.yaml');
  const ours = await readFile('policies/privacy.yaml', 'utf8');
  await writeFile(policyFile, ours.replace('purposes: {}', 'purposes: { news: News by mail }'));
});
afterAll(() => rm(dir, { recursive: true }));

const said: unknown[] = [];
const temporal = { away: false };
/** The officer's API key, where one is shown. */
const shown: { key?: Secret } = {};
function steward(...args: string[]) {
  const unused = () => Promise.reject(new Error('not asked for'));
  const parts: Parameters<typeof runOn>[0] = {
    now: () => Date.parse(NOW),
    steward: async () => {
      if (temporal.away) throw new StewardError('Unavailable', 'Temporal does not answer');
      const retain = async () => {
        said.push('started');
        return { workflowId: 'retention-asked', runId: '1' };
      };
      return { retain } as unknown as Steward;
    },
    operator: async () => ({
      read: stores.read,
      keys: { add: unused, list: unused, live: unused, revoke: unused },
      parkedBatches: { order: unused, logCancel: unused, logCancelAnswer: unused, report: unused },
      presence: { set: unused },
      webhooks: noWebhooks,
      incidents: noIncidents,
      tasks: unused,
      privacy: composePrivacy({
        db: stores.officer,
        policyFile,
        by: { kind: 'person', id: 'login/test' },
        officerKey: shown.key,
      }),
      links: { webUi: (id) => id },
      dataConverter: unused,
      audit: { list: unused, async *links() {}, note: async (action) => void said.push(action), verify: unused },
      reports: createMonthlyAuditReader(stores.db),
      close: async () => {},
    }),
  };
  return runOn(parts, ...args);
}
async function json(...args: string[]) {
  const { out, err } = await steward(...args, '--json');
  expect(err).toBe('');
  return JSON.parse(out);
}
async function newCustomer() {
  const customerId = newId('CUST');
  const email = `${customerId.toLowerCase()}@example.com`;
  const ticketId = await newTicket(stores, { customerId, customerEmail: email });
  return { customerId, email, ticketId };
}

describe('consent', () => {
  test('is set by address or id, and shown with all that was said', async () => {
    const { customerId, email } = await newCustomer();
    const granted = [
      'consent',
      'set',
      email,
      'news',
      'granted',
      '--at',
      '2026-11-01T10:00:00Z',
      '--evidence',
      'form 3',
    ];
    expect((await steward(...granted)).out).toBe(`${customerId}: news: granted\n`);
    expect((await steward(...granted)).out).toContain('was recorded before');
    expect(await json('consent', 'set', customerId, 'news', 'withdrawn')).toEqual({
      customerId,
      purpose: 'news',
      status: 'withdrawn',
      at: NOW,
      outcome: 'changed',
    });
    const { out } = await steward('consent', 'show', email.toUpperCase());
    expect(out).toMatch(/news {2}withdrawn {2}since 2026-11-25 12:00:00/);
    expect(out).toMatch(/2026-11-01 10:00:00 +news +granted +cli +form 3/);
  });

  test.each([
    [['nobody@example.com', 'news', 'granted'], /no customer has this address/],
    [['CUST', 'ads', 'granted'], /purpose: policies\/privacy\.yaml knows no "ads"; its purposes: news/],
    [['CUST', 'news', 'yes'], /status: expected granted or withdrawn/],
    [['CUST', 'news', 'granted', '--at', 'yesterday'], /--at: expected a time of ISO 8601/],
    [['', 'news', 'granted', '--evidence', 'a\nb'], /--evidence: expected 1 to 200 printable/],
  ])('%j is refused with the mend', async (args, message) => {
    const { customerId } = await newCustomer();
    const [who, ...rest] = args;
    const { exit, err } = await steward(
      'consent',
      'set',
      who === 'CUST' || who === '' ? customerId : (who ?? ''),
      ...rest,
    );
    expect(exit).toBe(1);
    expect(err).toMatch(message);
  });

  test('of an address that several have, one is to be named by the id', async () => {
    const { customerId, email } = await newCustomer();
    await newTicket(stores, { customerEmail: email });
    const { exit, err } = await steward('consent', 'set', email, 'news', 'granted');
    expect(exit).toBe(1);
    expect(err).toContain(customerId);
  });
});

describe('hold', () => {
  test('is placed, listed, lifted', async () => {
    const { customerId, email } = await newCustomer();
    const place = ['hold', 'place', email, '--why', 'a lawsuit', '--by', 'privacy', '--until', '2027-06-30'];
    const [placed] = await json(...place, '--category', 'conversations');
    expect(placed).toMatchObject({ customerId, category: 'conversations', until: '2027-06-30T21:59:59.999Z' });
    expect((await steward('hold', 'list', customerId)).out).toMatch(
      /conversations +2027-06-30 21:59:59 +privacy +a lawsuit/,
    );
    expect((await steward('hold', 'lift', placed.id, '--by', 'privacy')).exit).toBe(0);
    expect((await steward('hold', 'list', customerId)).out).toBe('Nothing is held.\n');
    expect((await steward('hold', 'list', customerId, '--lifted')).out).toContain('lifted 2026');
    const again = await steward('hold', 'lift', placed.id, '--by', 'privacy');
    expect(again.err).toContain('that is not lifted already');
  });

  test('who places and lifts it is who is shown, not who is said; the log has until when', async () => {
    const keys = createKeyStore(stores.operator, { kind: 'person', id: 'login/test' });
    const [officerKey, agentKey] = [newKey(), newKey()];
    const keyId = await keys.add('officer', hashKey(officerKey), 'privacyOfficer');
    await keys.add('agent', hashKey(agentKey), 'agent');
    const { customerId } = await newCustomer();
    const place = ['hold', 'place', customerId, '--why', 'a lawsuit', '--by', 'privacy', '--until', '2027-06-30'];
    const login = `login/${new URL(stores.url).username}`;
    const account = `account/${process.getuid?.()}`;
    const said = async (id: string) => {
      const log = stores.db.selectFrom('audit_entries').select(['action', 'actor_kind', 'actor_id', 'after']);
      return log.where('object', '=', `hold/${id}`).orderBy('id').execute();
    };
    const [byLogin] = await json(...place);
    const by = [login, account, 'officer/privacy'];
    expect(await said(byLogin.id)).toEqual([
      {
        action: 'hold.placed',
        actor_kind: 'person',
        actor_id: login,
        after: { category: 'all', until: '2027-06-30T21:59:59.999Z', by },
      },
    ]);
    try {
      shown.key = new Secret(officerKey);
      const [byKey] = await json(...place.slice(0, -2));
      expect((await steward('hold', 'lift', byKey.id, '--by', 'privacy')).exit).toBe(0);
      const withKey = { actor_kind: 'key', actor_id: keyId };
      const all = [`key/${keyId}`, ...by];
      expect(await said(byKey.id)).toEqual([
        { action: 'hold.placed', ...withKey, after: { category: 'all', until: null, by: all } },
        { action: 'hold.lifted', ...withKey, after: { by: all } },
      ]);
      shown.key = new Secret(agentKey);
      for (const args of [place, ['hold', 'lift', byLogin.id, '--by', 'privacy']]) {
        const { exit, err } = await steward(...args);
        expect(exit).toBe(1);
        expect(err).toMatch(/STEWARD_OFFICER_KEY: this API key is of the role agent, which decides nothing/);
      }
    } finally {
      delete shown.key;
    }
    expect(await json('hold', 'list', customerId)).toMatchObject([{ id: byLogin.id, placedBy: 'privacy' }]);
  });

  test('without an end stands until it is lifted, and is listed so', async () => {
    const { customerId } = await newCustomer();
    await steward('hold', 'place', customerId, '--why', 'a lawsuit', '--by', 'privacy', '--category', 'conversations');
    expect((await steward('hold', 'list', customerId)).out).toMatch(/conversations +until lifted +privacy +a lawsuit/);
  });

  test.each([
    [['--why', 'a lawsuit', '--by', 'zoe'], /--by: no officer "zoe" in policies\/privacy\.yaml; there are: privacy/],
    [['--why', 'of ada@example.com', '--by', 'privacy'], /--why: holds an e-mail address/],
    [['--why', 'lovelace, ada has a lawsuit', '--by', 'privacy'], /--why: holds .*their name.*without their name/],
    [['--why', 'x', '--by', 'privacy', '--until', '2027-02-30'], /--until: expected a day such as/],
    [['--why', 'x', '--by', 'privacy', '--until', '2026-11-24'], /--until: expected a day that is not over yet/],
  ])('%j is refused with the mend', async (args, message) => {
    const { customerId } = await newCustomer();
    await stores.db.updateTable('customers').set({ name: 'Ada Lovelace' }).where('id', '=', customerId).execute();
    const { exit, err } = await steward('hold', 'place', customerId, ...args);
    expect(exit).toBe(1);
    expect(err).toMatch(message);
    expect((await steward('hold', 'list', customerId)).out).toBe('Nothing is held.\n');
  });
});

describe('suppression', () => {
  test('is listed by address or id, and lifted once; the log does not say whose', async () => {
    const { customerId, email } = await newCustomer();
    await stores.db.insertInto('suppressions').values({ customer_id: customerId, reason: 'complained' }).execute();
    expect((await steward('suppression', 'list', email)).out).toMatch(
      new RegExp(`CUSTOMER +WHY +SINCE \\(UTC\\)\n${customerId} +complained of mail +20`),
    );
    expect(await json('suppression', 'list')).toMatchObject([{ customerId, reason: 'complained' }]);
    expect((await steward('suppression', 'lift', email)).out).toContain('Mail goes to this customer again.');
    expect((await steward('suppression', 'list')).out).toBe('Mail goes to everybody.\n');
    const again = await steward('suppression', 'lift', customerId);
    expect(again.exit).toBe(1);
    expect(again.err).toContain('mail goes to this customer already');
    const entries = await stores.db.selectFrom('audit_entries').selectAll().orderBy('id').execute();
    expect(entries.at(-1)).toMatchObject({
      actor_id: 'login/test',
      action: 'suppression.lifted',
      before: { reason: 'complained' },
    });
    expect(JSON.stringify(entries.at(-1))).not.toContain(customerId);
  });

  test('of nobody whom we know is refused', async () => {
    for (const act of ['list', 'lift']) {
      const { exit, err } = await steward('suppression', act, 'nobody@example.com');
      expect([exit, err]).toEqual([1, expect.stringContaining('no customer has this address')]);
    }
  });
});

test('retention tells first and does it only when told', async () => {
  const { ticketId } = await newCustomer();
  const closed = { state: 'closed', updated_at: new Date('2024-11-24T12:00:00Z') };
  await stores.db.updateTable('tickets').set(closed).where('id', '=', ticketId).execute();
  const body = async () => (await stores.pages.statusPage(ticketId))?.conversation[0]?.body;
  for (const args of [[], ['--dry-run']]) {
    const { out } = await steward('retention', ...args);
    expect(out).toMatch(/^1 tickets, closed before 2024-11-25, would lose their words:/);
    expect(out).toMatch(/conversations +1\n/);
    expect(out).toContain('Nothing was changed.');
  }
  expect(await body()).toBe('It does not work.');
  temporal.away = true;
  expect(await steward('retention', '--apply')).toMatchObject({ exit: 1, err: expect.stringContaining('Temporal') });
  expect(said).toEqual([]);
  temporal.away = false;
  // By the workflow alone: not in the database, past Temporal's histories.
  expect(await json('retention', '--apply')).toMatchObject({ dryRun: false, workflowId: 'retention-asked' });
  expect(said).toEqual(['retention.asked', 'started', 'retention.answered']);
  expect(await body()).toBe('It does not work.');
  expect((await steward('retention', '--apply', '--dry-run')).err).toContain('exclude each other');
});

test('who looks at consents or holds is logged, never at whom; what can’t be logged is not shown', async () => {
  const { customerId, email } = await newCustomer();
  await steward('consent', 'set', email, 'news', 'granted');
  await steward('hold', 'place', customerId, '--why', 'a lawsuit', '--by', 'privacy');
  const looks = [
    ['consent', 'show', email],
    ['hold', 'list', customerId],
    ['hold', 'list'],
  ];
  const logged = async () => {
    const all = stores.db.selectFrom('audit_entries').select(['action', 'actor_id', 'after']).orderBy('id');
    const entries = await all.where('action', 'in', ['consent.shown', 'hold.listed']).execute();
    return entries;
  };
  const before = (await logged()).length;
  for (const look of looks) expect((await steward(...look)).exit).toBe(0);
  const said = (await logged()).slice(before);
  const actor_id = 'login/test';
  expect(said).toMatchObject([
    { action: 'consent.shown', actor_id, after: { customers: 1, entries: 1 } },
    { action: 'hold.listed', actor_id, after: { of: 'one', entries: 1, holds: [expect.stringMatching(/^HLD-/)] } },
    { action: 'hold.listed', actor_id, after: { of: 'all' } },
  ]);
  expect(JSON.stringify(said)).not.toMatch(new RegExp(`${customerId}|${email}`, 'i'));
  await sql`revoke insert on audit_entries from steward_officer`.execute(stores.db);
  try {
    for (const look of looks) expect(await steward(...look)).toMatchObject({ exit: 1, out: '' });
  } finally {
    await sql`grant insert on audit_entries to steward_officer`.execute(stores.db);
  }
});

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
      retention: "until 730 days after the ticket's close",
      recipients: ['Slack'],
    });
    expect(out).not.toContain(other.customerId);
    expect(out).not.toContain(other.ticketId);
    expect(JSON.parse((await steward('export-person', '--customer', customerId)).out)).toEqual(exported);
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
