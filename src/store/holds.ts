import { randomBytes } from 'node:crypto';
import type { Hold } from '../domain/erase-facts.ts';
import type { Who } from '../domain/person.ts';
import type { Database } from './database.ts';
import { customersOf, lockCustomer } from './people.ts';

export interface PlacedHold extends Hold {
  readonly id: string;
  readonly customerId: string;
  readonly placedBy: string;
  readonly placedAt: Date;
  readonly liftedBy: string | null;
  readonly liftedAt: Date | null;
}

/** Duties not to destroy. A hold is never deleted: that it stood, and who lifted it, stays known. */
export function createHoldStore(db: Database) {
  return {
    /** On everybody whom this names, all or none. @throws StewardError CustomerUnknown */
    async place(who: Who, hold: Hold, placedBy: string): Promise<PlacedHold[]> {
      return db.transaction().execute(async (transaction) => {
        const ids = await customersOf(transaction, who);
        for (const id of ids) await lockCustomer(transaction, id);
        const rows = await transaction
          .insertInto('legal_holds')
          .values(
            ids.map((customerId) => ({
              id: `HLD-${randomBytes(8).toString('hex')}`,
              customer_id: customerId,
              category: hold.category,
              why: hold.why,
              until: hold.until === null ? null : new Date(hold.until),
              placed_by: placedBy,
              lifted_by: null,
              lifted_at: null,
            })),
          )
          .returningAll()
          .execute();
        return rows.map(holdOf);
      });
    },

    /** False when there is no such hold, or it is lifted already. */
    async lift(id: string, liftedBy: string): Promise<boolean> {
      const done = await db
        .updateTable('legal_holds')
        .set({ lifted_by: liftedBy, lifted_at: new Date() })
        .where('id', '=', id)
        .where('lifted_at', 'is', null)
        .executeTakeFirst();
      return done.numUpdatedRows > 0n;
    },

    /** Of one person or of all; those that are lifted only when asked for. @throws StewardError CustomerUnknown */
    async list({ who, lifted = false }: { who?: Who | undefined; lifted?: boolean } = {}): Promise<PlacedHold[]> {
      let query = db.selectFrom('legal_holds').selectAll().orderBy('placed_at').orderBy('id');
      if (who) query = query.where('customer_id', 'in', await customersOf(db, who));
      if (!lifted) query = query.where('lifted_at', 'is', null);
      return (await query.execute()).map(holdOf);
    },
  };
}
export type HoldStore = ReturnType<typeof createHoldStore>;

interface Row {
  readonly id: string;
  readonly customer_id: string;
  readonly category: Hold['category'];
  readonly why: string;
  readonly until: Date | null;
  readonly placed_by: string;
  readonly placed_at: Date;
  readonly lifted_by: string | null;
  readonly lifted_at: Date | null;
}

function holdOf(row: Row): PlacedHold {
  return {
    id: row.id,
    customerId: row.customer_id,
    category: row.category,
    why: row.why,
    until: row.until?.toISOString() ?? null,
    placedBy: row.placed_by,
    placedAt: row.placed_at,
    liftedBy: row.lifted_by,
    liftedAt: row.lifted_at,
  };
}
