import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { createStewardClient, type StewardClient } from '../../../src/client.ts';
import { composeKeys } from '../../../src/compose-keys.ts';
import { judge } from '../../../src/config.ts';
import { freePort } from '../../../src/embedded/ports.ts';
import { hashKey, newKey } from '../../../src/http/keys.ts';
import type { KeyRing } from '../../../src/store/data-keys.ts';
import { type Database, openDatabase } from '../../../src/store/database.ts';
import { createKeyStore } from '../../../src/store/keys.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { createReader, type Reader } from '../../../src/store/read.ts';
import { type AwsStandIn, startAws } from '../../support/stand-ins/aws.ts';
import { PAGERDUTY_KEY, type PagerDutyStandIn, startPagerDuty } from '../../support/stand-ins/pagerduty.ts';
import type { StandIn } from '../../support/stand-ins/server.ts';
import { type SlackStandIn, startSlack } from '../../support/stand-ins/slack.ts';
import { type Child, startChild } from '../child.ts';
import type { Stage } from '../servers.ts';
import { mailBy, settingsOn, slackBy } from '../settings.ts';
import { writeRules } from './rules.ts';
import type { FaultyProvider } from './script.ts';

/** A Steward that may be killed, whoever it speaks to, and a way to look at all of it. */
export interface Scene {
  readonly stage: Stage;
  readonly db: Database;
  readonly read: Reader;
  /** Past the gateway, as a command would. */
  readonly client: StewardClient;
  readonly temporal: Client;
  /** How the workflows' own payloads are read. */
  readonly dataConverter: DataConverter;
  readonly ring: KeyRing;
  readonly taskQueue: string;
  readonly slaFile: string;
  readonly auditHeads: string;
  readonly aws: AwsStandIn;
  readonly slack: SlackStandIn;
  readonly pagerDuty: PagerDutyStandIn;
  /** @throws what `fetch` throws while nobody listens */
  post(event: object): Promise<{ readonly status: number; readonly text: string }>;
  /** A provider's, by the names that a script has for them. */
  standIn(provider: FaultyProvider): StandIn;
  start(): Promise<void>;
  readonly child: () => Child;
  end(): Promise<void>;
}

const ASKED_FOR_MS = 15_000;

export async function openScene(stage: Stage): Promise<Scene> {
  const databaseUrl = await stage.newDatabase();
  const stateDir = await mkdtemp(join(stage.dir, 'state-'));
  const taskQueue = new URL(databaseUrl).pathname.slice(1);
  const [aws, slack, pagerDuty, port] = await Promise.all([startAws(), startSlack(), startPagerDuty(), freePort()]);
  const rules = await writeRules(stateDir);
  const auditHeads = join(stateDir, 'audit-heads.jsonl');
  const settings = {
    ...settingsOn(stage, { stateDir, databaseUrl, taskQueue, port }),
    ...mailBy(aws),
    ...slackBy(slack),
    STEWARD_COMPREHEND: '',
    AWS_ENDPOINT_URL_COMPREHEND: aws.url,
    STEWARD_COMPREHEND_PER_SECOND: '100',
    STEWARD_PAGERDUTY_KEY: PAGERDUTY_KEY,
    STEWARD_PAGERDUTY_URL: pagerDuty.url,
    STEWARD_PAGERDUTY_PER_SECOND: '100',
    STEWARD_TEAM: rules.team,
    STEWARD_SLA: rules.sla,
    STEWARD_ESCALATION: rules.escalation,
    STEWARD_HEALING: rules.healing,
    STEWARD_AUDIT_HEADS: auditHeads,
  };
  await migrate(databaseUrl);
  const db = openDatabase({ url: databaseUrl, poolSize: 4 });
  const keys = composeKeys({ config: judge(settings).config, db, makeKek: true, clearText: 'refuse' });
  const connection = await Connection.connect({ address: stage.temporalAddress });
  const temporal = new Client({ connection, dataConverter: keys.dataConverter });
  const apiKey = newKey();
  await createKeyStore(db, { kind: 'system', id: 'faults' }).add('faults', hashKey(apiKey));
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  const held: { child?: Child } = {};
  const standIns = { ses: aws, comprehend: aws, slack, pagerDuty } as const;
  return {
    stage,
    db,
    read: createReader(db),
    client: createStewardClient(temporal, { taskQueue }),
    temporal,
    dataConverter: keys.workerDataConverter,
    ring: keys.ring,
    taskQueue,
    slaFile: rules.sla,
    auditHeads,
    aws,
    slack,
    pagerDuty,
    async post(event) {
      const signal = AbortSignal.timeout(ASKED_FOR_MS);
      const body = JSON.stringify(event);
      const response = await fetch(`http://127.0.0.1:${port}/v1/events`, { method: 'POST', headers, body, signal });
      return { status: response.status, text: await response.text() };
    },
    standIn: (provider) => standIns[provider],
    async start() {
      held.child = await startChild(stage.bundle, settings);
    },
    child() {
      if (!held.child) throw new Error('it is started first');
      return held.child;
    },
    async end() {
      await held.child?.kill();
      await keys.ring.close();
      await Promise.all([db.destroy(), aws.stop(), slack.stop(), pagerDuty.stop(), connection.close()]);
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}
