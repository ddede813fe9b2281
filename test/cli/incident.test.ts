import { expect, test } from 'vitest';
import { createIncidentDesk } from '../../src/store/incident-desk.ts';
import { useStores } from '../store/support.ts';
import { createWorld, steward } from './support.ts';

const stores = useStores();
const desk = () => createIncidentDesk(stores.operator, { kind: 'person', id: 'login/test' });
const run = (...args: string[]) => steward(createWorld({ incidents: desk() }), 'incident', ...args);

test('an incident is listed, shown, and closed by hand once, with an entry of the audit log', async () => {
  expect((await run('list')).out).toContain('No provider was ever left alone');
  const row = { provider: 'slack' as const, reason: 'HTTP 500', pause_ms: '1000', probe_at: new Date() };
  const { id } = await stores.db.insertInto('provider_incidents').values(row).returning('id').executeTakeFirstOrThrow();
  expect((await run('list')).out).toMatch(new RegExp(`${id} +slack +open, probe in \\d+ s .*HTTP 500`));
  expect((await run('show', id)).out).toContain('took the place of 0 calls');
  expect((await run('close', id)).out).toContain('the provider is called again');
  expect((await run('close', id)).out).toContain('was closed already');
  const logged = stores.db
    .selectFrom('audit_entries')
    .select(['actor_id', 'why'])
    .where('action', '=', 'incident.closed');
  expect(await logged.execute()).toEqual([{ actor_id: 'login/test', why: 'by hand' }]);
  expect((await run('show', '999')).err).toContain('there is no incident 999');
});
