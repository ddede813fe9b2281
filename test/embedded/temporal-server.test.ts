import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { expect, inject, onTestFinished, test } from 'vitest';
import { freePort } from '../../src/embedded/ports.ts';
import { identify } from '../../src/embedded/process-identity.ts';
import { startTemporalServer, type TemporalServer } from '../../src/embedded/temporal-server.ts';
import { temporaryDirectory } from '../support/directory.ts';

// Several starts of real servers, which share two cores with everything else.
const TicketState = defineSearchAttributeKey('TicketState', 'KEYWORD');

async function withClient<T>(server: TemporalServer, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: server.address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

test('workflows and search attributes survive a SIGKILL of the server, and its namespace gets the retention that is wanted now', async () => {
  const dir = await temporaryDirectory();
  const options = {
    dir,
    port: await freePort(),
    binary: inject('temporalBinary'),
    searchAttributes: { TicketState: 'Keyword' },
    retentionDays: 30,
  };
  const first = await startTemporalServer(options);
  onTestFinished(() => first.stop());
  await withClient(first, (client) =>
    client.workflow.start('story', {
      workflowId: 'kept',
      taskQueue: 'nobody',
      typedSearchAttributes: [{ key: TicketState, value: 'new' }],
    }),
  );
  await first.kill();
  expect(await identify(first.pid)).toBeUndefined();

  const second = await startTemporalServer({ ...options, retentionDays: 35 });
  onTestFinished(() => second.stop());
  await withClient(second, async (client) => {
    const kept = await client.workflow.getHandle('kept').describe();
    expect(kept.status.name).toBe('RUNNING');
    expect(kept.typedSearchAttributes.get(TicketState)).toBe('new');
    const { config } = await client.workflowService.describeNamespace({ namespace: 'default' });
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(35 * 24 * 60 * 60);
  });
  expect((await stat(join(dir, 'temporal.db'))).mode & 0o077).toBe(0);
  expect(await readFile(join(dir, 'temporal.version'), 'utf8')).toBe(`${options.binary.server}\n`);
});

test('stopping leaves no process and no pid file, and stopping twice is harmless', async () => {
  const dir = await temporaryDirectory();
  const server = await startTemporalServer({
    dir,
    port: await freePort(),
    binary: inject('temporalBinary'),
    inMemory: true,
  });
  await server.stop();
  await server.stop();
  expect(await identify(server.pid)).toBeUndefined();
  await expect(stat(join(dir, 'temporal-server.pid'))).rejects.toThrow('ENOENT');
  await expect(stat(join(dir, 'temporal.db'))).rejects.toThrow('ENOENT');
});

test('an older server is refused on newer data, with the mend', async () => {
  const dir = await temporaryDirectory();
  await writeFile(join(dir, 'temporal.version'), '1.31.2\n');
  const binary = { ...inject('temporalBinary'), server: '1.29.1' };
  const refusal = await startTemporalServer({ dir, port: await freePort(), binary }).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 'ServerFailed' });
  expect(String(refusal)).toContain('written by server 1.31.2');
  expect(String(refusal)).toContain('STEWARD_TEMPORAL_BINARY');
  expect(String(refusal)).toContain('npm run reset');
});

test('a taken port is named before anything is started', async () => {
  const port = await freePort();
  const stranger = createServer().listen(port, '127.0.0.1');
  await once(stranger, 'listening');
  onTestFinished(() => void stranger.close());
  const dir = await temporaryDirectory();
  const binary = inject('temporalBinary');
  await expect(startTemporalServer({ dir, port, binary })).rejects.toThrow(/STEWARD_TEMPORAL_PORT/);
  await expect(startTemporalServer({ dir, port: await freePort(), uiPort: port, binary })).rejects.toThrow(
    /STEWARD_UI_PORT/,
  );
});

test('a server that dies while starting is an error with the last lines of its log', async () => {
  const dir = await temporaryDirectory();
  await writeFile(join(dir, 'temporal.db'), 'this is no database');
  const refusal = await startTemporalServer({ dir, port: await freePort(), binary: inject('temporalBinary') }).catch(
    String,
  );
  expect(refusal).toContain('The Temporal dev server ended while starting');
  expect(refusal).toContain('file is not a database');
});

test('a program that cannot be run is an error that says which', async () => {
  const dir = await temporaryDirectory();
  const binary = { path: join(dir, 'nothing-here'), server: '1.29.1' };
  await expect(startTemporalServer({ dir, port: await freePort(), binary })).rejects.toMatchObject({
    code: 'ServerFailed',
  });
});
