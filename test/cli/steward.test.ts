/** The commands on the real parts: PostgreSQL, Temporal, a worker. */
import { execFile } from 'node:child_process';
import { symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, test, vi } from 'vitest';
import { openKekFile } from '../../src/adapters/kek-file.ts';
import { readFileText } from '../../src/cli/input.ts';
import { createStewardClient } from '../../src/client.ts';
import { composeOperator } from '../../src/compose-operator.ts';
import { judge } from '../../src/config.ts';
import type { Change } from '../../src/domain/journal.ts';
import { Secret } from '../../src/secret.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { runOn } from './support.ts';

const run = promisify(execFile);
const real = useSteward();

async function steward(...args: string[]) {
  const operator = await composeOperator(judge({}).config, new Secret(real.databaseUrl));
  const parts = { readText: readFileText, operator: async () => operator, steward: async () => real.steward };
  const said = await runOn(parts, ...args);
  await operator.close();
  return said;
}

test('a ticket is submitted, seen in the list, and its way is told', async () => {
  const event = envelope();
  const { ticketId } = event.detail;
  const file = join(await temporaryDirectory(), 'ticket.json');
  await writeFile(file, JSON.stringify(event));

  const submitted = await steward('submit', file, '--json');
  expect(JSON.parse(submitted.out)).toMatchObject({ ticketId, workflowId: `ticket-${ticketId}`, known: false });
  const shown = await vi.waitFor(
    async () => {
      const json = JSON.parse((await steward('show', ticketId, '--json')).out);
      expect(json.deliveries).toMatchObject([
        { template: 'escalation', status: 'sent' },
        { template: 'handed-over', status: 'suppressed' },
      ]);
      return json;
    },
    { timeout: 15_000, interval: 100 },
  );
  expect(shown).toMatchObject({ state: 'waitingForAgent', priority: 'HIGH', waitingFor: `agent ${shown.assigneeId}` });
  expect((await steward('list')).out).toMatch(new RegExp(`${ticketId} +waitingForAgent +agent`));
  const { out } = await steward('show', ticketId);
  expect(out).toContain('RouteTicket: on to EscalateToAgent, by rule 1: $.priority = "HIGH"');
  expect(JSON.parse((await steward('submit', file, '--json')).out)).toMatchObject({ known: true });

  const refused = await steward('retry', ticketId);
  expect(refused).toMatchObject({ exit: 1, out: '' });
  expect(refused.err).toContain('no such parked step; parked now: none');
});

test('a ticket whose id another source has is refused, though it is not written down yet', async () => {
  const event = envelope();
  await createStewardClient(real.temporal.client, { taskQueue: 'test-nobody' }).submit(event);
  const file = join(await temporaryDirectory(), 'ticket.json');
  await writeFile(file, JSON.stringify({ ...event, source: 'other.platform' }));
  const refused = await steward('submit', file);
  expect(refused).toMatchObject({ exit: 1, out: '' });
  expect(refused.err).toContain(`ticket id ${event.detail.ticketId} belongs to another source`);
  await real.temporal.client.workflow.getHandle(`ticket-${event.detail.ticketId}`).terminate('the test is over');
});

test('a step is parked from its parking until an operator answers it', async () => {
  const event = envelope();
  const { ticketId } = event.detail;
  await real.steward.submit(event);
  await vi.waitFor(async () => expect((await real.read.ticket(ticketId))?.state).toBe('waitingForAgent'), 15_000);
  let seq = 100;
  const write = async (kind: 'parked' | 'operator', step: string, needsAttention: boolean): Promise<void> => {
    seq += 1;
    const facts = kind === 'parked' ? { step, error: 'ProviderFailed', attempts: 4 } : { step, act: 'retry' };
    // Later than anything that the ticket's workflow writes.
    const entry = { seq, at: new Date(Date.now() + seq * 1000).toISOString(), kind, actor: 'steward', facts };
    const row = { state: 'new', route: 'none', priority: null, tier: null, assigneeId: null, episode: 1 } as const;
    const change: Change = { ticketId, row: { ...row, needsAttention }, entries: [entry] };
    await real.composed.deps.tickets.record(change);
  };
  const parked = async () => (await real.read.parked(ticketId)).map((p) => p.step);
  await write('parked', 'A#1', true);
  await write('parked', 'B#1', true);
  expect(await parked()).toEqual(['A#1', 'B#1']);
  expect((await real.read.parked()).map((p) => p.ticketId)).toContain(ticketId);
  await write('operator', 'A#1', true);
  expect(await parked()).toEqual(['B#1']);
  await write('parked', 'A#1', true);
  expect(await parked()).toEqual(['B#1', 'A#1']);
  await write('operator', 'A#1', true);
  await write('operator', 'B#1', false);
  expect(await parked()).toEqual([]);
});

