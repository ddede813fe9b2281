/** `erase --preview`: what an erasure would make of what we hold of a person. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { addCustomer, hurried, useErasureCommands } from '../erasure/support.ts';
import { useProviders } from '../support/providers.ts';
import { useRefusedEntries } from '../support/refuse-entries.ts';
import { useSteward } from '../support/steward.ts';

const providers = useProviders();
const settings = () => providers.settings();
const running = useSteward({ settings, privacy: hurried });
const steward = useErasureCommands(running, settings);
async function json(...args: string[]) {
  const { out, err } = await steward(...args, '--json');
  expect(err).toBe('');
  return JSON.parse(out);
}
const refuseEntries = useRefusedEntries();
const customer = () => addCustomer(running);
const requestCount = async () => (await json('erasure', 'list', '--all')).length;

test('--preview tells by store and category what would go and what would stay, and changes nothing', async () => {
  const { id, email } = await customer();
  const before = await requestCount();
  for (const who of [[email.toUpperCase()], ['--customer', id]]) {
    const { out } = await steward('erase', ...who, '--preview');
    expect(out).toMatch(
      /STORE +CATEGORY +COUNT +WOULD BE +UNTIL +WHY\ncustomers +identity +1 +erased +no longer .*\ncustomers +contact +1 +erased +no longer .*\n\nNothing was changed\. .* LOOK-[0-9a-f]{16}\.\n$/,
    );
  }
  const erased = { count: 1, fate: 'erased', why: expect.any(String), statute: 'Art. 17(1)(a) GDPR' };
  expect(await json('erase', email, '--preview')).toEqual({
    reference: expect.stringMatching(/^LOOK-/),
    verdict: 'erase',
    approval: false,
    lines: [
      { store: 'customers', category: 'identity', ...erased },
      { store: 'customers', category: 'contact', ...erased },
    ],
  });
  expect((await steward('erase', 'nobody@customer.example', '--preview')).out).toMatch(
    /^We hold nothing of this person\.\nNothing was changed\. /,
  );
  expect(await requestCount()).toBe(before);
});

test('--preview knows what a legal hold keeps, why, and until when', async () => {
  const { id, email } = await customer();
  const until = new Date('2999-06-30T21:59:59.999Z');
  await sql`insert into legal_holds (id, customer_id, category, why, until, placed_by)
    values (${`HLD-${id}`}, ${id}, 'contact', 'a lawsuit', ${until}, 'bob')`.execute(running.owner);
  const { verdict, approval, lines } = await json('erase', email, '--preview');
  expect({ verdict, approval }).toEqual({ verdict: 'partly', approval: true });
  expect(lines).toMatchObject([
    { category: 'identity', fate: 'erased' },
    { category: 'contact', fate: 'kept', why: 'a lawsuit', until: until.toISOString() },
    { store: 'legal_holds', fate: 'kept', why: 'it stays yours while we keep your address: a lawsuit' },
  ]);
  const { out } = await steward('erase', email, '--preview');
  expect(out).toMatch(/contact +1 +kept +2999-06-30 +a lawsuit \(Art\. 17\(3\)\(e\) GDPR\)/);
  expect(out).toContain('officer would have to approve');
});

test('--preview is a look at a person: logged with who looked, never at whom; what can’t be logged is not shown', async () => {
  const { id, email } = await customer();
  const { reference } = await json('erase', email, '--preview');
  const entry = await running.owner
    .selectFrom('audit_entries')
    .selectAll()
    .where('object', '=', `person/${reference}`)
    .executeTakeFirstOrThrow();
  expect(entry).toMatchObject({
    actor_kind: 'person',
    actor_id: expect.stringMatching(/^login\/./),
    action: 'person.previewed',
    after: { rows: { 'customers.identity': 1, 'customers.contact': 1 }, tickets: [] },
  });
  expect(JSON.stringify(entry)).not.toMatch(new RegExp(`${id}|${email}`, 'i'));
  // Random: looked at again, nobody can join the two.
  expect((await json('erase', email, '--preview')).reference).not.toBe(reference);
  const { allow } = await refuseEntries(running.owner, 'person.previewed');
  expect(await steward('erase', email, '--preview')).toMatchObject({ exit: 1, out: '' });
  await allow();
});

test('it counts the history of consents, holds, suppressions, and letters of earlier requests', async () => {
  const { id, email } = await customer();
  const db = running.owner;
  const consent = sql`insert into consent_history (customer_id, purpose, status, at, source) values`;
  await sql`${consent} (${id}, 'news', 'granted', now(), 'cli'), (${id}, 'news', 'withdrawn', now(), 'cli')`.execute(
    db,
  );
  await sql`insert into legal_holds (id, customer_id, category, why, until, placed_by)
    values (${`HLD-${id}`}, ${id}, 'ratings', 'a lawsuit', null, 'bob')`.execute(db);
  await sql`insert into suppressions (customer_id, reason) values (${id}, 'bounced')`.execute(db);
  const lettersTo = (to: string) =>
    writeFile(join(running.stateDir, 'outbox', `${LETTER}-outcome.eml`), `To: ${to}\r\nSubject: x\r\n\r\nx\r\n`);
  await mkdir(join(running.stateDir, 'outbox'), { recursive: true });
  await lettersTo(email);
  await sql`insert into erasures (id, via, sealed, state, due_at, ended_at, outcome)
    values (${LETTER}, 'cli', '', 'ended', now(), now(), 'refused')`.execute(db);
  const { lines } = await json('erase', email, '--preview');
  expect(lines).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ store: 'consent_history', count: 2, fate: 'unnamed' }),
      expect.objectContaining({ store: 'legal_holds', count: 1, fate: 'unnamed' }),
      expect.objectContaining({ store: 'suppressions', count: 1, fate: 'erased' }),
      expect.objectContaining({ store: 'letters', count: 1, fate: 'erased' }),
    ]),
  );
});
test('it counts every workflow that the erasure takes: also of refused tickets, and runs of flows', async () => {
  const { id, email } = await customer();
  const keys = (after: string) => `${after}-${id}`;
  await sql`insert into data_keys (name, subject_id, wrapped, kek_id)
    values (${keys('flow')}, ${id}, 'x', 'kek'), (${keys('ticket')}, ${id}, 'x', 'kek'), (${keys('flow-gone')}, ${id}, null, null)`.execute(
    running.owner,
  );
  const { lines } = await json('erase', email, '--preview');
  const erased = { category: 'conversations', fate: 'erased' };
  expect(lines).toContainEqual(expect.objectContaining({ store: 'temporal', count: 3, ...erased }));
  expect(lines).toContainEqual(expect.objectContaining({ store: 'keys', count: 2, ...erased }));
});

const LETTER = 'ERA-00000000000000aa';
