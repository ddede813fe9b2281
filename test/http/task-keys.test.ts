/** Who acts by API, on the real parts: one by a key of their own, several never by one key that speaks for many. */
import { expect, test } from 'vitest';
import { hashKey, newKey } from '../../src/http/keys.ts';
import { useSteward } from '../support/steward.ts';
import { asking } from '../workflows/human-task-support.ts';
import { entry, escalated } from '../workflows/support.ts';

const steward = useSteward();
const { ask, isOver, listens, logged } = asking(steward);

const keyOf = async (agent: string | null) => {
  const key = newKey();
  const id = await steward.composed.keys.add(`of ${agent}`, hashKey(key), 'agent', agent);
  return { key, id };
};
const api = async (key: string, path: string, body: object) => {
  const response = await steward.app.request(path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

test('one key that speaks for many fills no quorum, whomever it names; two keys of their own do', async () => {
  const id = await ask({ quorum: 2, dueSeconds: 3_600 });
  await listens(id);
  const many = await keyOf(null);
  const [ana, ben] = [await keyOf('ana'), await keyOf('ben')];
  const decide = (key: string, body: object) => api(key, `/v1/tasks/${id}/decide`, body);
  for (const by of ['ana', 'ben', 'clara']) {
    expect(await decide(many.key, { by, act: 'approve' })).toMatchObject({
      status: 409,
      body: { code: 'DecisionDenied', detail: expect.stringMatching(/more than one person.*--agent ID/) },
    });
  }
  expect(await decide(ana.key, { act: 'approve' })).toMatchObject({
    status: 200,
    body: { ending: null, said: [{ by: 'ana' }] },
  });
  // Beside her own voice hers is none of the others', by whichever key.
  expect(await decide(many.key, { by: 'ben', act: 'approve' })).toMatchObject({ status: 409 });
  expect(await decide(ana.key, { by: 'ben', act: 'approve' })).toMatchObject({
    status: 403,
    body: {
      code: 'AgentForeign',
      detail: expect.stringMatching(/^by: this key is ana's own.*ben's own key/),
      problems: [{ field: 'by' }],
    },
  });
  expect(await api(ana.key, `/v1/tasks/${id}/delegate`, { by: 'ben', to: 'emma' })).toMatchObject({ status: 403 });
  expect(await api(many.key, `/v1/tasks/${id}/delegate`, { by: 'ben', to: 'emma' })).toMatchObject({ status: 409 });
  expect((await steward.gateway.tasks.look(id)).ending).toBeNull();
  expect(await decide(ben.key, { by: 'ben', act: 'approve' })).toMatchObject({
    status: 200,
    body: { ending: 'decided', outcome: { act: 'approve', by: ['ana', 'ben'] } },
  });
  await isOver(id);
  expect((await logged(id)).filter(({ action }) => action === 'humanTask.said')).toMatchObject([
    { actor_kind: 'person', actor_id: 'ana', after: { act: 'approve', via: `ownKey/${ana.id}` } },
    { actor_kind: 'person', actor_id: 'ben', after: { act: 'approve', via: `ownKey/${ben.id}` } },
  ]);
});

test('one key is not both pairs of eyes: whose request it is can’t decide it in another’s name', async () => {
  const [many, ana, clara] = [await keyOf(null), await keyOf('ana'), await keyOf('clara')];
  const asked = { id: 'eyes-1', question: 'Is it so?', audience: ['ben', 'clara'], form: ['yes', 'no'] };
  expect(await api(ana.key, '/v1/tasks', { ...asked, requester: 'dev' })).toMatchObject({
    status: 403,
    body: { code: 'AgentForeign', problems: [{ field: 'requester' }] },
  });
  expect(await api(ana.key, '/v1/tasks', { ...asked, requester: 'who ever' })).toMatchObject({
    status: 422,
    body: { problems: [{ field: 'requester' }] },
  });
  expect((await api(ana.key, '/v1/tasks', { ...asked, requester: 'ana' })).status).toBe(202);
  await listens('eyes-1');
  for (const key of [many.key, ana.key]) {
    const { status } = await api(key, '/v1/tasks/eyes-1/decide', { by: 'ben', act: 'yes' });
    expect(status).toBe(key === many.key ? 409 : 403);
  }
  expect((await api(ana.key, '/v1/tasks/eyes-1/decide', { act: 'yes' })).status).toBe(409);
  expect((await api(ana.key, '/v1/tasks/eyes-1/delegate', { to: 'dev' })).status).toBe(409);
  expect(await api(clara.key, '/v1/tasks/eyes-1/decide', { act: 'no' })).toMatchObject({
    body: { outcome: { act: 'no', by: ['clara'] } },
  });
});

test('what one person decides a support platform passes on as before, and says who it was', async () => {
  const many = await keyOf(null);
  const id = await ask();
  await listens(id);
  expect(await api(many.key, `/v1/tasks/${id}/decide`, { act: 'approve' })).toMatchObject({
    status: 422,
    body: { problems: [{ field: 'by', message: expect.stringContaining("only a key that is an agent's own") }] },
  });
  expect(await api(many.key, `/v1/tasks/${id}/delegate`, { by: 'ana', to: 'emma' })).toMatchObject({ status: 200 });
  expect(await api(many.key, `/v1/tasks/${id}/decide`, { by: 'emma', act: 'approve' })).toMatchObject({
    status: 200,
    body: { outcome: { by: ['emma'] } },
  });
  await isOver(id);
  expect((await logged(id)).find(({ action }) => action === 'humanTask.said')).toMatchObject({
    actor_id: 'emma',
    after: { via: `key/${many.id}` },
  });
});

test('what an agent says of a ticket by their own key is theirs, and the timeline says by which key it came', async () => {
  const ana = await keyOf('ana');
  const ticketId = await escalated(steward);
  const detail = { ticketId, message: 'Try now', by: 'agent' };
  const said = { id: `said-${ticketId}`, source: 'support.platform', 'detail-type': 'ticket.replied', detail };
  const other = { ...said, detail: { ...detail, agentId: 'ben' } };
  expect(await api(ana.key, '/v1/events', other)).toMatchObject({ status: 403, body: { code: 'AgentForeign' } });
  expect((await api(ana.key, '/v1/events', said)).status).toBe(202);
  expect(await entry(steward, ticketId, 'agentReplied')).toMatchObject({
    actor: 'ana',
    facts: { agentId: 'ana', via: `ownKey/${ana.id}` },
  });
});
