/** What people are asked to decide: who may say what, who was first, and what becomes of it when nobody does. */
import { expect, test } from 'vitest';
import { humanTaskActivities } from '../../src/activities/human-task.ts';
import { openIntents } from '../../src/domain/audit-actions.ts';
import { outcome } from '../support/outcome.ts';
import { useRefusedEntries } from '../support/refuse-entries.ts';
import { useSteward } from '../support/steward.ts';
import { asking } from './human-task-support.ts';

const steward = useSteward();
const refuseEntries = useRefusedEntries();
const { ask, decide, handle, isOver, listens, logged, messages, refused, tasks } = asking(steward);

test('the first who may and says it decides; who comes later hears who it was; all of it is logged', async () => {
  const id = await ask();
  await listens(id);
  const decided = await decide(id, 'ben');
  expect(decided).toMatchObject({ ending: 'decided', task: { outcome: { act: 'approve', by: ['ben'] } } });
  await refused(decide(id, 'ana', 'refuse'), /decided: approve, by Ben Okafor, \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
  expect(await isOver(id)).toEqual(decided);
  await refused(decide(id, 'ana', 'refuse'), /decided: approve, by Ben Okafor/);
  expect(await logged(id)).toMatchObject([
    { actor_kind: 'key', actor_id: 'k-test', action: 'humanTask.asked', after: { audience: ['ana', 'ben', 'clara'] } },
    { actor_kind: 'person', actor_id: 'ben', action: 'humanTask.said', after: { act: 'approve', via: 'ownKey/ben' } },
    { actor_kind: 'workflow', action: 'humanTask.ended', after: { ending: 'decided', act: 'approve', by: ['ben'] } },
  ]);
});

test('who is to be asked is told only what can be logged before, and what became of it is logged after', async () => {
  const { allow, tries } = await refuseEntries(steward.owner, 'humanTask.intent');
  const id = await ask();
  await outcome(async () => expect(await tries()).toBeGreaterThanOrEqual(3));
  expect((await messages(id)).map(({ status, attempts }) => [status, attempts])).toEqual(
    ['ana', 'ben', 'clara'].map(() => ['queued', 0]),
  );
  await allow();
  await outcome(async () => expect((await messages(id)).map(({ status }) => status)).toEqual(['sent', 'sent', 'sent']));
  const entries = await steward.owner
    .selectFrom('audit_entries')
    .select(['action', 'object', 'after'])
    .where('object', '=', `humanTask/${id}`)
    .orderBy('id')
    .execute();
  expect(entries.filter(({ action }) => action === 'humanTask.intent')).toHaveLength(3);
  expect(openIntents(entries as never)).toEqual([]);
  await decide(id, 'ben');
  await isOver(id);
});

test('whom is asked by the last way that there is, is asked on while a message may yet go out', async () => {
  const { giveUpTaskMessage } = humanTaskActivities(steward.composed.deps);
  const id = await ask();
  const isSent = async () => expect((await messages(id)).map(({ status }) => status)).toEqual(['sent', 'sent', 'sent']);
  await outcome(isSent);
  const message = { occasion: 'asked', agentId: 'ana', channel: 'mail', transport: 'outbox' } as const;
  const giveUp = (hopeless?: boolean) =>
    giveUpTaskMessage({ taskId: id, message, ...(hopeless === undefined ? {} : { hopeless }) });
  expect(await giveUp(false)).toEqual(message);
  await isSent();
  expect(
    await giveUpTaskMessage({ taskId: id, message: { ...message, occasion: 'ended' }, hopeless: false }),
  ).toBeNull();
  await decide(id, 'ben');
  await isOver(id);
  expect(await giveUp(false)).toBeNull();
  expect(await giveUp()).toBeNull();
});

test('of several at once one is first, and every other hears so', async () => {
  const id = await ask();
  await listens(id);
  const all = await Promise.allSettled([decide(id, 'ana'), decide(id, 'ben', 'refuse'), decide(id, 'clara')]);
  const taken = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const turnedAway = all.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  expect(taken).toHaveLength(1);
  const [first = ''] = taken[0]?.task.outcome?.by ?? [];
  // By their id where the word that counts is not written down yet.
  const name = { ana: 'Ana Ruiz', ben: 'Ben Okafor', clara: 'Clara Weiss' }[first];
  for (const error of turnedAway) {
    expect(error).toMatchObject({
      code: 'DecisionDenied',
      message: expect.stringMatching(new RegExp(`by (${name}|${first})`)),
    });
  }
  expect((await isOver(id)).task.said).toHaveLength(1);
});

test('the same said again by the same person is taken once', async () => {
  const id = await ask();
  await listens(id);
  const [one, two] = await Promise.all([decide(id, 'ben'), decide(id, 'ben')]);
  expect(two).toEqual(one);
  await isOver(id);
  expect(await decide(id, 'ben')).toEqual(one);
  expect((await logged(id)).map(({ action }) => action)).toEqual([
    'humanTask.asked',
    'humanTask.said',
    'humanTask.ended',
  ]);
});

test('four eyes: whose request it is does not decide, and one person is not two', async () => {
  const id = await ask({ requester: 'ana', quorum: 2, dueSeconds: 3_600 });
  await listens(id);
  await refused(decide(id, 'ana'), /whose request it is/);
  await refused(decide(id, 'dev'), /it is asked of others/);
  await refused(decide(id, 'ben', 'perhaps'), /can't be said to it. What can: approve, refuse/);
  expect(await decide(id, 'ben')).toMatchObject({ ending: null, task: { outcome: null } });
  await refused(decide(id, 'ben', 'refuse'), /you have spoken/);
  expect((await messages(id)).map((one) => one.agent_id)).toEqual(['ben', 'clara']);
  expect(await decide(id, 'clara')).toMatchObject({ ending: 'decided', task: { outcome: { by: ['ben', 'clara'] } } });
  await isOver(id);
  // She hears what became of her request.
  expect((await messages(id)).map((one) => [one.agent_id, one.occasion, one.status])).toEqual([
    ['ana', 'ended', 'sent'],
    ['ben', 'asked', 'sent'],
    ['clara', 'asked', 'sent'],
  ]);
});

test('what takes several people, nobody decides or passes on who is only believed: one key or login is not two of them', async () => {
  const two = await ask({ quorum: 2, dueSeconds: 3_600 });
  const fourEyes = await ask({ requester: 'ana' });
  for (const id of [two, fourEyes]) await listens(id);
  for (const id of [two, fourEyes]) {
    for (const via of ['key/k-test', 'login/postgres', 'test']) {
      await refused(
        tasks().decide(id, { by: 'ben', act: 'approve' }, via),
        /more than one person.* key create NAME --agent/,
      );
      await refused(tasks().delegate(id, { by: 'ben', to: 'emma' }, via), /more than one person/);
    }
  }
  // By whoever has the `temporal` program, and says no way.
  const said = handle(two).executeUpdate('decide', { args: [{ by: 'ben', act: 'approve' }] });
  await expect(said).rejects.toMatchObject({ cause: { type: 'DecisionDenied' } });
  expect((await tasks().look(two)).task.said).toEqual([]);
  await decide(two, 'ana');
  await refused(tasks().decide(two, { by: 'ben', act: 'approve' }, 'key/k-test'), /more than one person/);
  // What was taken before is no second voice, whoever says it again.
  expect(await tasks().decide(two, { by: 'ana', act: 'approve' }, 'key/k-test')).toMatchObject({ ending: null });
  expect(await decide(two, 'ben')).toMatchObject({ ending: 'decided', task: { outcome: { by: ['ana', 'ben'] } } });
  expect(await decide(fourEyes, 'ben')).toMatchObject({ ending: 'decided', task: { outcome: { by: ['ben'] } } });
  const alone = await ask();
  await listens(alone);
  expect(await tasks().decide(alone, { by: 'ben', act: 'approve' }, 'key/k-test')).toMatchObject({ ending: 'decided' });
});

test('who is given a place decides in it, is asked, and gives it on to nobody', async () => {
  const id = await ask({ barred: ['clara'] });
  await listens(id);
  await expect(tasks().delegate(id, { by: 'ana', to: 'zoe' }, 'link')).rejects.toMatchObject({
    problems: [{ field: 'to', message: 'nobody in policies/team.yaml is "zoe"' }],
  });
  await refused(tasks().delegate(id, { by: 'ana', to: 'clara' }, 'link'), /whose request it is/);
  await refused(tasks().delegate(id, { by: 'ana', to: 'ben' }, 'link'), /asked as well/);
  await tasks().delegate(id, { by: 'ana', to: 'dev' }, 'link');
  await refused(tasks().delegate(id, { by: 'ana', to: 'emma' }, 'link'), /in your place already/);
  await refused(tasks().delegate(id, { by: 'dev', to: 'emma' }, 'link'), /it is asked of others/);
  await outcome(async () => {
    expect((await messages(id)).map((one) => [one.agent_id, one.status])).toContainEqual(['dev', 'sent']);
  });
  expect(await decide(id, 'dev', 'refuse')).toMatchObject({ task: { outcome: { act: 'refuse', by: ['dev'] } } });
  await isOver(id);
  expect((await logged(id)).map(({ action }) => action)).toContain('humanTask.delegated');
});

test('when nobody decides in time, what counts instead is taken for said, and a decision after that is late', async () => {
  const id = await ask({ dueSeconds: 1, otherwise: 'refuse' });
  const ended = await isOver(id);
  expect(ended).toMatchObject({ ending: 'timedOut', task: { outcome: { act: 'refuse', by: [] } } });
  expect(ended.task.outcome?.at).toBe(ended.task.dueAt);
  await refused(decide(id, 'ben'), /not decided in time.*refuse counts as said/);
  expect((await logged(id)).at(-1)).toMatchObject({ action: 'humanTask.ended', after: { ending: 'timedOut' } });
});

test('a task that is withdrawn, or whose workflow is cancelled, is decided by nobody', async () => {
  const id = await ask();
  await listens(id);
  await tasks().withdraw(id, 'login/test');
  expect(await isOver(id)).toMatchObject({ ending: 'withdrawn', task: { outcome: { act: null, by: [] } } });
  await refused(decide(id, 'ben'), /withdrawn/);
  const other = await ask();
  await listens(other);
  await handle(other).cancel();
  expect(await isOver(other)).toMatchObject({ ending: 'withdrawn' });
});

test('what is decided while a worker goes counts, and is told by the next one', async () => {
  const id = await ask({ quorum: 2, dueSeconds: 3_600, requester: 'dev' });
  await listens(id);
  await decide(id, 'ana');
  let second: Promise<unknown> | undefined;
  await steward.restartWorkers(async () => {
    second = decide(id, 'ben').catch(() => undefined);
  });
  await second;
  // Its answer may have been lost with the worker: said again, it is the same.
  expect(await decide(id, 'ben')).toMatchObject({ ending: 'decided', task: { outcome: { by: ['ana', 'ben'] } } });
  await isOver(id);
  expect((await logged(id)).filter(({ action }) => action === 'humanTask.said')).toHaveLength(2);
});

test('a task that was written down by somebody who died over it is asked when the first one speaks', async () => {
  const desk = { ...tasks() };
  const id = await ask();
  await listens(id);
  await handle(id).terminate();
  expect(await desk.decide(id, { by: 'ben', act: 'approve' }, 'test').catch((error: unknown) => error)).toBeDefined();
  await outcome(async () => expect(await decide(id, 'ben')).toMatchObject({ ending: 'decided' }));
});

test('the same asked again under its id is one task, another under it is refused', async () => {
  const asked = { id: 'twice-1', question: 'Is it so?', audience: ['admins', 'team/none'], form: ['yes'] };
  await expect(tasks().ask(asked, { kind: 'key', id: 'k' })).rejects.toMatchObject({
    problems: [{ field: 'audience', message: 'nobody in policies/team.yaml is "team/none"' }],
  });
  const right = { ...asked, audience: ['ben'] };
  expect(await tasks().ask(right, { kind: 'key', id: 'k' })).toEqual({ taskId: 'twice-1', known: false });
  expect(await tasks().ask(right, { kind: 'key', id: 'k' })).toEqual({ taskId: 'twice-1', known: true });
  await expect(tasks().ask({ ...right, question: 'Or so?' }, { kind: 'key', id: 'k' })).rejects.toMatchObject({
    problems: [{ field: 'id' }],
  });
  for (const other of [
    { kind: 'correction' },
    { form: ['yes', 'no'] },
    { audience: ['ana'] },
    { audience: ['ben', 'ana', 'clara'], quorum: 2 },
    { barred: ['ana'] },
    { requester: 'ana' },
    { dueSeconds: 60, otherwise: 'yes' },
  ]) {
    await expect(tasks().ask({ ...right, ...other }, { kind: 'key', id: 'k' })).rejects.toMatchObject({
      problems: [{ field: 'id' }],
    });
  }
  await expect(
    tasks().ask({ ...right, id: 'x', ticketId: 'TKT-none' }, { kind: 'key', id: 'k' }),
  ).rejects.toMatchObject({
    problems: [{ field: 'ticketId', message: 'there is no ticket TKT-none' }],
  });
});
