/** Presence by HTTP, on the real store. */
import { beforeEach, expect, test } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { createPresenceStore } from '../../src/store/presence.ts';
import { saveAgents } from '../../src/store/seed.ts';
import { useStores } from '../store/support.ts';
import { createWorld, depsOf } from './support.ts';

const stores = useStores();

beforeEach(() => saveAgents(stores.worker, [{ id: 'ana', skills: {}, capacity: 2, onDuty: true }]));

function gateway() {
  const world = createWorld();
  const presenceBy = ({ id }: { id: string }) => createPresenceStore(stores.gateway, { kind: 'key', id });
  const app = createApp({ ...depsOf(world), presenceBy });
  const say = async (body: unknown, agentId = 'ana') => {
    const response = await app.request(`/v1/agents/${agentId}/presence`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.key}` },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return { world, say, app };
}
const logged = () =>
  stores.db
    .selectFrom('audit_entries')
    .select(['actor_kind', 'actor_id', 'object', 'before', 'after'])
    .where('action', '=', 'agent.presence')
    .orderBy('id')
    .execute();

test('an agent goes off and comes back; each change is logged with the key that said it, a repeated word is none', async () => {
  const { say } = gateway();
  for (const presence of ['off', 'off', 'available']) {
    expect(await say({ presence })).toMatchObject({ status: 200, body: { agentId: 'ana', presence } });
  }
  const entry = { actor_kind: 'key', actor_id: 'k1', object: 'agent/ana' };
  expect(await logged()).toEqual([
    { ...entry, before: { presence: 'available' }, after: { presence: 'off' } },
    { ...entry, before: { presence: 'off' }, after: { presence: 'available' } },
  ]);
});

test.each([
  [{ presence: 'gone' }, 'ana', 422, /available, away, off/],
  [{ presence: 'off', until: 'noon' }, 'ana', 422, /until|presence/],
  [[], 'ana', 422, /an object with presence/],
  [{ presence: 'off' }, 'zoe', 404, /no such agent/],
])('%j about %s is refused with %i, and the mend', async (body, agentId, status, words) => {
  const { say } = gateway();
  const refused = await say(body, agentId);
  expect(refused.status).toBe(status);
  expect(JSON.stringify(refused.body)).toMatch(words);
});

test('a key of another role may not', async () => {
  const { say, world } = gateway();
  world.role = 'auditor';
  expect((await say({ presence: 'off' })).status).toBe(403);
});

test('reading it is not offered', async () => {
  expect((await gateway().app.request('/v1/agents/ana/presence')).status).toBe(405);
});
