import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { composeOperator } from '../../src/compose-operator.ts';
import { judge } from '../../src/config.ts';
import { ACTS, KEY_MAKER, KEY_ROLES, may, rolesThatMay } from '../../src/domain/access.ts';
import { hashKey, newKey } from '../../src/http/keys.ts';
import { Secret } from '../../src/secret.ts';
import { DB_ROLES } from '../../src/store/grants.ts';
import { useStores } from '../store/support.ts';
import { temporaryDirectory } from '../support/directory.ts';

const stores = useStores();

test.each(DB_ROLES)('%s may make and revoke keys only where it is the one that the rule names', async (role) => {
  const { rows } = await sql<{ makes: boolean; revokes: boolean; deletes: boolean }>`select
    has_table_privilege(${role}, 'api_keys', 'insert') or has_any_column_privilege(${role}, 'api_keys', 'insert') as makes,
    has_table_privilege(${role}, 'api_keys', 'update') or has_any_column_privilege(${role}, 'api_keys', 'update') as revokes,
    has_table_privilege(${role}, 'api_keys', 'delete') as deletes`.execute(stores.db);
  const isMaker = role === KEY_MAKER;
  expect(rows).toEqual([{ makes: isMaker, revokes: isMaker, deletes: false }]);
});

test('nor may whoever makes keys give one another role, name or hash', async () => {
  for (const column of ['role', 'name', 'hash', 'id'])
    await expect(sql`update api_keys set ${sql.ref(column)} = 'admin'`.execute(stores.operator)).rejects.toThrow(
      'permission denied',
    );
});

test('no role of a key is for making keys: an admin may what the others may, together', () => {
  const others = KEY_ROLES.filter((role) => role !== 'admin');
  for (const act of ACTS)
    expect([may('admin', act), others.some((role) => rolesThatMay(act).includes(role))]).toEqual([true, true]);
});

test('who makes or revokes an officer’s key at the command line is in the log: login and account, with the role', async () => {
  const { config } = judge({ STEWARD_STATE_DIR: await temporaryDirectory() });
  const operator = await composeOperator(config, new Secret(stores.url));
  const id = await operator.keys.add('Ann', hashKey(newKey()), 'privacyOfficer');
  expect(await operator.keys.revoke(id)).toBe(true);
  const logged = await operator.audit.list({ object: `key/${id}`, limit: 10 });
  await operator.close();
  const login = `login/${new URL(stores.url).username}`;
  const after = { role: 'privacyOfficer', by: [login, `account/${process.getuid?.()}`] };
  expect(logged.map(({ action, actor, ...entry }) => ({ action, by: actor.id, after: entry.after }))).toEqual([
    { action: 'key.revoked', by: login, after },
    { action: 'key.made', by: login, after },
  ]);
});
