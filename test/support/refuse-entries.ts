import { sql } from 'kysely';
import { afterEach } from 'vitest';
import type { Database } from '../../src/store/database.ts';

/**
 * A log that takes no entries of one action. Until `allow`, or the end of the test; `tries` says how often one was to be written: a
 * sequence counts on although all else is rolled back.
 */
export function useRefusedEntries() {
  const cleanUp: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const step of cleanUp.splice(0)) await step();
  });
  /** @param db the owner's */
  return async (db: Database, action: string) => {
    await sql`create sequence refused`.execute(db);
    await sql`create function refuse() returns trigger language plpgsql security definer as
      $$ begin perform nextval('refused'); raise exception 'the log is away'; end $$`.execute(db);
    await sql`create trigger refuse before insert on audit_entries for each row
      when (new.action = ${sql.lit(action)}) execute function refuse()`.execute(db);
    let off = false;
    const allow = async () => {
      if (!off) await sql`drop function refuse() cascade; drop sequence refused`.execute(db);
      off = true;
    };
    cleanUp.push(allow);
    const tries = async () =>
      Number(
        (await sql<{ n: string }>`select case when is_called then last_value else 0 end as n from refused`.execute(db))
          .rows[0]?.n,
      );
    return { allow, tries };
  };
}
