import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, inject, onTestFinished, test } from 'vitest';
import { freePort } from '../../src/embedded/ports.ts';
import { startPostgres } from '../../src/embedded/postgres.ts';
import { identify } from '../../src/embedded/process-identity.ts';
import { startTemporalServer } from '../../src/embedded/temporal-server.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { groupOf } from '../support/processes.ts';

// Several starts of real servers, which share two cores with everything else.
const HOLD = fileURLToPath(new URL('../support/hold-servers.ts', import.meta.url));

/** A process of its own that has started both servers, as `npm start` does. */
async function startOwner(dir: string) {
  const binary = inject('temporalBinary');
  const ports = { postgres: await freePort(), temporal: await freePort() };
  const args = ['--import', 'tsx', HOLD, dir, `${ports.postgres}`, `${ports.temporal}`, binary.path, binary.server];
  // A process group of its own, as a terminal gives to a command.
  const owner = spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void owner.kill('SIGKILL'));
  const [line] = await once(createInterface({ input: owner.stdout }), 'line');
  const pids = JSON.parse(String(line)) as { postgres: number; temporal: number };
  return { owner, pids, ports, binary };
}

test('servers whose owner was killed are ended at the next start, which goes on with their data and ports', async () => {
  const dir = await temporaryDirectory();
  const { owner, pids, ports, binary } = await startOwner(dir);
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  expect(await identify(pids.postgres)).toBeDefined();
  expect(await identify(pids.temporal)).toBeDefined();

  const postgres = await startPostgres({ dir, port: ports.postgres });
  onTestFinished(() => postgres.stop());
  const temporal = await startTemporalServer({ dir, port: ports.temporal, binary });
  onTestFinished(() => temporal.stop());
  expect(await identify(pids.postgres)).toBeUndefined();
  expect(await identify(pids.temporal)).toBeUndefined();
});

test('a Ctrl-C reaches the owner alone, who stops both servers and leaves no process', async () => {
  const { owner, pids } = await startOwner(await temporaryDirectory());
  expect(groupOf(pids.postgres)).toBe(pids.postgres);
  expect(groupOf(pids.temporal)).toBe(pids.temporal);
  process.kill(-Number(owner.pid), 'SIGINT');
  const [code] = await once(owner, 'exit');
  expect(code).toBe(0);
  expect(await identify(pids.postgres)).toBeUndefined();
  expect(await identify(pids.temporal)).toBeUndefined();
});

test('a pid that the system has given to somebody else since is left alone', async () => {
  const dir = await temporaryDirectory();
  const stranger = spawn('sleep', ['600'], { stdio: 'ignore' });
  onTestFinished(() => void stranger.kill());
  await writeFile(join(dir, 'temporal-server.pid'), JSON.stringify({ pid: stranger.pid, started: 'another life' }));
  const temporal = await startTemporalServer({
    dir,
    port: await freePort(),
    binary: inject('temporalBinary'),
    inMemory: true,
  });
  await temporal.stop();
  expect(await identify(Number(stranger.pid))).toBeDefined();
});
