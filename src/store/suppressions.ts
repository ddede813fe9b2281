import { sql } from 'kysely';
import type { AuditActor } from '../domain/audit.ts';
import type { Who } from '../domain/person.ts';
import { insertAuditFrom } from './audit.ts';
import type { Database } from './database.ts';
import { customersOf } from './people.ts';

/** A customer who gets no mail. */
export interface Suppression {
  readonly id: string;
  readonly customerId: string;
  readonly reason: 'bounced' | 'complained';
  readonly since: Date;
}

export function createSuppressionStore(db: Database, by: AuditActor) {
  return {
    /** Of one person or of all, the oldest first. @throws StewardError CustomerUnknown */
    async list(who?: Who): Promise<Suppression[]> {
      let query = db.selectFrom('suppressions').selectAll().orderBy('since').orderBy('id');
      if (who) query = query.where('customer_id', 'in', await customersOf(db, who));
      const rows = await query.execute();
      return rows.map(({ id, customer_id: customerId, reason, since }) => ({ id, customerId, reason, since }));
    },

    /** How many it were; logged without whose. @throws StewardError CustomerUnknown */
    async lift(who: Who): Promise<number> {
      const ids = await customersOf(db, who);
      const { rows } = await sql<{ count: number }>`
        with lifted as (delete from suppressions where customer_id = any(${ids}::text[]) returning id, reason),
        noted as (${insertAuditFrom(
          'suppression.lifted',
          sql`${by.kind}::text, ${by.id}::text, 'suppression/' || id, null::text,
          jsonb_build_object('reason', reason), null::jsonb from lifted`,
        )})
        select count(*)::integer as count from lifted`.execute(db);
      return rows[0]?.count ?? 0;
    },
  };
}
export type SuppressionStore = ReturnType<typeof createSuppressionStore>;
