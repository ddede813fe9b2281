import { type KyselyPlugin, sql } from 'kysely';
import { expect, test } from 'vitest';
import { requestKey } from '../../src/deps-erasure.ts';
import type { LedgerEntry } from '../../src/deps-erasure-store.ts';
import { unapplied } from '../../src/erasure-reapply.ts';
import type { Database } from '../../src/store/database.ts';
import { createErasureStore } from '../../src/store/erasures.ts';
import { useStores } from '../store/support.ts';

/** What every start of a worker or gateway asks of the ledger. */

const stores = useStores();

/** How far the database is with a request that the ledger has. */
const HOW_FAR = {
  erased: { there: true, erased: true, shredded: true },
  /** Its workflow has still to write down that it was the end. */
  shredded: { there: true, erased: false, shredded: true },
  halfWay: { there: true, erased: false, shredded: false },
  unknown: { there: false, erased: false, shredded: false },
  /** A tombstone is no request: whose rows they were is in the ledger alone. */
  unknownButShredded: { there: false, erased: false, shredded: true },
} as const;
const LEFT = ['halfWay', 'unknown', 'unknownButShredded'];

test.each(['worker', 'gateway'] as const)(
  'what of the ledger is not done is one statement to the %s, however long it is',
  async (role) => {
    expect(await asked(role, await ledgerOf(role, 1))).toMatchObject({ left: LEFT, statements: 1 });
    const entries = await ledgerOf(role, 200);
    const { left, ids, statements } = await asked(role, entries);
    expect(statements).toBe(1);
    expect(left).toEqual(Array.from({ length: 200 }, () => LEFT).flat());
    // In the ledger's order, since that is the order in which they are done again.
    expect(ids).toEqual(entries.map(({ requestId }) => requestId).filter((id) => ids.includes(id)));
  },
);

test('an empty ledger asks the database nothing', async () => {
  expect(await asked('gateway', [])).toEqual({ left: [], ids: [], statements: 0 });
});

async function asked(role: 'worker' | 'gateway', entries: readonly LedgerEntry[]) {
  const counted = { statements: 0 };
  const store = createErasureStore(counting(stores[role], counted));
  const left = await unapplied({ store, ledger: { append: async () => {}, read: async () => entries } });
  const ids = left.map(({ requestId }) => requestId);
  return { left: ids.map((id) => id.split(' ')[1]), ids, ...counted };
}

function counting(db: Database, counted: { statements: number }): Database {
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      counted.statements += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  return db.withPlugin(plugin);
}

/** So many of each, and the rows that go with them. */
async function ledgerOf(tag: string, each: number): Promise<LedgerEntry[]> {
  const all = Array.from({ length: each }, (_, i) =>
    Object.entries(HOW_FAR).map(([name, how]) => ({ id: `ERA-${tag}-${each}-${i} ${name}`, ...how })),
  ).flat();
  const there = all.filter((one) => one.there);
  await sql`insert into erasures (id, via, state, sealed, due_at, erased_at)
    select id, 'cli', 'erasing', '', now(), case when erased then now() end
    from unnest(${there.map(({ id }) => id)}::text[], ${there.map(({ erased }) => erased)}::boolean[]) as one(id, erased)`.execute(
    stores.db,
  );
  await sql`insert into data_keys (name, shredded_at) select name, case when shredded then now() end
    from unnest(${all.map(({ id }) => requestKey(id))}::text[], ${all.map(({ shredded }) => shredded)}::boolean[]) as one(name, shredded)`.execute(
    stores.db,
  );
  return all.map(({ id }) => ({
    requestId: id,
    subjectRef: `ERASED-${id}`,
    at: new Date(0).toISOString(),
    keys: [],
    kept: [],
    fingerprints: [],
  }));
}
