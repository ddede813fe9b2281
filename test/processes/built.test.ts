import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { freePort } from '../../src/embedded/ports.ts';
import { useDatabase } from '../support/database.ts';
import { buildApp, type Running, runNode, startNode } from './built.ts';

const database = useDatabase();
const taskQueue = `built-${randomBytes(6).toString('hex')}`;
const started: Running[] = [];
let app: Awaited<ReturnType<typeof buildApp>>;
let settings: Readonly<Record<string, string>>;
let url: string;

beforeAll(async () => {
  app = await buildApp();
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  settings = {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    STEWARD_TASK_QUEUE: taskQueue,
    STEWARD_LINK_SECRET: randomBytes(32).toString('hex'),
    STEWARD_STATE_DIR: join(app.dir, 'state'),
    STEWARD_KEK_FILE: join(app.dir, 'keys', 'kek'),
    STEWARD_PORT: String(port),
  };
}, 180_000);
afterAll(async () => {
  await Promise.all(started.map((running) => running.stop()));
  await app?.remove();
});

const start = async (process: string): Promise<void> => {
  const running = startNode(app.dir, [process], settings);
  started.push(running);
  await running.ready;
};
const health = (of: string) => runNode(app.dir, ['dist/health.js', of], settings);

test('before they run, worker and gateway are not well, and the check says why', async () => {
  expect(await health('gateway')).toMatchObject({ code: 1, said: expect.stringContaining('ECONNREFUSED') });
  expect(await health('worker')).toMatchObject({ code: 1, said: expect.stringContaining(taskQueue) });
  expect(await health('')).toMatchObject({ code: 1, said: 'say which: gateway or worker\n' });
});

test('the built worker and gateway take the reference event to an agent', async () => {
  await Promise.all([start('dist/worker.js'), start('dist/gateway.js')]);
  await vi.waitFor(async () => expect(await health('worker')).toEqual({ code: 0, said: '' }), { timeout: 15_000 });
  expect(await health('gateway')).toEqual({ code: 0, said: '' });

  const made = await runNode(app.dir, ['dist/cli.js', 'key', 'create', 'platform', '--json'], settings);
  const { key }: { key: string } = JSON.parse(made.said);
  const response = await fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: await readFile('test/fixtures/ticket-created.json'),
  });
  expect(response.status).toBe(202);
  await vi.waitFor(
    async () => {
      const shown = await runNode(app.dir, ['dist/cli.js', 'show', 'TKT-2026-0423', '--json'], settings);
      expect(JSON.parse(shown.said)).toMatchObject({
        state: 'waitingForAgent',
        priority: 'HIGH',
        route: 'agent',
        deliveries: expect.arrayContaining([expect.objectContaining({ template: 'escalation', status: 'sent' })]),
      });
    },
    { timeout: 20_000, interval: 300 },
  );
}, 60_000);

test('a signal ends both, in time and with exit code 0', async () => {
  const ended = await Promise.all(started.splice(0).map((running) => running.stop()));
  expect(ended.map(({ code }) => code)).toEqual([0, 0]);
}, 30_000);

test('without its servers named a process ends at once and says what it needs', async () => {
  const ended = await runNode(app.dir, ['dist/worker.js'], {});
  expect(ended.code).toBe(1);
  for (const name of ['TEMPORAL_ADDRESS', 'DATABASE_URL', 'STEWARD_LINK_SECRET', 'STEWARD_KEK_FILE'])
    expect(ended.said).toContain(name);
});
