import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, type Connection } from '@temporalio/client';
import { expect, onTestFinished, vi } from 'vitest';
import { composeKeys, type Keys } from '../../src/compose-keys.ts';
import { judge } from '../../src/config.ts';
import { freePort } from '../../src/embedded/ports.ts';
import { hashKey, newKey } from '../../src/http/keys.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { createKeyStore } from '../../src/store/keys.ts';
import { type AwsStandIn, startAws } from '../support/stand-ins/aws.ts';
import { type SlackStandIn, startSlack } from '../support/stand-ins/slack.ts';
import { type Child, startChild } from './child.ts';
import { type Kind, type Sample, sample } from './kinds.ts';
import { stepsTaken } from './ledger.ts';
import { mailBy, settingsOn, slackBy } from './settings.ts';
import type { Server, Stage } from './stage.ts';

export type Part = 'worker' | Server;

export interface Scenario {
  /** What dies at one moment, moment after moment. */
  readonly kills: readonly (readonly Part[])[];
  readonly over: 'providers' | 'outbox';
  readonly random: () => number;
  readonly connection: Connection;
  /** Tells a ticket's workflow something, past the gateway; false when there is none yet. */
  readonly signal: Signal;
}
type Signal = (
  temporal: Client,
  ticketId: string,
  name: 'customerReplied' | 'resolved',
  args: object,
) => Promise<boolean>;

export interface Played {
  readonly samples: readonly Sample[];
  readonly db: Database;
  /** Writes and reads as this Steward does. */
  readonly temporal: Client;
  readonly taskQueue: string;
  readonly outbox: string;
  readonly aws: AwsStandIn;
  readonly slack: SlackStandIn;
  /** What the gateway answered, by status. */
  readonly answers: Readonly<Record<number, number>>;
  /** One line for each kill. */
  readonly kills: readonly string[];
  readonly child: () => Child;
}

/** What comes in between one kill and the next. */
const WAVE: readonly Kind[] = ['escalated', 'answered', 'welcomed', 'unsure', 'escalated'];
/** A wave takes about this many steps as `stepsTaken` and the providers count them. */
const WAVE_STEPS = 60;
const LATEST_MS = 4_000;

/** Plays a scenario on the stage: as many waves as kills, each kill in the midst of a wave's work. All is running at its end. */
export async function play(stage: Stage, { kills, over, random, connection, signal }: Scenario): Promise<Played> {
  const databaseUrl = await stage.newDatabase();
  const stateDir = await mkdtemp(join(stage.dir, 'state-'));
  const taskQueue = new URL(databaseUrl).pathname.slice(1);
  const [aws, slack, port] = await Promise.all([startAws(), startSlack(), freePort()]);
  const db = openDatabase({ url: databaseUrl, poolSize: 2 });
  const held: { child?: Child; keys?: Keys } = {};
  onTestFinished(async () => {
    await held.child?.kill();
    await held.keys?.ring.close();
    await Promise.all([db.destroy(), aws.stop(), slack.stop()]);
    await rm(stateDir, { recursive: true, force: true });
  });

  const settings = {
    ...settingsOn(stage, { stateDir, databaseUrl, taskQueue, port }),
    ...(over === 'providers' ? { ...mailBy(aws), ...slackBy(slack) } : {}),
  };
  const keys = composeKeys({ config: judge(settings).config, db, makeKek: true, clearText: 'refuse' });
  held.keys = keys;
  const temporal = new Client({ connection, dataConverter: keys.dataConverter });
  const start = async () => {
    held.child = await startChild(stage.bundle, settings);
  };
  await start();

  const apiKey = newKey();
  await createKeyStore(db, { kind: 'system', id: 'test' }).add('test', hashKey(apiKey));
  const answers: Record<number, number> = {};
  const samples: Sample[] = [];
  let newest: readonly Sample[] = [];
  const submissions: Promise<void>[] = [];
  const submitWave = async () => {
    const wave = WAVE.map(sample);
    // As a CRM's import would write them, whoever is there already.
    const known = wave.flatMap(({ customer }) => (customer ? { ...customer, known_from: 'crm' as const } : []));
    await db
      .insertInto('customers')
      .values(known.map((customer) => ({ ...customer, first_ticket_id: null })))
      .execute();
    samples.push(...wave);
    newest = wave;
    const url = `http://127.0.0.1:${port}/v1/events`;
    for (const { envelope } of wave) submissions.push(submit({ url, apiKey, answers }, envelope));
  };

  const said: string[] = [];
  const steps = async () => (await stepsTaken(db)) + aws.asked.length + slack.asked.length;
  for (const parts of kills) {
    const before = await steps();
    const at = 1 + Math.floor(random() * WAVE_STEPS);
    await submitWave();
    const reached = await until(steps, before + at);
    await Promise.all(parts.map((part) => (part === 'worker' ? held.child?.kill() : stage.kill(part))));
    const followed =
      parts.includes('worker') && !parts.includes('temporal') ? await followUp(newest, signal, temporal) : 0;
    said.push(`${parts.join(' and ')} at step ${reached - before} of ${at}, ${followed} signals meanwhile`);
    await Promise.all(parts.map((part) => (part === 'worker' ? undefined : stage.start(part))));
    if (parts.includes('worker')) await start();
  }
  if (kills.length === 0) await submitWave();
  await Promise.all(submissions);
  const child = () => {
    if (!held.child) throw new Error('it is started above');
    return held.child;
  };
  return {
    samples,
    db,
    temporal,
    taskQueue,
    outbox: join(stateDir, 'outbox'),
    aws,
    slack,
    answers,
    kills: said,
    child,
  };
}

/** Sends the same event again until it is taken, as a platform does. */
async function submit(to: { url: string; apiKey: string; answers: Record<number, number> }, event: unknown) {
  const headers = { authorization: `Bearer ${to.apiKey}`, 'content-type': 'application/json' };
  await vi.waitFor(
    async () => {
      const signal = AbortSignal.timeout(15_000);
      const response = await fetch(to.url, { method: 'POST', headers, body: JSON.stringify(event), signal });
      await response.arrayBuffer();
      to.answers[response.status] = (to.answers[response.status] ?? 0) + 1;
      expect([200, 202]).toContain(response.status);
    },
    { timeout: 60_000, interval: 200 },
  );
}

/**
 * While nobody works: to some tickets the customer writes, and some are solved. What the dead worker had begun and not handed in is
 * begun again after these.
 */
async function followUp(wave: readonly Sample[], signal: Signal, temporal: Client): Promise<number> {
  let count = 0;
  for (const [i, { envelope, followUps }] of wave.entries()) {
    const { ticketId } = envelope.detail;
    for (const name of i % 2 === 0 ? (['customerReplied', 'resolved'] as const) : (['customerReplied'] as const)) {
      const args = { eventId: `${ticketId}-${name}`, ...(name === 'resolved' ? {} : { message: 'Still there?' }) };
      if (i === wave.length - 1 || !(await signal(temporal, ticketId, name, args))) continue;
      followUps.push(name);
      count += 1;
    }
  }
  return count;
}

/** Waits until so many steps are taken; what hangs on an earlier kill may never take them, so not for long. */
async function until(steps: () => Promise<number>, target: number): Promise<number> {
  let reached = 0;
  const look = async () => {
    reached = await steps();
    expect(reached).toBeGreaterThanOrEqual(target);
  };
  await vi.waitFor(look, { timeout: LATEST_MS, interval: 5 }).catch(() => {});
  return reached;
}
