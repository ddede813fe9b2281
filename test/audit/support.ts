import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll } from 'vitest';
import { createAuditHeads } from '../../src/adapters/audit-heads.ts';
import type { AuditHeads } from '../../src/deps.ts';
import type { AuditEntry } from '../../src/domain/audit.ts';
import { createAuditLog } from '../../src/store/audit.ts';
import { placeEntries } from '../../src/store/audit-place.ts';
import { verifyAudit } from '../../src/store/audit-verify.ts';
import { type Database, type Databases, openDatabase, openDatabases } from '../../src/store/database.ts';
import { useDatabase } from '../support/database.ts';

/** An audit log on a database of this file's own, its heads in a file beside it. */
export function useAudit() {
  const { url } = useDatabase({ anyAction: true });
  const audit = {} as Awaited<ReturnType<typeof createAudit>>;
  const held: { databases?: Databases } = {};
  beforeAll(() => {
    held.databases = openDatabases({ url, poolSize: 10 });
    Object.assign(audit, createAudit(openDatabase({ url, poolSize: 20 }), held.databases), { url });
  });
  afterAll(async () => {
    await Promise.all([audit.db?.destroy(), held.databases?.close()]);
    await rm(audit.headsFile, { force: true });
  });
  return audit;
}

/** @param db the owner's, for what nobody else may */
function createAudit(db: Database, databases: Databases) {
  const worker = databases.as('steward_worker');
  const auditor = databases.as('steward_auditor');
  const headsFile = join(tmpdir(), `audit-heads-${randomBytes(6).toString('hex')}.jsonl`);
  const heads: AuditHeads = createAuditHeads(headsFile);
  const log = createAuditLog(worker);
  return {
    db,
    url: '',
    headsFile,
    heads,
    log,
    verify: (options = {}) => verifyAudit(auditor, heads, { patienceMs: 0, ...options }),
    place: () => placeEntries(worker, 1_000),
    /** So many entries, each in its position, and the head kept. */
    async fill(count: number): Promise<void> {
      await log.append(Array.from({ length: count }, (_, i) => entryOf(i + 1)));
      await placeEntries(worker, count);
    },
    /** As the superuser, with every trigger off: nothing in SQL stops that. */
    async tamper(...statements: readonly string[]): Promise<void> {
      const tables = ['audit_entries', 'audit_chain'];
      for (const table of tables) await run(db, `alter table ${table} disable trigger all`);
      for (const statement of statements) await run(db, statement);
      for (const table of tables) await run(db, `alter table ${table} enable always trigger ${table}_append_only`);
      await run(db, 'alter table audit_entries enable always trigger audit_entries_unplaced');
    },
    async keepHead(): Promise<void> {
      const placed = await placeEntries(worker, 1_000);
      if (placed?.head) await heads.keep(placed.head);
    },
  };
}
async function run(db: Database, statement: string): Promise<void> {
  await sql.raw(statement).execute(db);
}

/** An empty log and no heads. */
export async function startAnew(audit: Audit): Promise<void> {
  await audit.tamper('truncate audit_entries, audit_chain, audit_unplaced restart identity');
  await rm(audit.headsFile, { force: true });
}

export type Audit = ReturnType<typeof createAudit>;

export function entryOf(n: number, more: Partial<AuditEntry> = {}): AuditEntry {
  return {
    actor: { kind: 'workflow', id: `ticket-TKT-${n}` },
    action: 'ticket.escalated',
    object: `ticket/TKT-${n}`,
    before: { state: 'new', assignee: null },
    after: { state: 'waitingForAgent', assignee: 'ana', revision: n },
    ...more,
  };
}
