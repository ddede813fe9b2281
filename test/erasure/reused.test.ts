import { expect, test } from 'vitest';
import { useProviders } from '../support/providers.ts';
import { useSteward } from '../support/steward.ts';
import { addCustomer, askByForm, post, row } from './support.ts';

/* The id of one person's request under which the wish of another comes: neither is lost. */

const providers = useProviders();
const steward = useSteward({ settings: () => providers.settings('ses') });

let count = 0;
const newId = () => `evt-${++count}`;
const unknown = () => `u${Math.random().toString(36).slice(2)}@customer.example`;

async function send(id: string, detail: { email: string } | { customerId: string }) {
  const response = await steward.post({ source: 'platform', id, 'detail-type': 'erasure.requested', detail });
  return { status: response.status, body: (await response.json()) as { requestId?: string; code?: string } };
}
async function logged(requestId: string) {
  const entries = steward.owner.selectFrom('audit_entries').select(['actor_kind', 'after']);
  return entries.where('object', '=', `erasure/${requestId}`).where('action', '=', 'erasure.idReused').execute();
}

test('an event id that comes again for somebody else is refused and logged, the same whether we know them', async () => {
  const [one, other] = [await addCustomer(steward), await addCustomer(steward)];
  const id = newId();
  const { body } = await send(id, { email: one.email });
  const requestId = body.requestId ?? '';
  const before = await row(steward, requestId);

  const known = await send(id, { email: other.email });
  const nobody = await send(id, { email: unknown() });
  const byId = await send(id, { customerId: one.id });
  expect(known).toMatchObject({
    status: 409,
    body: { code: 'RequestConflict', detail: expect.stringMatching(/Nothing was taken.* id of its own/) },
  });
  expect([nobody, byId]).toEqual([known, known]);
  expect((await row(steward, requestId)).sealed).toEqual(before.sealed);
  expect(await logged(requestId)).toEqual(
    Array.from({ length: 3 }, () => ({
      actor_kind: 'key',
      after: { via: 'event', by: [expect.stringMatching(/^key\//)] },
    })),
  );
  expect((await send(newId(), { email: other.email })).status).toBe(202);
});

test('an event that comes again for the same person is the same request, however the address is spelt', async () => {
  const { email } = await addCustomer(steward);
  const id = newId();
  const first = await send(id, { email });
  expect(await send(id, { email: email.toUpperCase() })).toEqual(first);
  expect(first.status).toBe(202);
  expect(await logged(first.body.requestId ?? '')).toEqual([]);
});

test('of two people at once under one id one is taken, and the other refused', async () => {
  for (let round = 0; round < 5; round++) {
    const id = newId();
    const answers = await Promise.all([unknown(), unknown(), unknown()].map((email) => send(id, { email })));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409]);
  }
});

test('a form that is sent again with another address says so, and is a request of its own then', async () => {
  const first = unknown();
  const { path, requestId } = await askByForm(steward, first);
  const token = decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
  expect((await post(steward, '/privacy', { token, email: first })).headers.get('location')).toBe(path);

  const other = unknown();
  const refused = await post(steward, '/privacy', { token, email: other });
  const page = await refused.text();
  expect(refused.status).toBe(409);
  expect(page).toContain('Nothing was taken now: please send it once more.');
  expect(page).toContain(`value="${other}"`);
  const fresh = /name="token" value="([^"]+)"/.exec(page)?.[1] ?? '';
  const taken = await post(steward, '/privacy', { token: fresh, email: other });
  expect(taken.status).toBe(303);
  expect(taken.headers.get('location')).not.toContain(requestId);
  expect(taken.headers.get('location')).not.toBe(path);
});
