import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { loadHelp } from '../../src/adapters/help-files.ts';
import type { Article } from '../../src/domain/article.ts';
import { isSure } from '../../src/domain/resolve.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { createHelpStore } from '../../src/store/help.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();
let db: Database;
let own: Article[];
beforeAll(async () => {
  db = openDatabase({ url: database.url, poolSize: 4, role: 'steward_worker' });
  own = await loadHelp('help');
});
beforeEach(() => createHelpStore(db).replaceAll(own));
afterAll(() => db.destroy());

let tickets = 0;
async function write(subject: string | null, body: string, origin = 'first'): Promise<string> {
  const ticketId = `T-${tickets++}`;
  await db.insertInto('messages').values({ ticket_id: ticketId, origin, author: 'customer', subject, body }).execute();
  return ticketId;
}
async function ask(subject: string | null, body: string, language = 'en') {
  return createHelpStore(db).search(await write(subject, body), language);
}

const ARTICLE: Article = { id: 'a', title: 'Paint the fence', language: 'en', keywords: ['brush'], body: 'Take blue.' };

test('an ordinary question about an invoice is answered', async () => {
  const [best] = await ask(null, 'How do I download my invoice for last month?');
  expect(best).toMatchObject({ articleId: 'invoices', title: 'Find and download your invoices' });
  expect(best && isSure(best)).toBe(true);
});

test('at most five articles are found, the best first', async () => {
  const found = await ask('Password', 'Change email, password, plan, settings, account, subscription, API and members');
  expect(found).toHaveLength(5);
  expect(found.map((m) => m.confidence)).toEqual(found.map((m) => m.confidence).sort((a, b) => b - a));
});

test('the subject counts as the message does', async () => {
  const [best] = await ask('How do I cancel my subscription?', 'Thanks!');
  expect(best).toMatchObject({ articleId: 'cancel-subscription' });
  expect(best && isSure(best)).toBe(true);
});

test('only the first message is searched for', async () => {
  const store = createHelpStore(db);
  expect(await store.search(await write('Invoice', 'Where is my invoice?', 'event:1'), 'en')).toEqual([]);
  expect(await store.search('T-unknown', 'en')).toEqual([]);
});

test('a question is answered in its own language, else in English', async () => {
  expect((await ask(null, 'Wo kann ich meine Rechnung als PDF herunterladen?', 'de'))[0]?.articleId).toBe(
    'invoices.de',
  );
  expect((await ask(null, 'SSO mit SAML und Okta?', 'de'))[0]?.articleId).toBe('single-sign-on');
  expect((await ask(null, 'SSO: SAML, Okta?', 'pl'))[0]?.articleId).toBe('single-sign-on');
});

test('a language tag with a region is its language', async () => {
  expect((await ask(null, 'Passwort vergessen!', 'de-AT'))[0]?.articleId).toBe('reset-password.de');
});

test('accents left out on a telephone do no harm', async () => {
  expect((await ask(null, '¿cómo cambio la contrasena?', 'es'))[0]?.articleId).toBe('reset-password.es');
});

test('addresses, numbers and small talk make no answer less sure', async () => {
  const [plain] = await ask(null, 'Where is my invoice?');
  const [dressed] = await ask(
    null,
    'Hello team, where is my invoice? 4711 jo@example.org https://example.org/a/b Thanks!',
  );
  expect(dressed?.confidence).toBe(plain?.confidence);
});

test.each([
  ['nothing to go by', "It doesn't work. Please help!!!"],
  ['no words at all', '?!… 12345 \u{1F621}'],
  ['signs that a search could take for its own', `' | & ! <-> :* \\ ( "--`],
])('a message with %s finds nothing, and fails nothing', async (_, body) => {
  expect(await ask(null, body)).toEqual([]);
});

test('a very long message is searched in its beginning', async () => {
  const [best] = await ask('How do I download my invoice?', 'x '.repeat(120_000));
  expect(best?.articleId).toBe('invoices');
});

