import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client as Pg } from 'pg';
import { expect } from 'vitest';
import { findMarks, type Hit } from '../../support/marks.ts';
import { wanted } from './person.ts';
import type { Scene } from './scene.ts';

export const hitsIn = (where: string, text: string): Hit[] => findMarks(where, Buffer.from(text), wanted);
export const marksOf = (hits: readonly Hit[]): string[] => [...new Set(hits.map(({ mark }) => mark))].sort();

async function onPostgres<T>({ postgres }: Scene, act: (pg: Pg) => Promise<T>): Promise<T> {
  const pg = new Pg({ connectionString: postgres.url });
  await pg.connect();
  try {
    return await act(pg);
  } finally {
    await pg.end();
  }
}

/** Every row of every table, and what the planner has noted of their contents. */
export function rowHits(scene: Scene): Promise<Hit[]> {
  return onPostgres(scene, async (pg) => {
    await pg.query('analyze');
    const { rows } = await pg.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    const hits: Hit[] = [];
    for (const { name } of rows) {
      const found = await pg.query<{ row: string }>(`select to_jsonb(x)::text as row from ${name} x`);
      const binary = await pg.query<{ row: string }>(`select x::text as row from ${name} x`);
      hits.push(...hitsIn(name, [...found.rows, ...binary.rows].map(({ row }) => row).join('\n')));
    }
    const stats = await pg.query<{ row: string }>(
      `select to_jsonb(s)::text as row from pg_stats s where schemaname = 'public'`,
    );
    return [...hits, ...hitsIn('pg_stats', stats.rows.map(({ row }) => row).join('\n'))];
  });
}

/** All that Temporal's API gives of every workflow that it lists, and of the person's tickets by name. */
export async function historyHits({ temporal }: Scene, tickets: readonly string[]): Promise<Hit[]> {
  const { client } = temporal;
  const hits: Hit[] = [];
  for (const id of tickets)
    await expect(client.workflow.getHandle(`ticket-${id}`).describe()).rejects.toMatchObject({
      name: 'WorkflowNotFoundError',
    });
  for await (const execution of client.workflow.list()) {
    const history = await client.workflow.getHandle(execution.workflowId, execution.runId).fetchHistory();
    hits.push(...hitsIn(execution.workflowId, JSON.stringify([execution.raw, history])));
  }
  return hits;
}

/** Every file below whose path has this in it, byte for byte. */
export async function rawHits(dir: string, named = ''): Promise<Hit[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const hits: Hit[] = [];
  for (const file of files.filter((file) => file.includes(named))) {
    hits.push(...findMarks(file, await readFile(file).catch(() => Buffer.alloc(0)), wanted));
  }
  return hits;
}

/** The very statements of docs/privacy.md. */
export async function compactPostgres(scene: Scene): Promise<void> {
  const statements = compaction(await readFile('docs/privacy.md', 'utf8'));
  await onPostgres(scene, async (pg) => {
    for (const statement of statements) await pg.query(statement);
  });
}

export function compaction(page: string): string[] {
  const [, block] = /^### At once$[^#]*?```sql\n([^`]*)```/m.exec(page) ?? [];
  if (block === undefined) throw new Error('docs/privacy.md: "At once" has no SQL any more');
  return block.trim().split('\n');
}

/** The same for the dev server's file, which must not be in use; false where this machine has no SQLite. */
export async function compactSqlite(file: string): Promise<boolean> {
  const python = 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("vacuum")';
  const ways: readonly [string, readonly string[]][] = [
    ['sqlite3', [file, 'vacuum']],
    ['python3', ['-c', python, file]],
  ];
  for (const [program, args] of ways) {
    const done = await promisify(execFile)(program, [...args]).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return false;
        throw error;
      },
    );
    if (done) return true;
  }
  return false;
}
