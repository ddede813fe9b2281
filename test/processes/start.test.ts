/** `npm start` and `npm run demo` as a person meets them: in a terminal, interrupted, killed, beside others. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { findAddresses } from '../../src/addresses.ts';
import { createStewardClient, type StewardClient } from '../../src/client.ts';
import { composeOperator } from '../../src/compose-operator.ts';
import { judge } from '../../src/config.ts';
import { freePort } from '../../src/embedded/ports.ts';
import { identify, type ProcessNote, parseNote } from '../../src/embedded/process-identity.ts';
import { dialTemporal } from '../../src/temporal/dial.ts';
import { outcome } from '../support/outcome.ts';
import { familyOf } from '../support/processes.ts';
import { makeRunDirectory, removeRunDirectory } from '../support/run-directory.ts';
import { type NpmRun, runNpm } from './npm.ts';

const TICKETS = ['TKT-2026-0423', 'TKT-2026-0424', 'TKT-2026-0425'];
// What some people export for other servers must not reach ours.
const SHELL = { TEMPORAL_NAMESPACE: 'elsewhere', TEMPORAL_API_KEY: 'a-key', PGSSLMODE: 'require' };
const own = {} as { dir: string; settings: Record<string, string>; temporalAddress: string };

beforeAll(async () => {
  own.dir = await makeRunDirectory();
  const [gateway, temporal, ui, postgres] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  own.temporalAddress = `127.0.0.1:${temporal}`;
  own.settings = {
    STEWARD_STATE_DIR: own.dir,
    STEWARD_PORT: String(gateway),
    STEWARD_TEMPORAL_PORT: String(temporal),
    STEWARD_UI_PORT: String(ui),
    STEWARD_POSTGRES_PORT: String(postgres),
    STEWARD_TEMPORAL_BINARY: inject('temporalBinary').path,
    ...SHELL,
  };
});
afterAll(() => removeRunDirectory(own.dir));

/** Starts it, and ends what a failed test leaves of it. */
async function start(more: Record<string, string> = {}): Promise<NpmRun & { family: ProcessNote[] }> {
  const run = runNpm(['start'], { ...own.settings, ...more });
  onTestFinished(() => {
    try {
      process.kill(-run.pid, 'SIGKILL');
    } catch {
      // It has ended, as it should.
    }
  });
  // The last line: what comes before it is looked at.
  await run.saying(/Ctrl-C stops everything/);
  return { ...run, family: await familyOf(run.pid) };
}

async function expectGone(family: readonly ProcessNote[]): Promise<void> {
  for (const { pid, started } of family) {
    await outcome(async () => expect((await identify(pid))?.started).not.toBe(started));
  }
}

async function node(): Promise<number> {
  return Number(parseNote(await readFile(join(own.dir, 'steward.pid'), 'utf8'))?.pid);
}

async function withClient<T>(use: (client: StewardClient) => Promise<T>): Promise<T> {
  const { config, secrets } = judge(own.settings);
  const operator = await composeOperator(config, (await findAddresses(config, secrets)).databaseUrl, secrets);
  const at = { address: own.temporalAddress, namespace: 'default' };
  const { client, close } = await dialTemporal(at, await operator.dataConverter());
  return use(createStewardClient(client)).finally(async () => {
    await close();
    await operator.close();
  });
}

/** Every open ticket has come where it has to, and answers. */
async function expectTickets(): Promise<void> {
  await withClient((client) =>
    outcome(async () => {
      const views = await Promise.all(TICKETS.map((id) => client.describe(id)));
      expect(views.map(({ state }) => state)).toEqual(['waitingForAgent', 'waitingForCustomer', 'waitingForCustomer']);
    }),
  );
}

test('a Ctrl-C stops everything and leaves no process, whichever shell npm runs it by', async () => {
  const bash = '/bin/bash';
  const run = await start(existsSync(bash) ? { npm_config_script_shell: bash } : {});
  for (const id of TICKETS) expect(run.said()).toContain(id);
  // It may be on no PATH, and the server at another port than it looks at.
  const cli = `${own.settings.STEWARD_TEMPORAL_BINARY} --address ${own.temporalAddress}`;
  expect(run.said()).toMatch(new RegExp(`Temporal CLI +${cli}\n`));
  // npm, Node, Temporal, and PostgreSQL with its helpers.
  expect(run.family.length).toBeGreaterThan(4);
  // A terminal's reaches the whole group, npm passes it on, and a shell may repeat it a moment later.
  process.kill(-run.pid, 'SIGINT');
  await run.saying(/Stopping/);
  process.kill(-run.pid, 'SIGINT');
  expect(await run.ended).toBe(0);
  await expectGone(run.family);
  await expect(stat(join(own.dir, 'steward.pid'))).rejects.toThrow('ENOENT');
});

test('a Ctrl-C that comes again while a server does not stop ends Node at once, and the servers too', async () => {
  const run = await start();
  const temporal = Number(parseNote(await readFile(join(own.dir, 'temporal-server.pid'), 'utf8'))?.pid);
  process.kill(temporal, 'SIGSTOP');
  const pid = await node();
  await outcome(async () => {
    if ((await identify(pid)) === undefined) return;
    process.kill(pid, 'SIGINT');
    throw new Error('Node still runs');
  });
  expect(await run.ended).toBe(130);
  process.kill(temporal, 'SIGCONT');
  await expectGone(run.family);
});

test('the next start goes on with every open ticket, also when Node was killed, and ends servers that it left', async () => {
  const killed = await start();
  await expectTickets();
  process.kill(await node(), 'SIGKILL');
  await killed.ended;
  const left = await Promise.all(killed.family.map(({ pid }) => identify(pid)));
  expect(left.filter((one) => one !== undefined)).not.toEqual([]);

  const next = await start();
  await expectGone(killed.family);
  await expectTickets();
  await withClient((client) => client.claim('TKT-2026-0423', { agentId: 'ana' }));
  // A SIGTERM to npm alone, as a supervisor sends it.
  process.kill(next.pid, 'SIGTERM');
  await next.ended;
  await expectGone(next.family);
});

test.each([
  [['start'], 'STEWARD_PORT'],
  [['start'], 'STEWARD_UI_PORT'],
  [['run', 'demo'], 'STEWARD_PORT'],
])('npm %j with a taken port ends by itself: it names %s, and leaves nothing', async (args, setting) => {
  const port = await freePort();
  const stranger = createServer().listen(port, '127.0.0.1');
  await once(stranger, 'listening');
  onTestFinished(() => void stranger.close());
  const run = runNpm(args, { ...own.settings, [setting]: String(port) });
  expect(await run.ended).toBe(1);
  expect(run.said()).toMatch(new RegExp(`Port ${port}, wanted for .* is taken.* set ${setting} to a free port`));
  expect(await familyOf(run.pid)).toEqual([]);
  await expect(stat(join(own.dir, 'steward.pid'))).rejects.toThrow('ENOENT');
});
