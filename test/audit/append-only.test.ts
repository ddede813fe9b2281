import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import { useAudit } from './support.ts';

/** As the migrations have made it: nothing here takes a trigger away. */
const audit = useAudit();
beforeAll(() => audit.fill(3));

describe('the triggers', () => {
  const verbs = [
    'update audit_entries set why = why',
    'delete from audit_chain',
    'truncate audit_entries',
    'truncate audit_chain',
  ];
  it.each([...verbs, 'update audit_chain set hash = hash', 'delete from audit_entries'])('refuse %s', async (verb) => {
    await expect(sql.raw(verb).execute(audit.db)).rejects.toThrow('append-only');
  });

  it('refuse it under session_replication_role = replica too', async () => {
    for (const verb of verbs) {
      const done = audit.db.transaction().execute(async (tx) => {
        await sql`set local session_replication_role = replica`.execute(tx);
        await sql.raw(verb).execute(tx);
      });
      await expect(done).rejects.toThrow('append-only');
    }
  });

  it('a role that may only insert and select can neither change entries nor keep one from being placed', async () => {
    const role = `audit_writer_${randomBytes(4).toString('hex')}`;
    await sql.raw(`create role ${role}`).execute(audit.db);
    try {
      await sql.raw(`grant select, insert on audit_entries to ${role}`).execute(audit.db);
      const as = (statement: string) =>
        audit.db.transaction().execute(async (tx) => {
          await sql.raw(`set local role ${role}`).execute(tx);
          await sql.raw(statement).execute(tx);
        });
      const insert = `insert into audit_entries (actor_kind, actor_id, action, object) values ('system', 's', 'a', 'o')`;
      await as(insert);
      for (const verb of [
        ...verbs,
        'delete from audit_unplaced',
        `${insert} on conflict (id) do update set why = ''`,
      ]) {
        await expect(as(verb)).rejects.toMatchObject({ code: '42501' });
      }
      await as(`create temporary table audit_unplaced (entry_id bigint) on commit drop; ${insert}`);
      expect(await audit.place()).toMatchObject({ placed: 2 });
    } finally {
      await sql.raw(`drop owned by ${role}`).execute(audit.db);
      await sql.raw(`drop role ${role}`).execute(audit.db);
    }
  });
});
