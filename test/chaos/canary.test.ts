/** A canary whose watch is killed at each of its steps. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createStewardClient } from '../../src/client.ts';
import { composeKeys } from '../../src/compose-keys.ts';
import { judge } from '../../src/config.ts';
import { canaryWorkflowId } from '../../src/contract.ts';
import { freePort } from '../../src/embedded/ports.ts';
import { openDatabase } from '../../src/store/database.ts';
import { createFlowDesk } from '../../src/store/flow-desk.ts';
import { migrate } from '../../src/store/migrate.ts';
import { runOn } from '../cli/support.ts';
import { emptyDirectory } from '../support/files.ts';
import { startAws } from '../support/stand-ins/aws.ts';
import { startSlack } from '../support/stand-ins/slack.ts';
import { envelope } from '../support/steward.ts';
import { ASKS_NOBODY, flowFile, flowTo } from '../workflows/canary-support.ts';
import { type Child, startChild } from './child.ts';
import type { Point } from './holding.ts';
import { mailBy, settingsOn, slackBy } from './settings.ts';
import { useStage } from './stage.ts';

const stage = useStage();
const TEAM = {
  agents: [{ id: 'ana', name: 'Ana', slack: 'U0ANA00001', capacity: 1000, onDuty: true }],
  admins: [{ id: 'operations', name: 'Operations', slack: 'C0OPERATE1' }],
};
const CANARY = { name: 'main', number: 1 };
const TIME = { timeout: 1_800_000 };
/** The first look that may judge is after a tenth of it: when all tickets are there. */
const LONG = '500s';
const patiently = <T>(look: () => Promise<T>) => vi.waitFor(look, { timeout: 300_000, interval: 250 });

async function scene() {
  const databaseUrl = await stage.newDatabase();
  const stateDir = await mkdtemp(join(stage.dir, 'state-'));
  const taskQueue = new URL(databaseUrl).pathname.slice(1);
  const [aws, slack, port] = await Promise.all([startAws(), startSlack(), freePort()]);
  const team = join(stateDir, 'team.yaml');
  await writeFile(team, JSON.stringify(TEAM));
  const directory = emptyDirectory();
  const first = flowFile(directory, flowTo());
  const settings = {
    ...settingsOn(stage, { stateDir, databaseUrl, taskQueue, port }),
    ...mailBy(aws),
    ...slackBy(slack),
    STEWARD_TEAM: team,
    STEWARD_FLOW: first,
    // What is busy must not count as dead.
    STEWARD_LOST_ATTEMPT_MS: '6000',
  };
  await migrate(databaseUrl);
  const db = openDatabase({ url: databaseUrl, poolSize: 2 });
  const keys = composeKeys({ config: judge(settings).config, db, makeKek: true, clearText: 'refuse' });
  const connection = await Connection.connect({ address: stage.temporalAddress });
  const temporal = new Client({ connection, dataConverter: keys.dataConverter });
  const client = createStewardClient(temporal, { taskQueue });
  const desk = createFlowDesk(db, { kind: 'person', id: 'login/test' });
  const held: { child?: Child } = {};
  onTestFinished(async () => {
    await held.child?.kill();
    await keys.ring.close();
    await Promise.all([db.destroy(), aws.stop(), slack.stop(), connection.close()]);
    await rm(stateDir, { recursive: true, force: true });
  });
  return {
    db,
    desk,
    watch: () => temporal.workflow.getHandle(canaryWorkflowId(CANARY)),
    async start(point?: Point): Promise<Child> {
      const plan = point === undefined ? '' : JSON.stringify(point);
      held.child = await startChild(stage.bundle, settings, 'canary-process.ts', plan);
      return held.child;
    },
    /** Half of new tickets go by a flow that fails them all. */
    async deploy(watch: string) {
      const context = {
        readText: (file: string) => readFile(file, 'utf8'),
        operator: async () => ({ flows: desk, flowFile: first }) as never,
      };
      const bad = flowFile(directory, flowTo(ASKS_NOBODY));
      const more = ['--canary', '50%', '--watch', watch, '--min', '10', '--yes'];
      const { exit, err } = await runOn(context, 'flow', 'deploy', bad, ...more);
      expect([exit, err]).toEqual([0, '']);
    },
    async tickets(count: number) {
      await Promise.all(Array.from({ length: count }, () => client.submit(envelope())));
    },
    told: () =>
      slack.messages.filter(({ channel, text }) => channel === 'C0OPERATE1' && text.includes('canary of flow main')),
  };
}
type Scene = Awaited<ReturnType<typeof scene>>;

/** Whoever died, and whatever was away: taken back once, with the workflow's word for it, and the admins heard of it once. */
async function endsWell(played: Scene, last: Child): Promise<void> {
  await patiently(async () => {
    const history = await played.desk.history('main');
    expect(history.map(({ number, kind }) => [number, kind])).toEqual([
      [1, 'canary'],
      [2, 'rollback'],
    ]);
    expect(history[1]).toMatchObject({ by: canaryWorkflowId(CANARY), why: expect.stringContaining('it fared worse') });
  });
  expect(await played.watch().result()).toBe('rollback');
  await patiently(async () => {
    const notices = await played.db.selectFrom('notices').selectAll().where('kind', '=', 'canary').execute();
    expect(played.told(), `${JSON.stringify(notices)} ${last.said()}`).toHaveLength(1);
    expect(notices).toMatchObject([{ over_at: expect.any(Date) }]);
  });
  const audited = played.db
    .selectFrom('audit_entries')
    .select('action')
    .where('object', '=', 'flow/main')
    .orderBy('id');
  expect((await audited.execute()).map(({ action }) => action)).toEqual(['flow.canaryBegan', 'flow.rolledBack']);
  expect(last.endedByItself, last.said()).toBe(false);
}

/** Tickets by both versions; how many of them failed is on record. */
async function compared(played: Scene): Promise<void> {
  await played.tickets(30);
  await patiently(async () => {
    const [canary] = await played.desk.history('main');
    if (!canary) throw new Error('it was deployed');
    const { canary: by, base } = await played.desk.fares(canary);
    expect(by.tickets + base.tickets).toBe(30);
    expect(by.failed).toBe(by.tickets);
  });
}

const POINTS: readonly Point[] = [
  { when: 'before', step: 'look' },
  { when: 'after', step: 'look' },
  { when: 'before', step: 'end' },
  { when: 'after', step: 'end' },
  ...['begin', 'post', 'finish'].map((step) => ({ when: 'after', step }) as const),
  { when: 'before', step: 'rest' },
];

test(
  'killed at each step of its watch: the same verdict, one roll-back, and the admins are told once',
  TIME,
  async () => {
    const played = await scene();
    const first = await played.start();
    await played.deploy(LONG);
    await compared(played);
    await first.kill();
    for (const { when, step } of POINTS) {
      const child = await played.start({ when, step });
      const line = `held ${when} ${step}`;
      await vi.waitFor(() => expect(child.wrote, child.said()).toContain(line), { timeout: 300_000, interval: 50 });
      await child.kill();
    }
    await endsWell(played, await played.start());
  },
);
