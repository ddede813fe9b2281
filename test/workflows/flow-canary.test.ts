/** New versions of a flow that a share of tickets is given first, on a real Temporal and PostgreSQL. */
import { expect, test, vi } from 'vitest';
import { canaryWorkflowId } from '../../src/contract.ts';
import { PARTS } from '../../src/domain/deployment.ts';
import { partOf } from '../../src/store/flows.ts';
import { smallTeam } from '../support/flow.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { ASKS_NOBODY, flowTo, useCanaries } from './canary-support.ts';

vi.setConfig({ testTimeout: 120_000 });

const providers = useProviders();
const scene = useCanaries(() => ({ ...providers.settings('slack'), STEWARD_TEAM: smallTeam() }));
const { steward } = scene;
const told = (number: number) =>
  providers.slack.messages.filter(({ channel, text }) => {
    return (
      channel === 'C0OPERATE1' && /canary of flow main [\da-f]{12}, number (\d+) /u.exec(text)?.[1] === `${number}`
    );
  });
const newest = async () => (await scene.desk().history('main')).at(-1);
const workflow = (number: number) =>
  steward.temporal.client.workflow.getHandle(canaryWorkflowId({ name: 'main', number }));

test('a flow that only fails in production goes back by itself, and the admins hear why', async () => {
  const old = await scene.versionIn(scene.file(flowTo()));
  expect(await scene.tickets(2)).toEqual([old, old]);
  // Checker, tests and past tickets have nothing against it.
  const bad = scene.file(flowTo(ASKS_NOBODY), [
    {
      name: 'goes on when somebody approves',
      given: { input: {} },
      when: { Analyze: [{ result: {} }], Before: [{ result: { decision: 'approve' } }], Person: [{ result: {} }] },
      ...Object.fromEntries([['then', { path: ['Analyze', 'Before', 'Person'] }]]),
    },
  ]);
  const { exit, out } = await scene.run('deploy', bad, '--canary', '50%', '--watch', '20s', '--min', '10');
  expect(out).toContain('1 of its tests passed, 0 failed');
  expect(out).toContain('No decision about the last 2 tickets would change');
  expect(out).toContain('50% of new tickets go by version');
  expect(exit).toBe(0);
  const version = await scene.versionIn(bad);
  expect(await newest()).toMatchObject({ number: 1, kind: 'canary', version, baseVersion: old });
  const again = await scene.run('deploy', bad, '--canary', '50%');
  expect([again.exit, again.out]).toEqual([0, expect.stringContaining('is a canary already, for 50% of new tickets')]);
  const another = scene.file(flowTo(undefined, 'in between'));
  expect((await scene.run('deploy', another)).err).toContain('a canary of main is under way');
  const versions = new Set(await scene.tickets(16));
  expect([...versions].sort()).toEqual([old, version].sort());

  const end = await scene.ended();
  expect(end).toMatchObject({ number: 2, kind: 'rollback', version: old, by: 'flow-canary-main-1' });
  expect(end.why).toMatch(/^it fared worse: \d+ of \d+ tickets with a failed step, and 0 of \d+ under the old one/);
  expect(new Set(await scene.tickets(8))).toEqual(new Set([old]));
  expect(await workflow(1).result()).toBe('rollback');
  await outcome(() => expect(told(1)).toHaveLength(1));
  expect(told(1)[0]?.text).toContain(`canary of flow main ${version}, number 1 is taken back: it fared worse`);
  const audited = steward.owner
    .selectFrom('audit_entries')
    .select(['action', 'actor_kind', 'actor_id', 'why'])
    .where('object', '=', 'flow/main')
    .orderBy('id');
  expect(await audited.execute()).toEqual([
    { action: 'flow.canaryBegan', actor_kind: 'person', actor_id: 'login/test', why: null },
    { action: 'flow.rolledBack', actor_kind: 'workflow', actor_id: 'flow-canary-main-1', why: end.why },
  ]);
  // That it is over is no news.
  await outcome(async () => {
    const notices = await steward.owner.selectFrom('notices').select('over_at').where('kind', '=', 'canary').execute();
    expect(notices).toEqual([{ over_at: expect.any(Date) }]);
  });
  expect(told(1)).toHaveLength(1);
});

