import { join } from 'node:path';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { createAuditHeads } from '../../src/adapters/audit-heads.ts';
import { judge } from '../../src/config.ts';
import { Secret } from '../../src/secret.ts';
import { startWorkerHalf } from '../../src/steward.ts';
import { createAuditReader } from '../../src/store/audit-read.ts';
import { verifyAudit } from '../../src/store/audit-verify.ts';
import { useSteward } from '../support/steward.ts';

const REFERENCE = 'test/fixtures/reference-flow.asl.json';
const real = useSteward({ settings: () => ({ STEWARD_FLOW: REFERENCE }) });

async function start() {
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line).msg) });
  const { config } = judge({ STEWARD_TASK_QUEUE: `${real.taskQueue}-other`, STEWARD_STATE_DIR: real.stateDir });
  const settled = { config, databaseUrl: new Secret(real.databaseUrl), linkSecret: new Secret('') };
  const workers = await startWorkerHalf({ settled, composed: real.composed, temporal: real.temporal, log });
  return { workers, lines };
}

test('a worker that starts logs every warning of its flow, once', async () => {
  const { workers, lines } = await start();
  await workers.stop();
  const ends = ['EscalateToAgent', 'ResolveWithBot', 'SendWelcomeEmail'];
  const why = 'neither Next nor End: the flow ends here; say so with "End": true';
  expect(lines).toEqual(ends.map((state) => `the flow ${REFERENCE}: $.States.${state}: ${why}`));
});

test('a worker orders the audit log, and keeps its head when it stops', async () => {
  const { workers } = await start();
  const { db, deps } = real.composed;
  const heads = createAuditHeads(join(real.stateDir, 'audit-heads.jsonl'));
  const append = () =>
    deps.audit.append([{ actor: { kind: 'system', id: 'test' }, action: 'audit.shown', object: 'o' }]);
  const placed = async () =>
    (await createAuditReader(db).list({ object: 'o', limit: 9 })).map(({ position }) => position !== null);
  await append();
  await vi.waitFor(async () => expect(await placed()).toEqual([true]));
  await append();
  await workers.stop();
  expect(await placed()).toEqual([true, true]);
  expect(await verifyAudit(db, heads, { unplacedAfterMs: 0 })).toMatchObject({ ok: true, warnings: [] });
});
