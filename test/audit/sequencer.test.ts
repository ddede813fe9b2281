import { sql } from 'kysely';
import { Client } from 'pg';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { insertAudit } from '../../src/store/audit.ts';
import { PLACE_EVERY_MS, startSequencer } from '../../src/store/audit-sequencer.ts';
import { outcome } from '../support/outcome.ts';
import { entryOf, startAnew, useAudit } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

const audit = useAudit();
beforeEach(() => startAnew(audit));

const onTrouble = (error: unknown) => {
  throw error;
};
const sequencer = (more: Partial<Parameters<typeof startSequencer>[0]> = {}) =>
  startSequencer({ db: audit.db, heads: audit.heads, everyMs: 5, onTrouble, ...more });

it('two at once place every entry once, without a gap, while many write', async () => {
  const running = [sequencer({ batch: 7 }), sequencer({ batch: 7 })];
  const writers = Array.from({ length: 10 }, async (_, writer) => {
    for (let n = 0; n < 30; n++) await audit.log.append([entryOf(writer * 100 + n), entryOf(writer * 100 + n)]);
  });
  await Promise.all(writers);
  await Promise.all(running.map(({ stop }) => stop()));
  expect(await audit.verify({ unplacedAfterMs: 0 })).toMatchObject({ ok: true, checked: 600, warnings: [] });
});

it('without a setting gives positions at least once a second', async () => {
  expect(PLACE_EVERY_MS).toBeLessThanOrEqual(1_000);
  const running = startSequencer({ db: audit.db, heads: audit.heads, onTrouble });
  /** By the database's clock, which says when the entry was made. */
  const placedAfterMs = async () => {
    await audit.log.append([entryOf(1)]);
    return outcome(async () => {
      const { rows } = await sql<{ ms: number }>`select
          (extract(epoch from clock_timestamp() - e.at) * 1000)::float8 as ms from audit_entries e
        where e.id = (select max(id) from audit_entries) and exists (select 1 from audit_chain where entry_id = e.id)`.execute(
        audit.db,
      );
      if (!rows[0]) throw new Error('no position yet');
      return rows[0].ms;
    });
  };
  await placedAfterMs();
  // Each now comes right behind a turn, and waits for the whole pause: a longer one is never quick. A busy machine makes some of them late.
  await outcome(async () => expect(await placedAfterMs()).toBeLessThan(1_000));
  await running.stop();
});

it('an entry that is committed late is placed late, and the log passes at every moment', async () => {
  const running = sequencer();
  const late = await audit.db.startTransaction().execute();
  await insertAudit([entryOf(1)]).execute(late);
  await audit.log.append([entryOf(2), entryOf(3)]);
  await outcome(async () => expect(await audit.verify({ unplacedAfterMs: 0 })).toMatchObject({ ok: true, checked: 2 }));
  await late.commit().execute();
  await outcome(async () =>
    expect(await audit.verify({ patienceMs: 1_000, unplacedAfterMs: 0 })).toMatchObject({ ok: true, checked: 3 }),
  );
  await running.stop();
  const { rows } = await sql`select entry_id from audit_chain order by position`.execute(audit.db);
  expect(rows).toEqual(['2', '3', '1'].map((entry_id) => ({ entry_id })));
});

it('what is rolled back is not logged', async () => {
  const undone = await audit.db.startTransaction().execute();
  await insertAudit([entryOf(1)]).execute(undone);
  await undone.rollback().execute();
  await audit.fill(1);
  expect(await audit.verify({ unplacedAfterMs: 0 })).toMatchObject({ ok: true, checked: 1 });
});

it('one that loses its connection in the middle of a batch loses nothing, and holds nobody up', async () => {
  await audit.log.append(Array.from({ length: 50 }, (_, n) => entryOf(n)));
  // Its insert waits for a row of the work list, so that it can be cut off there.
  const block = await audit.db.startTransaction().execute();
  await sql`select 1 from audit_unplaced where entry_id = 20 for update`.execute(block);
  const cut = audit.place();
  cut.catch(() => {});
  const waiting = await outcome(async () => {
    const { rows } = await sql<{ pid: number }>`select pid from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query like '%audit_chain%'`.execute(audit.db);
    expect(rows).toHaveLength(1);
    return rows[0]?.pid;
  });
  expect(await audit.place()).toBeNull();
  await sql`select pg_terminate_backend(${waiting})`.execute(audit.db);
  await expect(cut).rejects.toThrow();
  await block.rollback().execute();
  await outcome(async () => expect(await audit.place()).toMatchObject({ placed: 50 }));
  expect(await audit.verify({ unplacedAfterMs: 0 })).toMatchObject({ ok: true, checked: 50 });
});

it('keeps a head at once, then one for some seconds of activity, and the last one when it stops', async () => {
  const kept = async () => (await audit.heads.read()).heads.map(({ position }) => position);
  await audit.log.append([entryOf(1)]);
  const running = sequencer({ headEveryMs: 60_000 });
  await outcome(async () => expect(await kept()).toEqual([1]));
  await audit.log.append([entryOf(2)]);
  await outcome(async () => expect(await audit.verify()).toMatchObject({ checked: 2 }));
  await audit.log.append([entryOf(3)]);
  expect(await kept()).toEqual([1]);
  await running.stop();
  expect(await kept()).toEqual([1, 3]);
});