test('what the search does leaves nothing of the customer behind', async () => {
  await ask('Zanzibar', 'My invoice for Zanzibar');
  for (const table of ['help_articles', 'help_words', 'help_small_talk']) {
    const { rows } = await sql`select 1 from ${sql.table(table)} t where t::text ilike '%zanzib%'`.execute(db);
    expect([table, rows]).toEqual([table, []]);
  }
});

test('an article that changed is found by its new words and no longer by the old ones', async () => {
  const store = createHelpStore(db);
  await store.replaceAll([ARTICLE]);
  expect((await ask(null, 'brush for the fence'))[0]?.articleId).toBe('a');
  await store.replaceAll([{ ...ARTICLE, title: 'Mow the lawn', keywords: [], body: 'Slowly.' }]);
  expect(await ask(null, 'brush for the fence')).toEqual([]);
  expect((await ask(null, 'mow my lawn'))[0]?.title).toBe('Mow the lawn');
  expect(await store.article('a')).toEqual({ id: 'a', title: 'Mow the lawn', body: 'Slowly.' });
});

test('an article whose keywords alone changed is found by them', async () => {
  const store = createHelpStore(db);
  await store.replaceAll([ARTICLE]);
  await store.replaceAll([{ ...ARTICLE, keywords: ['roller'] }]);
  expect((await ask(null, 'Which roller?'))[0]?.articleId).toBe('a');
});

test('an article whose file is gone is gone', async () => {
  const store = createHelpStore(db);
  await store.replaceAll(own.filter((a) => a.id !== 'invoices'));
  expect(await store.article('invoices')).toBeNull();
  await store.replaceAll([]);
  expect(await db.selectFrom('help_words').selectAll().execute()).toEqual([]);
});

test('loading what is there already writes nothing', async () => {
  const versions = async () =>
    (
      await sql<{ v: string }>`
      select xmin::text || ctid::text as v from help_articles union all select xmin::text || ctid::text from help_words
      union all select xmin::text || ctid::text from help_small_talk order by v`.execute(db)
    ).rows;
  const before = await versions();
  await createHelpStore(db).replaceAll(own);
  expect(await versions()).toEqual(before);
});

test('of two processes that load at once the second waits, so that it sees what the first wrote', async () => {
  const late = { id: 'late', language: 'en', title: 'Late', body: 'Late.', hash: '' };
  const first = await db.startTransaction().execute();
  await first.insertInto('help_articles').values(late).execute();
  let done = false;
  const second = createHelpStore(db)
    .replaceAll(own)
    .finally(() => {
      done = true;
    });
  while (!done && !(await someoneWaits()));
  await first.commit().execute();
  await second;
  expect(await createHelpStore(db).article('late')).toBeNull();
});

async function someoneWaits(): Promise<boolean> {
  const { rows } = await sql`select from pg_locks where not granted and relation = 'help_articles'::regclass`.execute(
    db,
  );
  return rows.length > 0;
}

test('processes that load at once, each other articles, leave one set whole', async () => {
  const sets = [own, own.slice(0, 9), [ARTICLE], own.slice(5)];
  await Promise.all([...sets, ...sets].map((articles) => createHelpStore(db).replaceAll(articles)));
  const left = (await db.selectFrom('help_articles').select('id').orderBy('id').execute()).map((row) => row.id);
  expect(sets.map((set) => set.map((a) => a.id).sort())).toContainEqual(left);
  const worded = await db.selectFrom('help_words').select('article_id').distinct().orderBy('article_id').execute();
  expect(worded.map((row) => row.article_id)).toEqual(left);
});

test('a set that cannot be loaded leaves the old one', async () => {
  const store = createHelpStore(db);
  await expect(store.replaceAll([ARTICLE, { ...ARTICLE, title: 'twice' }])).rejects.toThrow();
  expect(await store.article('invoices')).not.toBeNull();
});