test('one that fares as well goes on to all, whoever dies meanwhile', async () => {
  const good = scene.file(flowTo(undefined, 'as good'));
  const version = await scene.versionIn(good);
  // Nobody is there to watch when it begins; later workers go and its workflow is gone.
  await scene.asleep(async () => {
    const { exit } = await scene.run('deploy', good, '--canary', '50%', '--watch', '15s', '--min', '5', '--yes');
    expect(exit).toBe(0);
    await scene.tickets(10);
  });
  const number = (await newest())?.number ?? 0;
  await outcome(async () => expect((await workflow(number).describe()).status.name).toBe('RUNNING'));
  await steward.restartWorkers(() => workflow(number).terminate('killed by a test').then());
  expect((await scene.run('history')).out).toMatch(
    /The canary is under way: \d+ tickets under the new version and \d+/,
  );
  const end = await scene.ended();
  expect(end).toMatchObject({ number: number + 1, kind: 'promote', version });
  expect(end.why).toContain('it fared no worse');
  expect(new Set(await scene.tickets(8))).toEqual(new Set([version]));
  await outcome(() => expect(told(number)).toHaveLength(1));
  expect(told(number)[0]?.text).toContain('goes on to all new tickets: it fared no worse');
  expect((await scene.desk().history('main')).filter((one) => one.number > number + 1)).toEqual([]);
});

test('a rollback by hand ends a canary, which then ends nothing any more', async () => {
  const before = (await newest())?.version;
  const other = scene.file(flowTo(undefined, 'another'));
  await scene.run('deploy', other, '--canary', '99%', '--watch', '2s', '--min', '10000', '--yes');
  const number = (await newest())?.number ?? 0;
  expect((await scene.run('rollback', '--json')).exit).toBe(0);
  expect(await newest()).toMatchObject({ number: number + 1, kind: 'rollback', version: before, by: 'login/test' });
  await outcome(async () =>
    expect(
      (
        await workflow(number)
          .describe()
          .catch(() => null)
      )?.status.name,
    ).not.toBe('RUNNING'),
  );
  expect(new Set(await scene.tickets(8))).toEqual(new Set([before]));
  expect(await newest()).toMatchObject({ number: number + 1 });
  expect(told(number)).toEqual([]);
});

test('ends that are written twice, or after another change, are written once', async () => {
  const { canaries } = steward.composed.deps;
  const other = scene.file(flowTo(undefined, 'once'));
  await scene.asleep(async () => {
    await scene.run('deploy', other, '--canary', '10%', '--watch', '1h', '--yes');
    const number = (await newest())?.number ?? 0;
    const canary = { name: 'main', number };
    const end = (verdict: 'promote' | 'rollback') =>
      canaries.end(canary, { verdict, why: verdict }, 'flow-canary-main');
    await Promise.all([end('promote'), end('rollback'), end('promote')]);
    await end('rollback');
    const after = (await scene.desk().history('main')).filter((one) => one.number > number);
    expect(after).toHaveLength(1);
    const notices = await steward.owner
      .selectFrom('notices')
      .select('reason')
      .where('subject', 'like', `%, number ${number}`)
      .execute();
    expect(notices).toHaveLength(1);
    expect(notices[0]?.reason).toContain(after[0]?.why);
  });
});

test('an end whose answer is lost is found again, and told of once', async () => {
  const { canaries } = steward.composed.deps;
  const written = canaries.end;
  const lost = vi.spyOn(canaries, 'end').mockImplementationOnce(async (...args) => {
    await written(...args);
    throw new Error('the worker is gone before it can say so');
  });
  const other = scene.file(flowTo(undefined, 'lost'));
  await scene.run('deploy', other, '--canary', '50%', '--watch', '2s', '--min', '1', '--yes');
  const number = (await newest())?.number ?? 0;
  await scene.tickets(12);
  expect(await scene.ended()).toMatchObject({ number: number + 1, kind: 'promote' });
  expect(await workflow(number).result()).toBe('promote');
  expect(lost).toHaveBeenCalledTimes(1);
  await outcome(() => expect(told(number)).toHaveLength(1));
  expect(await newest()).toMatchObject({ number: number + 1 });
});

test('which tickets a canary gets is as good as chance, and always the same', () => {
  const ids = Array.from({ length: 20_000 }, (_, i) => `TKT-${i}`);
  const share = ids.filter((id) => partOf(id) < PARTS / 10).length / ids.length;
  expect(share).toBeGreaterThan(0.09);
  expect(share).toBeLessThan(0.11);
  expect(partOf('TKT-1')).toBe(partOf('TKT-1'));
});