it('tells of a trouble once, and goes on when it is over', async () => {
  const troubles: unknown[] = [];
  await sql`alter table audit_chain rename to audit_chain_away`.execute(audit.db);
  await audit.log.append([entryOf(1)]);
  const running = sequencer({ onTrouble: (error) => troubles.push(error) });
  await outcome(() => expect(troubles).toHaveLength(1));
  await sql`alter table audit_chain_away rename to audit_chain`.execute(audit.db);
  await outcome(async () => expect(await audit.verify()).toMatchObject({ checked: 1 }));
  await running.stop();
  expect(troubles).toHaveLength(1);
});

it('gives positions though the head can’t be kept, and keeps it as soon as it can', async () => {
  const troubles: unknown[] = [];
  let full = true;
  const keep = async (head: Parameters<typeof audit.heads.keep>[0]) => {
    if (full) throw new Error('no space left on device');
    await audit.heads.keep(head);
  };
  await audit.log.append([entryOf(1)]);
  const running = sequencer({ heads: { ...audit.heads, keep }, onTrouble: (error) => troubles.push(error) });
  await outcome(() => expect(troubles).toHaveLength(1));
  expect(await audit.verify()).toMatchObject({ ok: true, checked: 1 });
  full = false;
  await outcome(async () => expect((await audit.heads.read()).heads).toMatchObject([{ position: 1 }]));
  await running.stop();
  expect(troubles).toHaveLength(1);
});

describe('a log that does not go on from its kept head', () => {
  const reasons = async (...statements: readonly string[]) => {
    await audit.fill(3);
    await audit.keepHead();
    const kept = (await audit.heads.read()).heads;
    await audit.tamper(...statements);
    await audit.log.append([entryOf(4)]);
    const troubles: unknown[] = [];
    const running = sequencer({ onTrouble: (error) => troubles.push(error) });
    await outcome(() => expect(troubles).toHaveLength(1));
    await running.stop();
    // What came is in its place all the same; nobody vouches for it.
    expect((await sql`select 1 from audit_unplaced`.execute(audit.db)).rows).toEqual([]);
    expect((await audit.heads.read()).heads).toEqual(kept);
    return String(troubles[0]);
  };
  const FORGED = 'insert into audit_chain (position, entry_id, hash) select';

  it('was cut off: no head is kept behind the higher one, and somebody hears of it', async () => {
    const cut = ['delete from audit_chain where position > 1', 'delete from audit_entries where id > 1'];
    expect(await reasons(...cut)).toMatch(/no head is kept: the log ends at position 2, .* 3 was kept.*audit verify/);
  });

  it('was rewritten', async () => {
    const other = "update audit_chain set hash = sha256('other') where position = 3";
    expect(await reasons(other)).toMatch(/no head is kept: the log was rewritten: the head of position 3/);
  });

  it('has a higher position put behind it, on which the new ones would be built', async () => {
    expect(await reasons(`${FORGED} 1000, 9999, sha256('forged')`)).toMatch(/positions 4 to 999 are missing/);
  });

  it('has an entry behind it that was not hashed as it stands', async () => {
    const entry = `insert into audit_entries (actor_kind, actor_id, action, object) values ('system', 'x', 'x', 'x')`;
    const link = `${FORGED} 4, max(id), sha256('forged') from audit_entries`;
    expect(await reasons(entry, link, 'delete from audit_unplaced')).toMatch(/no head is kept: .*position 4/);
  });

  it('is one whose heads another process keeps as well: that is no trouble', async () => {
    await audit.log.append([entryOf(1), entryOf(2), entryOf(3)]);
    const running = sequencer({ headEveryMs: 1 });
    await outcome(async () => expect((await audit.heads.newest())?.position).toBe(3));
    await audit.fill(2);
    await audit.keepHead();
    await audit.log.append([entryOf(9)]);
    await outcome(async () => expect((await audit.heads.newest())?.position).toBe(6));
    await running.stop();
  });
});

it('an entry that is listed again is not placed again', async () => {
  await audit.fill(3);
  await sql`insert into audit_unplaced (entry_id) values (2)`.execute(audit.db);
  expect(await audit.place()).toMatchObject({ placed: 0 });
  expect(await audit.place()).toMatchObject({ placed: 0 });
  expect(await audit.verify({ unplacedAfterMs: 0 })).toMatchObject({ ok: true, checked: 3 });
});

it('one that verifies waits for an old entry that was committed just now', async () => {
  await audit.log.append([entryOf(1)]);
  const verdict = audit.verify({ unplacedAfterMs: 0, patienceMs: 20_000 });
  // A connection of its own: on one of the pool's this very question would be the last.
  const looker = new Client({ connectionString: audit.url });
  await looker.connect();
  try {
    await outcome(async () => {
      const { rows } = await looker.query(`select 1 from pg_stat_activity
        where datname = current_database() and query like 'select 1 from audit_chain where entry_id%'`);
      expect(rows).not.toEqual([]);
    });
  } finally {
    await looker.end();
  }
  await audit.place();
  expect(await verdict).toMatchObject({ ok: true });
});
