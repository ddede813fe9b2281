import { execFile, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { inject } from 'vitest';
import { createStewardClient } from '../../../src/client.ts';
import { composeKeys } from '../../../src/compose-keys.ts';
import { judge, SETTINGS } from '../../../src/config.ts';
import { freePort } from '../../../src/embedded/ports.ts';
import { hashKey, newKey } from '../../../src/http/keys.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { createKeyStore } from '../../../src/store/keys.ts';
import { createReader } from '../../../src/store/read.ts';
import { bundleWorkflows } from '../../../src/temporal/workers.ts';
import { type Child, startChild } from '../../chaos/child.ts';
import { LINK_SECRET } from '../../support/link-secret.ts';
import { startOwnPostgres, startOwnTemporal } from '../../support/own-servers.ts';
import { makeRunDirectory, removeRunDirectory } from '../../support/run-directory.ts';

const UNSET = Object.fromEntries(SETTINGS.map((name) => [name, '']));
const HALVES = ['worker', 'gateway'] as const;

export type Scene = Awaited<ReturnType<typeof startScene>>;

/** Servers of its own, a worker and a gateway as processes whose every word is kept, and whoever speaks to them. */
export async function startScene() {
  const dir = await makeRunDirectory();
  const stateDir = join(dir, 'state');
  await mkdir(stateDir);
  const [port, metricsPort] = [await freePort(), await freePort()];
  const postgres = await startOwnPostgres(dir);
  const temporal = await startOwnTemporal(dir, ['history.transferProcessorUpdateAckInterval="1s"'], metricsPort);
  const settings = {
    STEWARD_STATE_DIR: stateDir,
    STEWARD_TASK_QUEUE: 'canary',
    STEWARD_PORT: String(port),
    STEWARD_LINK_SECRET: LINK_SECRET.reveal(),
    STEWARD_KEK_FILE: join(dir, 'kek'),
    STEWARD_LOST_ATTEMPT_MS: '3000',
    STEWARD_LOG_LEVEL: 'debug',
    STEWARD_CLEAR_TEXT: 'accept',
    STEWARD_PRIVACY: await policyWithPurpose(dir),
    TEMPORAL_ADDRESS: temporal.address,
    DATABASE_URL: postgres.url,
  };
  const bundle = join(dir, 'workflows.js');
  await writeFile(bundle, (await bundleWorkflows()).code);
  const owner = openDatabase({ url: postgres.url, poolSize: 2 });
  const keys = composeKeys({ config: judge(settings).config, db: owner, makeKek: true, clearText: 'accept' });
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection, dataConverter: keys.dataConverter });
  const apiKey = newKey();
  await createKeyStore(owner, { kind: 'system', id: 'test' }).add('test', hashKey(apiKey), 'operator');

  let running: Child[] = [];
  const logs: string[] = [];
  const hush = async () => {
    await Promise.all(running.map((child) => child.kill()));
    logs.push(...running.flatMap((child) => [child.log(), ...child.wrote]));
    running = [];
  };
  const base = `http://127.0.0.1:${port}`;
  const request = (path: string, init?: RequestInit) => fetch(`${base}${path}`, { redirect: 'manual', ...init });
  const byKey = { authorization: `Bearer ${apiKey}` };
  return {
    dir,
    stateDir,
    postgres,
    temporal: { address: temporal.address, client, stop: () => temporal.current.stop() },
    owner,
    read: createReader(owner),
    steward: createStewardClient(client, { taskQueue: settings.STEWARD_TASK_QUEUE }),
    app: { request },
    byKey,
    post: (event: unknown) =>
      request('/v1/events', {
        method: 'POST',
        headers: { ...byKey, 'content-type': 'application/json' },
        body: typeof event === 'string' ? event : JSON.stringify(event),
      }),
    /** Worker and gateway anew, with these settings besides. */
    async play(more: Readonly<Record<string, string>>) {
      await hush();
      for (const half of HALVES) {
        running.push(await startChild(bundle, { ...settings, ...more }, '../erasure/canary/half.ts', half));
      }
    },
    /** `npx steward …args`. What it says on standard error is kept with the processes' logs. */
    async command(...args: string[]): Promise<string> {
      const env = { ...process.env, ...UNSET, ...settings };
      const child = spawn(process.execPath, ['bin/steward.js', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
      logs.push(err);
      return out;
    },
    /** The bare `temporal` program, which encrypts nothing. */
    async bare(...args: string[]): Promise<void> {
      const { path } = inject('temporalBinary');
      await promisify(execFile)(path, [...args, '--address', temporal.address]);
    },
    /** Everything that our processes have logged and written. */
    said: () => [...logs, ...running.flatMap((child) => [child.log(), ...child.wrote])].join('\n'),
    metrics: async () => (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text(),
    async stopProcesses() {
      await hush();
      await keys.ring.close();
      await connection.close();
      await owner.destroy();
    },
    async stop() {
      await hush();
      await postgres.current.stop().catch(() => {});
      await temporal.current.stop().catch(() => {});
      await removeRunDirectory(dir);
    },
  };
}

/** The rules as they come, and a purpose that consent can be given for. */
async function policyWithPurpose(dir: string): Promise<string> {
  const policy = await readFile('policies/privacy.yaml', 'utf8');
  const file = join(dir, 'privacy.yaml');
  await writeFile(file, policy.replace('purposes: {}', 'purposes: { news: Our news by mail }'));
  return file;
}
