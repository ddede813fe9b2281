import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { useDatabase } from '../support/database.ts';

const { url } = useDatabase();
const held = {} as { db: Database; other: Database };
beforeAll(() => {
  held.db = openDatabase({ url, poolSize: 2 });
  held.other = openDatabase({ url, poolSize: 1 });
});
afterAll(() => Promise.all([held.db.destroy(), held.other.destroy()]));

const pidOf = async (db: Pick<Database, 'getExecutor' | 'selectNoFrom'>) => {
  const { pid } = await db
    .selectNoFrom((eb) => eb.fn<number>('pg_backend_pid', []).as('pid'))
    .executeTakeFirstOrThrow();
  return pid;
};
const terminate = (pid: number) => sql`select pg_terminate_backend(${pid}, 5000)`.execute(held.other);

describe('a connection that the server drops', () => {
  it('in the middle of a query fails that query, and the next one opens another', async () => {
    const asleep = sql`select pg_sleep(30), pg_backend_pid()`.execute(held.db);
    asleep.catch(() => {});
    const { rows } = await untilAsleep();
    await terminate(rows[0]?.pid ?? 0);
    await expect(asleep).rejects.toMatchObject({ code: '57P01' });
    expect(await pidOf(held.db)).not.toBe(rows[0]?.pid);
  });

  it('between two statements of a transaction fails the second, and ends nobody’s process', async () => {
    await expect(
      held.db.transaction().execute(async (tx) => {
        await terminate(await pidOf(tx));
        await pidOf(tx);
      }),
    ).rejects.toThrow();
    expect(await pidOf(held.db)).toBeGreaterThan(0);
  });

  it('while nobody uses it is missed by nobody', async () => {
    await terminate(await pidOf(held.db));
    expect(await pidOf(held.db)).toBeGreaterThan(0);
  });
});

async function untilAsleep(): Promise<{ rows: { pid: number }[] }> {
  for (;;) {
    const found = await sql<{ pid: number }>`select pid from pg_stat_activity where wait_event = 'PgSleep'
      and datname = current_database()`.execute(held.other);
    if (found.rows.length > 0) return found;
  }
}
