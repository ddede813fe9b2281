import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { createAuditHeads } from '../src/adapters/audit-heads.ts';
import type { AuditEntry } from '../src/domain/audit.ts';
import { freePort } from '../src/embedded/ports.ts';
import { startPostgres } from '../src/embedded/postgres.ts';
import { createAuditLog } from '../src/store/audit.ts';
import { placeEntries } from '../src/store/audit-place.ts';
import { startSequencer } from '../src/store/audit-sequencer.ts';
import { verifyAudit } from '../src/store/audit-verify.ts';
import { type Database, openDatabase } from '../src/store/database.ts';
import { migrate } from '../src/store/migrate.ts';

export interface AuditFigures {
  readonly appended: number;
  readonly appendP50Ms: number;
  readonly appendP99Ms: number;
  readonly entries: number;
  readonly placedPerSecond: number;
  readonly verifySeconds: number;
}

/**
 * The audit log on a PostgreSQL of its own, which writes to the disk as it does in production: one entry after another is appended while a
 * sequencer runs, and a long log is verified.
 */
export async function benchAudit(entries: number, say: (line: string) => void): Promise<AuditFigures> {
  const dir = await mkdtemp(join(tmpdir(), 'steward-bench-'));
  const postgres = await startPostgres({ dir, port: await freePort() });
  await migrate(postgres.url);
  const db = openDatabase({ url: postgres.url, poolSize: 5 });
  const heads = createAuditHeads(join(dir, 'audit-heads.jsonl'));
  try {
    const sequencer = startSequencer({ db, heads, onTrouble: (error) => say(String(error)) });
    say('audit: appending');
    await appendFor(db, 1);
    const latencies = (await appendFor(db, 10)).sort((a, b) => a - b);
    await sequencer.stop();
    say(`audit: filling up to ${entries} entries`);
    const placedPerSecond = await fill(db, entries - latencies.length);
    const head = (await placeEntries(db, 1))?.head;
    if (head) await heads.keep(head);
    say('audit: verifying');
    const begun = performance.now();
    const verdict = await verifyAudit(db, heads, { patienceMs: 0 });
    const verifySeconds = (performance.now() - begun) / 1000;
    if (!verdict.ok) throw new Error(`the log does not pass: ${verdict.firstBad?.message}`);
    return {
      appended: latencies.length,
      appendP50Ms: round(latencies[Math.floor(latencies.length * 0.5)] ?? 0),
      appendP99Ms: round(latencies[Math.floor(latencies.length * 0.99)] ?? 0),
      entries: verdict.checked,
      placedPerSecond: Math.round(placedPerSecond),
      verifySeconds: round(verifySeconds),
    };
  } finally {
    await db.destroy();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

export function auditAims({ appendP50Ms, verifySeconds, entries }: AuditFigures) {
  const perMillion = Math.round((verifySeconds / entries) * 10_000_000) / 10;
  return [
    { aim: 'appending an audit entry, p50 ms <= 1', is: appendP50Ms, max: 1 },
    { aim: 'verifying 1,000,000 audit entries, s <= 60', is: perMillion, max: 60 },
  ];
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** One at a time, so that each is a round trip and a commit. */
async function appendFor(db: Database, seconds: number): Promise<number[]> {
  const log = createAuditLog(db);
  const latencies: number[] = [];
  for (const end = performance.now() + seconds * 1000; performance.now() < end; ) {
    const begun = performance.now();
    await log.append([entryOf(latencies.length)]);
    latencies.push(performance.now() - begun);
  }
  return latencies;
}

function entryOf(n: number): AuditEntry {
  const id = `BENCH-${n}`;
  return {
    actor: { kind: 'workflow', id: `ticket-${id}` },
    action: 'ticket.escalated',
    object: `ticket/${id}`,
    why: 'with enriched, decided',
    before: { state: 'new', route: 'none', priority: null, assignee: null, revision: 1 },
    after: { state: 'waitingForAgent', route: 'agent', priority: 'HIGH', assignee: 'ana', revision: 4 },
  };
}

const SLICE = 20_000;

/** So many more, like those above, each in its position. */
async function fill(db: Database, count: number): Promise<number> {
  const { before, after } = entryOf(0);
  for (let done = 0; done < count; done += SLICE) {
    await sql`insert into audit_entries (actor_kind, actor_id, action, object, why, before, after)
      select 'workflow', 'ticket-BENCH-' || n, 'ticket.escalated', 'ticket/BENCH-' || n, 'with enriched, decided',
        ${JSON.stringify(before)}::jsonb, ${JSON.stringify(after)}::jsonb
      from generate_series(${done + 1}::integer, ${Math.min(count, done + SLICE)}::integer) n`.execute(db);
  }
  const begun = performance.now();
  let placed = 0;
  for (let more = 1; more > 0; placed += more) more = (await placeEntries(db, 1_000))?.placed ?? 0;
  return placed / ((performance.now() - begun) / 1000);
}
