import type { AuditActor } from '../domain/audit.ts';
import type { Who } from '../domain/person.ts';
import { insertAudit } from './audit.ts';
import type { Database } from './database.ts';
import { customersOf, lockCustomer } from './people.ts';

export const CONSENT_STATUSES = ['granted', 'withdrawn'] as const;
export interface Consent {
  readonly purpose: string;
  readonly status: (typeof CONSENT_STATUSES)[number];
  readonly at: Date;
  /** Where it was said: `cli`, or an event's source. */
  readonly source: string;
  /** A label that leads to the proof; never words of the customer. */
  readonly evidence: string | null;
}
export interface ConsentRegister {
  readonly customerId: string;
  readonly now: readonly Consent[];
  /** Every change as it was recorded, the oldest first. */
  readonly history: readonly (Consent & { readonly recordedAt: Date })[];
}

/** What customers agree to. The history keeps every change; the same one told twice is one. */
export function createConsentStore(db: Database, by: AuditActor) {
  return {
    /**
     * `older`: it was said before what is known already, so that it is history and changes nothing.
     * @throws StewardError CustomerUnknown
     */
    async set(customerId: string, consent: Consent): Promise<'changed' | 'known' | 'older'> {
      return db.transaction().execute(async (transaction) => {
        await lockCustomer(transaction, customerId);
        const { purpose, status, at, source } = consent;
        const known = await transaction
          .selectFrom('consent_history')
          .select('id')
          .where((eb) => eb.and({ customer_id: customerId, purpose, status, at, source }))
          .executeTakeFirst();
        if (known) return 'known';
        const row = { customer_id: customerId, ...consent };
        await transaction.insertInto('consent_history').values(row).execute();
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto('consents')
          .values(row)
          .onConflict((conflict) =>
            conflict
              .columns(['customer_id', 'purpose'])
              .doUpdateSet({ status, at, source, evidence: consent.evidence })
              .where('consents.at', '<=', at),
          )
          .executeTakeFirstOrThrow();
        const after = { purpose, status, source };
        await insertAudit([{ actor: by, action: 'consent.recorded', object: 'consent', after }]).execute(transaction);
        return numInsertedOrUpdatedRows === 0n ? 'older' : 'changed';
      });
    },

    /** Of everybody whom this names. @throws StewardError CustomerUnknown */
    async show(who: Who): Promise<ConsentRegister[]> {
      const ids = await customersOf(db, who);
      const [now, history] = await Promise.all([
        db.selectFrom('consents').selectAll().where('customer_id', 'in', ids).orderBy('purpose').execute(),
        db.selectFrom('consent_history').selectAll().where('customer_id', 'in', ids).orderBy('id').execute(),
      ]);
      return ids.map((customerId) => ({
        customerId,
        now: now.filter((row) => row.customer_id === customerId).map(consentOf),
        history: history
          .filter((row) => row.customer_id === customerId)
          .map((row) => ({ ...consentOf(row), recordedAt: row.recorded_at })),
      }));
    },
  };
}
export type ConsentStore = ReturnType<typeof createConsentStore>;

function consentOf(row: Consent & { readonly customer_id: string }): Consent {
  const { purpose, status, at, source, evidence } = row;
  return { purpose, status, at, source, evidence };
}