test('the program of the package judges a flow where no Steward runs, and says how to start one', async () => {
  const cwd = process.cwd();
  const env = { PATH: process.env.PATH, STEWARD_STATE_DIR: join(await temporaryDirectory(), 'none') };
  const program = (...args: string[]) => run(process.execPath, ['bin/steward.js', ...args], { cwd, env });
  const { stdout } = await program('flow', 'check', 'flows/support-escalation.asl.json');
  expect(stdout).toBe('flows/support-escalation.asl.json: in order\n');
  await expect(program('list')).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('npm start'),
  });
});

test.each([
  ['directly', 'src/client.ts'],
  ['by a link', 'a link'],
])('the client run %s submits a file', async (_, path) => {
  const event = envelope();
  const dir = await temporaryDirectory();
  const file = join(dir, 'ticket.json');
  await writeFile(file, JSON.stringify(event));
  if (path === 'a link') await symlink(resolve('src'), join(dir, 'a link'));
  const client = path === 'a link' ? join(dir, path, 'client.ts') : path;
  const env = {
    PATH: process.env.PATH,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    STEWARD_TASK_QUEUE: real.taskQueue,
    DATABASE_URL: real.databaseUrl,
    STEWARD_STATE_DIR: real.stateDir,
  };
  const { stdout } = await run(process.execPath, ['--import', 'tsx', client, file], { env });
  expect(JSON.parse(stdout)).toEqual({
    ticketId: event.detail.ticketId,
    workflowId: `ticket-${event.detail.ticketId}`,
    known: false,
  });
  await writeFile(file, '{"source": 1}');
  await expect(run(process.execPath, ['--import', 'tsx', client, file], { env })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('detail: expected'),
  });
});

test('without the right key-encryption key a command says so, and which file it wants', async () => {
  const event = envelope();
  const file = join(await temporaryDirectory(), 'ticket.json');
  await writeFile(file, JSON.stringify(event));
  const env = {
    PATH: process.env.PATH,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    DATABASE_URL: real.databaseUrl,
    STEWARD_TASK_QUEUE: real.taskQueue,
  };
  const program = (kek: string) =>
    run(process.execPath, ['bin/steward.js', 'submit', file], { env: { ...env, STEWARD_KEK_FILE: kek } });
  const missing = join(await temporaryDirectory(), 'kek');
  await expect(program(missing)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`There is no key-encryption key at ${missing}`),
  });
  await openKekFile(missing, { make: true });
  await expect(program(missing)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /were wrapped by the key-encryption key \w+, and this process has \w+.*STEWARD_KEK_FILE/,
    ),
  });
  const { stdout } = await program(join(real.stateDir, 'kek'));
  expect(stdout).toContain(event.detail.ticketId);
});

test('an agent says that they are off, and is so; nobody by that name is refused', async () => {
  expect((await steward('agent', 'off', 'emma')).out).toBe('emma is off already.\n');
  expect((await steward('agent', 'available', 'emma')).out).toBe('emma: available, was off.\n');
  expect(JSON.parse((await steward('agent', 'away', 'emma', '--json')).out)).toEqual({
    agentId: 'emma',
    presence: 'away',
    before: 'available',
  });
  expect((await steward('agent', 'off', 'nobody')).err).toContain('"nobody" is no agent');
});
