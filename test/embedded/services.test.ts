import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { judge } from '../../src/config.ts';
import { freePort } from '../../src/embedded/ports.ts';
import { startServices } from '../../src/embedded/services.ts';
import { temporaryDirectory } from '../support/directory.ts';

async function ownServices() {
  const dir = await temporaryDirectory();
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const { config, secrets } = judge({
    STEWARD_STATE_DIR: join(dir, 'state'),
    STEWARD_POSTGRES_PORT: String(ports[0]),
    STEWARD_TEMPORAL_PORT: String(ports[1]),
    STEWARD_UI_PORT: String(ports[2]),
  });
  // A machine without a Temporal CLI, where getting one takes for ever.
  await mkdir(join(dir, 'bin'));
  await writeFile(join(dir, 'bin/go'), '#!/bin/sh\nexec /bin/sleep 600\n');
  await chmod(join(dir, 'bin/go'), 0o755);
  const environment = { HOME: dir, PATH: join(dir, 'bin') };
  const asked = new AbortController();
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const start = () => startServices({ config, secrets, environment, say, signal: asked.signal });
  return { dir, asked, said, start };
}

test('a PostgreSQL that cannot start ends the start at once, though the Temporal program is still being got', async () => {
  const { dir, start, said } = await ownServices();
  await mkdir(join(dir, 'state/postgres'), { recursive: true });
  await writeFile(join(dir, 'state/postgres/PG_VERSION'), 'this is no cluster');
  await expect(start()).rejects.toMatchObject({ code: 'ServerFailed', message: expect.stringContaining('PostgreSQL') });
  expect(said).toContain('Temporal dev server: looking for its program');
  expect(said.join()).not.toContain('Stopping');
});

test('asked to end while it starts, it stops what has started and says nothing of failures', async () => {
  const { asked, start, said } = await ownServices();
  const starting = start();
  const ended = expect(starting).rejects.toThrow(/aborted/);
  await vi.waitFor(() => expect(said.join()).toContain('download of the dev server'), { timeout: 20_000 });
  asked.abort();
  await ended;
  expect(said.join()).not.toContain('failed');
});
