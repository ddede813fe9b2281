/** One message in the place of many, whose sender is killed before and after each of its steps. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createStewardClient } from '../../src/client.ts';
import { composeKeys } from '../../src/compose-keys.ts';
import { judge } from '../../src/config.ts';
import { ticketWorkflowId } from '../../src/contract.ts';
import { freePort } from '../../src/embedded/ports.ts';
import { openDatabase } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { startAws } from '../support/stand-ins/aws.ts';
import { startSlack } from '../support/stand-ins/slack.ts';
import { startChild } from './child.ts';
import type { Point } from './holding.ts';
import { sample } from './kinds.ts';
import { mailBy, settingsOn, slackBy } from './settings.ts';
import { useStage } from './stage.ts';

const stage = useStage();

const MOST = 2;
const TICKETS = 8;

/** @param admin where the one who is told of parked steps can be reached */
async function scene(admin: object) {
  const databaseUrl = await stage.newDatabase();
  const stateDir = await mkdtemp(join(stage.dir, 'state-'));
  const taskQueue = new URL(databaseUrl).pathname.slice(1);
  const [aws, slack, port] = await Promise.all([startAws(), startSlack(), freePort()]);
  const team = {
    // Slack does not know them: whatever they are to take is parked.
    agents: [{ id: 'gone', name: 'Gone', slack: 'U0GONE0001', capacity: 1000, onDuty: true }],
    admins: [{ id: 'operations', name: 'Operations', ...admin }],
    storm: { messages: MOST, within: '20 s' },
  };
  await writeFile(join(stateDir, 'team.yaml'), JSON.stringify(team));
  const settings = {
    ...settingsOn(stage, { stateDir, databaseUrl, taskQueue, port }),
    ...mailBy(aws),
    ...slackBy(slack),
    STEWARD_TEAM: join(stateDir, 'team.yaml'),
  };
  await migrate(databaseUrl);
  const db = openDatabase({ url: databaseUrl, poolSize: 2 });
  const keys = composeKeys({ config: judge(settings).config, db, makeKek: true, clearText: 'refuse' });
  const connection = await Connection.connect({ address: stage.temporalAddress });
  const temporal = new Client({ connection, dataConverter: keys.dataConverter });
  const client = createStewardClient(temporal, { taskQueue });
  const held: { child?: Awaited<ReturnType<typeof startChild>> } = {};
  onTestFinished(async () => {
    await held.child?.kill();
    await keys.ring.close();
    await Promise.all([db.destroy(), aws.stop(), slack.stop(), connection.close()]);
    await rm(stateDir, { recursive: true, force: true });
  });
  const ids: string[] = [];
  const start = async (point?: Point) => {
    held.child = await startChild(stage.bundle, settings, 'storm-process.ts', point ? JSON.stringify(point) : '');
    return held.child;
  };
  return {
    aws,
    slack,
    temporal,
    ids,
    start,
    async submit() {
      const { envelope } = sample('escalated');
      for (let i = 0; i < TICKETS; i++) {
        const ticketId = `${envelope.detail.ticketId}-${i}`;
        ids.push(ticketId);
        await client.submit({ ...envelope, detail: { ...envelope.detail, ticketId } });
      }
    },
    /** Starts it, and kills it where it stands still. */
    async killAt(when: Point['when'], step: string) {
      const child = await start({ when, step });
      const line = `held ${when} ${step}`;
      await vi.waitFor(() => expect(child.wrote, child.said()).toContain(line), { timeout: 180_000, interval: 50 });
      await child.kill();
    },
    words: () =>
      db
        .selectFrom('deliveries')
        .select(['ticket_id', 'status', 'reason', 'window_id'])
        .where('template', '=', 'parked')
        .execute(),
    windows: () => db.selectFrom('message_windows').selectAll().where('messages', '>', 0).orderBy('id').execute(),
  };
}
type Scene = Awaited<ReturnType<typeof scene>>;
const TIME = { timeout: 900_000 };
const patiently = <T>(look: () => Promise<T>) => vi.waitFor(look, { timeout: 240_000, interval: 250 });

/** So many tickets park that a summary is due. */
async function storm(played: Scene): Promise<void> {
  const first = await played.start();
  await played.submit();
  await patiently(async () => {
    const words = await played.words();
    const of = (status: string) => words.filter((word) => word.status === status).length;
    expect({ sent: of('sent'), summarised: of('summarised') }).toEqual({ sent: MOST, summarised: TICKETS - MOST });
  });
  await first.kill();
}

/** Each ticket is told of once: by a message of its own, or by the summary. */
async function expectAllTold({ words, ids }: Scene): Promise<void> {
  const told = await words();
  expect(told.map(({ ticket_id }) => ticket_id).sort()).toEqual([...ids].sort());
  const [windowId] = told.flatMap(({ status, window_id }) => (status === 'summarised' ? [window_id] : []));
  expect(told.filter(({ status }) => status === 'sent')).toHaveLength(MOST);
  expect(told.filter(({ reason }) => reason === `in summary ${windowId}`)).toHaveLength(TICKETS - MOST);
}

/** Nobody waits for it any more. */
async function expectNoneWaits({ ids, temporal }: Scene): Promise<void> {
  await patiently(async () => {
    for (const id of ids) {
      const { raw } = await temporal.workflow.getHandle(ticketWorkflowId(id)).describe();
      expect(raw.pendingActivities ?? [], id).toEqual([]);
    }
  });
}

test('by Slack: killed at each step, one summary goes out that tells of all', TIME, async () => {
  const played = await scene({ slack: 'C0OPERATE1' });
  await storm(played);
  await played.killAt('after', 'claim');
  await played.killAt('before', 'post');
  await played.killAt('after', 'post');
  await played.killAt('before', 'finish');
  await played.killAt('after', 'finish');
  await played.killAt('after', 'hear');
  const last = await played.start();
  await expectNoneWaits(played);
  await expectAllTold(played);
  const isSummary = ({ text }: { text: string }) => text.includes('This one comes in their place');
  const [summary, ...more] = played.slack.messages.filter(isSummary);
  expect(more).toEqual([]);
  expect(summary?.text).toContain(`${TICKETS - MOST} messages to you said: a step is parked`);
  expect(await played.windows()).toMatchObject([{ status: 'sent', messages: TICKETS, repeats: expect.any(Number) }]);
  expect(last.endedByItself, last.said()).toBe(false);
});

test(
  'by mail, which can not be looked up: sent once more at most, and the ledger says that an answer was lost',
  TIME,
  async () => {
    const played = await scene({ email: 'operations@support.example' });
    const mailed = () => played.aws.mails.filter(({ raw }) => /X-Delivery-Id: summary-/i.test(raw)).length;
    await storm(played);
    await played.killAt('after', 'claim');
    expect(mailed()).toBe(0);
    await played.killAt('after', 'post');
    // Nobody knew whether the first was out: this was the one time that it is sent again.
    expect(mailed()).toBe(1);
    expect(await played.windows()).toMatchObject([{ status: 'sending', repeats: 1 }]);
    const last = await played.start();
    await patiently(async () =>
      expect(await played.windows()).toMatchObject([{ status: 'unknown', reason: 'answer lost' }]),
    );
    expect(mailed()).toBe(1);
    // It is not tried for ever, and none that it stands for is taken for told.
    await patiently(async () => {
      expect((await played.words()).filter(({ status }) => status === 'unknown')).toHaveLength(TICKETS - MOST);
    });
    expect(last.endedByItself, last.said()).toBe(false);
  },
);
