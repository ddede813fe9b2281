/** An incident whose worker is killed before and after each of its steps. */
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
import { createReader } from '../../src/store/read.ts';
import { startAws } from '../support/stand-ins/aws.ts';
import { startSlack } from '../support/stand-ins/slack.ts';
import { startChild } from './child.ts';
import type { Point } from './holding.ts';
import { sample } from './kinds.ts';
import { mailBy, settingsOn, slackBy } from './settings.ts';
import { useStage } from './stage.ts';

const stage = useStage();

const TEAM = {
  agents: [{ id: 'ana', name: 'Ana', slack: 'U0ANA00001', capacity: 1000, onDuty: true }],
  admins: [{ id: 'operations', name: 'Operations', slack: 'C0OPERATE1' }],
};
/** The shortest pauses that the policy knows. */
const HEALING = {
  circuit: { window: '5 min', openAfter: 3, share: '1 %' },
  probe: { firstPause: '1 s', longestPause: '1 s', closeAfter: 1 },
  // One after another, so that some are left for each kill.
  againPerSecond: 1,
};
/** The local analyser takes it at its word. */
const IRONIC = 'Great, how wonderful: I love it when my card is charged again and again.';

async function scene() {
  const databaseUrl = await stage.newDatabase();
  const stateDir = await mkdtemp(join(stage.dir, 'state-'));
  const taskQueue = new URL(databaseUrl).pathname.slice(1);
  const [aws, slack, port] = await Promise.all([startAws(), startSlack(), freePort()]);
  const file = async (name: string, content: object) => {
    await writeFile(join(stateDir, name), JSON.stringify(content));
    return join(stateDir, name);
  };
  const settings = {
    ...settingsOn(stage, { stateDir, databaseUrl, taskQueue, port }),
    ...mailBy(aws),
    ...slackBy(slack),
    STEWARD_TEAM: await file('team.yaml', TEAM),
    STEWARD_HEALING: await file('healing.yaml', HEALING),
    STEWARD_COMPREHEND: '',
    AWS_ENDPOINT_URL_COMPREHEND: aws.url,
    STEWARD_COMPREHEND_PER_SECOND: '100',
    // What is busy must not count as dead: two who tell the admins at once could both find nothing yet.
    STEWARD_LOST_ATTEMPT_MS: '6000',
    STEWARD_SENTIMENT_DEADLINE_MS: '10000',
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
  return {
    db,
    aws,
    slack,
    temporal,
    ids,
    read: createReader(db),
    async start(point?: Point) {
      const plan = point === undefined ? '' : JSON.stringify(point);
      held.child = await startChild(stage.bundle, settings, 'healing-process.ts', plan);
      return held.child;
    },
    /** Tickets of customers who mean the opposite of what they say. */
    async submit(count: number) {
      const { envelope, customer } = sample('escalated');
      if (!customer) throw new Error('the CRM knows them');
      for (let i = 0; i < count; i++) {
        const ticketId = `${envelope.detail.ticketId}-${i}`;
        ids.push(ticketId);
        await client.submit({
          ...envelope,
          detail: { ...envelope.detail, ticketId, sentimentScore: 0, message: IRONIC },
        });
      }
    },
    incidents: () => db.selectFrom('provider_incidents').selectAll().orderBy('id').execute(),
    told: () => slack.messages.filter(({ channel }) => channel === 'C0OPERATE1').map(({ text }) => text),
  };
}
type Scene = Awaited<ReturnType<typeof scene>>;

const point = (when: Point['when'], step: string, nth = 1): Point => ({ when, step, nth });
/** What stands after one step stands before the next: each is named once. The third failure opens the circuit. */
const OPENING = [point('before', 'count', 3), point('after', 'count')];
const OPEN = [
  point('before', 'wake'),
  ...['begin opened', 'post opened', 'finish opened'].map((step) => point('after', step)),
];
/** While it is open a ticket comes. */
const LEFT_ALONE = point('after', 'note');
const PROBED = [point('after', 'probe')];
const CLOSING = [
  point('before', 'close'),
  ...['close', 'begin closed', 'post closed', 'finish closed'].map((step) => point('after', step)),
  // One ticket was told, and the next were not.
  point('before', 'tick off'),
  point('after', 'tick off'),
  point('before', 'ask'),
  point('after', 'ask'),
  point('after', 'record'),
  point('before', 'end'),
  point('after', 'end'),
];

const TIME = { timeout: 1_800_000 };

test(
  'killed at each step while an incident opens and goes on: one incident, told once of each, every ticket judged again once',
  TIME,
  async () => {
    const played = await scene();
    breakComprehend(played);
    for (const at of OPENING) await killAt(played, at, () => played.submit(3));
    for (const at of OPEN) await killAt(played, at);
    await killAt(played, LEFT_ALONE, () => played.submit(3));
    for (const at of PROBED) await killAt(played, at);
    mendComprehend(played);
    await endsWell(played);
  },
);

test(
  'killed at each step while an incident closes, and while tickets are judged again: the same end',
  TIME,
  async () => {
    const played = await scene();
    breakComprehend(played);
    const first = await played.start();
    await played.submit(12);
    await patiently(async () => expect(first.wrote, first.said()).toContain('did finish opened'));
    await patiently(async () =>
      expect(await tickets(played)).toEqual(played.ids.map(() => expect.objectContaining({ degraded: ['sentiment'] }))),
    );
    await first.kill();
    mendComprehend(played);
    for (const at of CLOSING) await killAt(played, at);
    await endsWell(played);
  },
);

function breakComprehend({ aws }: Scene): void {
  for (const action of ['DetectSentiment', 'DetectDominantLanguage']) aws.failNext('500', { action }, 100_000);
}
function mendComprehend({ aws }: Scene): void {
  aws.reset();
  Object.assign(aws.comprehend, { sentiment: 'NEGATIVE', score: 0.97 });
}

/** Nobody kills it any more. */
async function endsWell(played: Scene): Promise<void> {
  const last = await played.start();
  await allHealed(played);
  expect(last.endedByItself, last.said()).toBe(false);
}

/** Starts it, and kills it where it stands still. */
async function killAt(played: Scene, { when, step, nth }: Point, meanwhile?: () => Promise<void>): Promise<void> {
  const child = await played.start({ when, step, ...(nth ? { nth } : {}) });
  await meanwhile?.();
  const line = `held ${when} ${step}`;
  await vi.waitFor(() => expect(child.wrote, child.said()).toContain(line), { timeout: 300_000, interval: 50 });
  await child.kill();
}

const patiently = <T>(look: () => Promise<T>) => vi.waitFor(look, { timeout: 300_000, interval: 250 });

async function allHealed(played: Scene): Promise<void> {
  const { db, ids, read } = played;
  await patiently(async () => {
    const waiting = await db.selectFrom('degraded_tickets').selectAll().where('again_at', 'is', null).execute();
    const open = (await played.incidents()).filter(({ over_at }) => over_at === null);
    expect({ waiting, open }).toEqual({ waiting: [], open: [] });
    // By what they have: one that is still to be found without Comprehend has no `degraded` yet, and is no healed one.
    expect(await tickets(played)).toEqual(ids.map((id) => ({ id, ...HEALED })));
  });
  expect(await played.incidents()).toHaveLength(1);
  for (const id of ids) {
    const kinds = (await read.timeline(id)).map(({ kind }) => kind);
    const again = kinds.filter((kind) => kind === 'enrichedAgain');
    expect(again, `${id}: ${kinds.join(', ')}`).toEqual(['enrichedAgain']);
  }
  // Whatever else they hear on a slow machine is no word of the incident.
  const words = played.told().map((text) => /has failed too often|It is called again/.exec(text)?.[0] ?? text);
  const others = words.filter((text) => text !== 'has failed too often' && text !== 'It is called again');
  if (others.length > 0) console.log('told as well:', others);
  expect(words.filter((text) => !others.includes(text))).toEqual(['has failed too often', 'It is called again']);
  const messages = await db
    .selectFrom('incident_messages')
    .select(['occasion', 'status'])
    .orderBy('updated_at')
    .execute();
  expect(messages).toEqual([
    { occasion: 'opened', status: 'sent' },
    { occasion: 'closed', status: 'sent' },
  ]);
}

const HEALED = {
  priority: 'HIGH',
  route: 'agent',
  degraded: [],
  sentiment: { label: 'NEGATIVE', source: 'comprehend' },
  pending: [],
};

/** As they stand, in the order in which they came. */
async function tickets({ ids, read, temporal }: Scene): Promise<unknown[]> {
  const looks = ids.map(async (id) => {
    const ticket = await read.ticket(id);
    const { degraded, sentiment } = ticket?.facts ?? {};
    const { label, source } = Object(sentiment);
    const { raw } = await temporal.workflow.getHandle(ticketWorkflowId(id)).describe();
    const pending = (raw.pendingActivities ?? []).map(({ activityType }) => activityType?.name);
    return { id, priority: ticket?.priority, route: ticket?.route, degraded, sentiment: { label, source }, pending };
  });
  return Promise.all(looks);
}
