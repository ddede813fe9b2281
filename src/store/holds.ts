import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { AuditEntry } from '../domain/audit.ts';
import type { AuditAction } from '../domain/audit-actions.ts';
import type { Hold } from '../domain/erase-facts.ts';
import { StewardError } from '../domain/errors.ts';
import { actorBy, type Identity, idOf, sayIdentity } from '../domain/identity.ts';
import type { JsonObject } from '../domain/json.ts';
import { namesPerson, sayNaming } from '../domain/names-person.ts';
import type { Who } from '../domain/person.ts';
import { insertAudit } from './audit.ts';
import type { Database } from './database.ts';
import { customersOf, knownBy, lockCustomer } from './people.ts';

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
    /**
     * On everybody whom this names, all or none.
     * @throws StewardError CustomerUnknown; InvalidRequest: `why` names one of them, and would stay when they are gone
     */
    async place(who: Who, hold: Hold, by: Identity): Promise<PlacedHold[]> {
      return db.transaction().execute(async (transaction) => {
        const ids = await customersOf(transaction, who);
        for (const id of ids) await lockCustomer(transaction, id);
        const named = namesPerson(hold.why, await knownBy(transaction, sql`id = any(${ids}::text[])`));
        if (named !== null) throw new StewardError('InvalidRequest', sayNaming('why', named));
        const rows = await transaction
          .insertInto('legal_holds')
          .values(
            ids.map((customerId) => ({
              id: `HLD-${randomBytes(8).toString('hex')}`,
              customer_id: customerId,
              category: hold.category,
              why: hold.why,
              until: hold.until === null ? null : new Date(hold.until),
              placed_by: labelOf(by),
              lifted_by: null,
              lifted_at: null,
            })),
          )
          .returningAll()
          .execute();
        const { category, until } = hold;
        const entries = rows.map(({ id }) => entry('hold.placed', id, by, { category, until }));
        await insertAudit(entries).execute(transaction);
        return rows.map(holdOf);
      });
    },

    /** False when there is no such hold, or it is lifted already. */
    async lift(id: string, by: Identity): Promise<boolean> {
      const { rows } = await sql<{ lifted: boolean }>`with lifted as (
          update legal_holds set lifted_by = ${labelOf(by)}, lifted_at = now() where id = ${id} and lifted_at is null returning 1),
        audit as (${insertAudit([entry('hold.lifted', id, by)], sql`exists (select 1 from lifted)`)})
        select exists (select 1 from lifted) as lifted`.execute(db);
      return rows[0]?.lifted === true;
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

/** By the key or the login, with all that was shown. */
function entry(action: AuditAction, id: string, by: Identity, facts: JsonObject = {}): AuditEntry {
  return { actor: actorBy(by), action, object: `hold/${id}`, after: { ...facts, by: [...by] } };
}

/** As people know an officer; who it was, as far as it was shown, is in the log. */
function labelOf(by: Identity): string {
  return idOf(by, 'officer') ?? sayIdentity(by);
}

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
