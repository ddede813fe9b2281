/** What the admins are told of that waits in a list for somebody to look, on a real Temporal. */
import { beforeEach, expect, test, vi } from 'vitest';
import { noticeWorkflowId } from '../../src/contract.ts';
import { testFile } from '../support/files.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { useNotices } from './notice-support.ts';

vi.setConfig({ testTimeout: 120_000 });

const clock = (at: number) => new Date(at).toISOString().slice(11, 16);
const HOUR_MS = 3_600_000;
const team = testFile('team.yaml', {
  agents: [],
  admins: [
    { id: 'operations', name: 'Operations', slack: 'C0OPERATE1', email: 'operations@support.example' },
    {
      id: 'asleep',
      name: 'Asleep',
      slack: 'U0ANA00001',
      quiet: { from: clock(Date.now() - HOUR_MS), to: clock(Date.now() + HOUR_MS), timeZone: 'UTC' },
    },
  ],
});
const providers = useProviders();
const scene = useNotices(() => ({
  ...providers.settings('ses', 'slack'),
  STEWARD_TEAM: team,
  STEWARD_POLICY_CHECK_MS: '200',
}));
const { steward } = scene;
const posted = () => providers.slack.messages.filter(({ channel }) => channel === 'C0OPERATE1').map(({ text }) => text);
let count = 0;
const newEndpoint = async () => {
  const name = `platform-${++count}`;
  await scene.endpoint(name);
  return name;
};
const logged = async (id: string) =>
  (
    await steward.owner
      .selectFrom('audit_entries')
      .select('action')
      .where('object', '=', `notice/${id}`)
      .orderBy('id')
      .execute()
  ).map(({ action }) => action);

// Nobody else's messages are looked at: one test's may still come in the next.
beforeEach(() =>
  outcome(async () => expect((await scene.notices('webhook')).filter((n) => n.ended_at === null)).toEqual([])),
);

test('an endpoint that takes nothing is told of once, not again while it lasts, and once more when it is over', async () => {
  const name = await newEndpoint();
  await scene.open(name);
  const id = await scene.told('webhook', 'began');
  expect(posted()).toEqual([expect.stringContaining(`${name} of policies/webhooks.yaml takes nothing`)]);
  expect(posted()[0]).toContain('HTTP 503');
  // It goes on failing, and workers come and go.
  await steward.restartWorkers(() => scene.open(name));
  await scene.asleep(() => scene.close(name));
  expect(await scene.told('webhook', 'ended')).toBe(id);
  expect(posted()).toHaveLength(2);
  expect(posted()[1]).toContain(`${name} took nothing from`);
  expect(await scene.notices('webhook')).toHaveLength(1);
  // Nobody is woken for it, nor told later of what is over.
  const night = providers.slack.messages.filter(({ channel }) => channel !== 'C0OPERATE1');
  expect(night).toEqual([]);
  expect(await logged(id)).toEqual([
    'notice.began',
    'notice.intent',
    'notice.outcome',
    'notice.ended',
    'notice.intent',
    'notice.outcome',
  ]);
});

test('what begins while no worker is there is told when one is, by mail where Slack fails', async () => {
  const name = await newEndpoint();
  providers.slack.failNext('500', { action: 'chat.postMessage' }, 100);
  await steward.restartWorkers(async () => {
    await scene.asleep(() => scene.open(name));
    await outcome(async () => expect((await scene.notices('webhook')).at(-1)?.ended_at).toBeNull());
  });
  const id = await scene.told('webhook', 'began');
  await outcome(() => expect(providers.aws.mails).toHaveLength(1));
  expect(posted()).toEqual([]);
  providers.slack.reset();
  await scene.close(name);
  await scene.told('webhook', 'ended');
  expect(posted()).toHaveLength(1);
  const { client } = steward.temporal;
  await outcome(async () => {
    const { status } = await client.workflow.getHandle(noticeWorkflowId(id)).describe();
    expect(status.name).toBe('COMPLETED');
  });
});

test('what is over before anybody heard of it is told to nobody', async () => {
  const name = await newEndpoint();
  const before = (await scene.notices('webhook')).length;
  await steward.restartWorkers(async () => {
    await scene.open(name);
    await outcome(async () => expect(await scene.notices('webhook')).toHaveLength(before + 1));
    await scene.close(name);
    await outcome(async () => expect((await scene.notices('webhook')).at(-1)?.ended_at).toBeInstanceOf(Date));
  });
  await outcome(async () => expect((await scene.notices('webhook')).at(-1)?.over_at).toBeInstanceOf(Date));
  expect(posted()).toEqual([]);
});

test('mails that wait are told of together, those of another day anew, and that none waits any more once', async () => {
  await scene.park('first');
  const id = await scene.told('mails', 'began');
  expect(posted()).toEqual([expect.stringContaining('(1 unproved)')]);
  await scene.park('second');
  const dayBefore = new Date(Date.now() - 25 * HOUR_MS);
  expect(await scene.notices('mails')).toMatchObject([{ id, ended_at: null }]);
  await steward.owner.updateTable('notices').set({ began_at: dayBefore }).where('id', '=', id).execute();
  await outcome(async () => expect(await scene.told('mails', 'began')).not.toBe(id));
  expect(posted()).toHaveLength(2);
  expect(posted()[1]).toContain('(2 unproved)');
  await scene.dropMails();
  await scene.told('mails', 'ended');
  expect(posted()).toHaveLength(3);
  expect(posted()[2]).toContain('were let in or dropped');
});

test('policies that are refused are told of once, however often they are looked at, and again when they are right', async () => {
  const { notices } = steward.composed.deps;
  let isWrong = true;
  const looking = (async () => {
    for (; isWrong; await new Promise((done) => setTimeout(done, 100))) {
      await notices.policiesRefused('policies/sla.yaml: 2 errors');
    }
  })();
  const id = await scene.told('policies', 'began');
  expect(posted()).toEqual([expect.stringContaining('policies/sla.yaml: 2 errors')]);
  // Those of the settings: others may be right.
  expect(posted()[0]).toContain(`policy check ${team} policies/sla.yaml policies/escalation.yaml`);
  await steward.restartWorkers();
  expect(await scene.notices('policies')).toMatchObject([{ id, ended_at: null }]);
  isWrong = false;
  await looking;
  expect(await scene.told('policies', 'ended')).toBe(id);
  expect(posted()).toEqual([
    expect.stringContaining('is not taken over'),
    expect.stringContaining('read and in force'),
  ]);
});
