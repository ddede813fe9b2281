import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { hashKey, newKey } from '../../src/http/keys.ts';
import { Secret } from '../../src/secret.ts';
import { createKeyStore } from '../../src/store/keys.ts';
import { newTicket } from '../store/support.ts';
import { NOW, usePrivacyCommands } from './privacy-support.ts';

const { stores, said, temporal, shown, steward, json, newCustomer } = usePrivacyCommands();

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
  const runs = { name: 'flow-long-ago', created_at: new Date('2024-11-24T12:00:00Z') };
  await stores.db
    .insertInto('data_keys')
    .values({ ...runs, wrapped: Buffer.from('x'), subject_id: null, named_as: null, kek_id: 'k', shredded_at: null })
    .execute();
  expect((await steward('retention')).out).toMatch(
    /1 runs of flows without a ticket, of which nothing was heard since before 2024-11-25, .*; 0 more are held by law\./,
  );
  expect(await json('retention')).toMatchObject({ tickets: 1, runs: { runs: 1, held: 0 }, slack: 0 });
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
