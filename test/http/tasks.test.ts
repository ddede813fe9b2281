/** Tasks by API, by the link in a mail, and by Slack. */
import { expect, test } from 'vitest';
import { smallTeam } from '../support/flow.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { call } from '../support/stand-ins/slack-calls.ts';
import { useSteward } from '../support/steward.ts';
import { asking } from '../workflows/human-task-support.ts';

const providers = useProviders();
const steward = useSteward({
  settings: () => ({ ...providers.settings('slack', 'slackCalls'), STEWARD_TEAM: smallTeam() }),
});
const { ask, decide, isOver, listens, messages } = asking(steward);
const only = { audience: ['ana'] };

const api = (path: string, body?: object) =>
  steward.app.request(path, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${steward.apiKey}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });

const cardOf = (id: string) =>
  outcome(() => {
    const found = providers.slack.messages.find(({ blocks }) => JSON.stringify(blocks ?? []).includes(`|${id}|`));
    if (!found) throw new Error('not there yet');
    return found;
  });
const clickOn = (user: string, id: string, act: string) =>
  call(steward.app, {
    type: 'block_actions',
    user: { id: user },
    response_url: providers.slack.answerUrl(),
    actions: [{ action_id: `task_${act}`, block_id: `steward-task|${id}`, value: `steward-task|${id}|${act}` }],
  });

test('a program asks, looks and decides; what is wrong is named', async () => {
  const wrong = await api('/v1/tasks', { question: 'Call 030 1234567?', audience: ['ana'], form: ['yes'], quorum: 0 });
  expect(wrong.status).toBe(422);
  expect(((await wrong.json()) as { problems: { field: string }[] }).problems.map((one) => one.field)).toEqual([
    'question',
    'quorum',
  ]);
  const asked = { id: 'api-1', question: 'Is it so?', form: ['yes', 'no'], ...only };
  const response = await api('/v1/tasks', asked);
  expect([response.status, await response.json()]).toMatchObject([202, { taskId: 'api-1', ending: null }]);
  expect((await api('/v1/tasks', asked)).status).toBe(200);
  await listens('api-1');
  const stranger = await api('/v1/tasks/api-1/decide', { by: 'operations', act: 'yes' });
  expect([stranger.status, ((await stranger.json()) as { detail: string }).detail]).toMatchObject([
    409,
    expect.stringContaining('of others'),
  ]);
  await api('/v1/tasks/api-1/delegate', { by: 'ana', to: 'operations' });
  const delegations = [{ by: 'ana', to: 'operations', at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) }];
  expect(await (await api('/v1/tasks/api-1')).json()).toMatchObject({ delegations });
  const decided = await api('/v1/tasks/api-1/decide', { by: 'ana', act: 'yes' });
  expect(await decided.json()).toMatchObject({
    outcome: { act: 'yes', by: ['ana'] },
    askedBy: expect.stringMatching(/^key\//),
  });
  expect((await api('/v1/tasks/none/decide', { by: 'ana', act: 'yes' })).status).toBe(404);
  expect(await (await api('/v1/tasks?state=all')).json()).toMatchObject({ tasks: [{ taskId: 'api-1' }] });
});

test('the page of a link changes nothing until something is chosen, and says afterwards who decided', async () => {
  const id = await ask(only);
  await listens(id);
  const link = new URL(steward.composed.deps.links.task({ taskId: id, agentId: 'ana' })).pathname;
  expect(await (await steward.app.request(link)).text()).toContain('Refund the invoice?');
  expect((await steward.gateway.tasks.look(id)).ending).toBeNull();
  const post = () =>
    steward.app.request(link, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'act=approve',
    });
  expect((await post()).status).toBe(303);
  expect(await (await steward.app.request(link)).text()).toMatch(
    /decided: approve, by Ana,[\s\S]*nothing left to decide/,
  );
  expect((await steward.app.request(`${link.slice(0, -4)}AAAA`)).status).toBe(404);
});

test('who clicks in Slack decides, and the message says so; who is late or nobody hears why, alone', async () => {
  const id = await ask(only);
  const card = await cardOf(id);
  await clickOn('U0NOBODY01', id, 'approve');
  const whispers = () => providers.slack.whispers.map(({ text }) => text);
  await outcome(() => expect(whispers().at(-1)).toContain("your Slack account is nobody's"));
  expect((await steward.gateway.tasks.look(id)).ending).toBeNull();
  await clickOn('U0ANA00001', id, 'approve');
  expect(await isOver(id)).toMatchObject({ ending: 'decided', task: { outcome: { by: ['ana'] } } });
  expect(JSON.stringify(card.blocks)).toMatch(/decided: approve, by Ana, /);
  expect(JSON.stringify(card.blocks)).not.toContain('"actions"');
  await clickOn('U0ANA00001', id, 'refuse');
  await outcome(() => expect(whispers().at(-1)).toMatch(/Nothing was done.*decided: approve, by Ana/));
});

test('decided elsewhere, the message in Slack says by whom', async () => {
  const id = await ask(only);
  const card = await cardOf(id);
  await listens(id);
  await outcome(async () => expect(await messages(id)).toMatchObject([{ channel: 'slack', status: 'sent' }]));
  await decide(id, 'ana', 'refuse');
  await isOver(id);
  expect(JSON.stringify(card.blocks)).toMatch(/decided: refuse, by Ana, /);
});
