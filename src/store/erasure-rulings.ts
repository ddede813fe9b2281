import { sql } from 'kysely';
import type { ErasureStore } from '../deps-erasure-store.ts';
import type { AuditEntry } from '../domain/audit.ts';
import type { WhatOf } from '../domain/audit-actions.ts';
import { StewardError } from '../domain/errors.ts';
import { actorBy, assertAnother, type Identity, sayIdentity } from '../domain/identity.ts';
import { CHANGED, insertAudit } from './audit.ts';
import type { Database } from './database.ts';
import { said } from './erasure-audit.ts';
import { erasureRow } from './erasure-row.ts';

type Rulings = Pick<ErasureStore, 'rule' | 'vouch' | 'extend' | 'logStepAnswer'>;

/** What officers say of a request. Each entry of the log names who: by the key or the login, and all that they have shown beside. */
export function createRulings(db: Database): Rulings {
  return {
    async rule(id, ruling, by, reason) {
      return db.transaction().execute(async (trx) => {
        // Nobody becomes a party to it, and nobody else decides, until this is written.
        await sql`select 1 from erasures where id = ${id} for update`.execute(trx);
        const row = await erasureRow(trx, id);
        if (row === null) return false;
        assertAnother(
          [row.requester, row.voucher].filter((party) => party !== null),
          by,
        );
        if (row.supersededBy !== null) {
          throw new StewardError(
            'UnlawfulTransition',
            `the person has proved a request of their own, ${row.supersededBy}, which goes on instead`,
          );
        }
        const who = sayIdentity(by);
        if (row.approval !== null) return row.approval === ruling && row.ruledBy === who;
        await sql`with changed as (update erasures set approval = ${ruling}, ruled_by = ${who}, ruling_reason = ${reason}
            where id = ${id} and ended_at is null returning 1)
          ${insertAudit([saidBy(id, ruling, by)], CHANGED)}`.execute(trx);
        return true;
      });
    },

    async vouch(id, by) {
      await sql`with changed as (update erasures set proved_at = now(), proved_by = 'officer', voucher = ${[...by]}, code_digest = null
          where id = ${id} and proved_at is null and ended_at is null returning 1)
        ${insertAudit([saidBy(id, 'vouched', by)], CHANGED)}`.execute(db);
      const row = await erasureRow(db, id);
      return row?.provedBy === 'officer' && row.voucher !== null && sayIdentity(row.voucher) === sayIdentity(by);
    },

    async extend(id, to, reason, by) {
      await sql`with changed as (update erasures set extended_to = ${to}, extension_reason = ${reason}
          where id = ${id} and extended_to is null and ended_at is null returning 1)
        ${insertAudit([saidBy(id, 'extended', by, { to: to.toISOString() })], CHANGED)}`.execute(db);
    },

    async logStepAnswer(id, act, step, by) {
      const entry = by ? saidBy(id, act, by, { step }) : { ...said(id, act, { step }), actor: TEMPORAL };
      await sql`${insertAudit([entry])}`.execute(db);
    },
  };
}

/** Who may send updates to Temporal by its own program, and shows us nothing. */
const TEMPORAL = { kind: 'system', id: 'temporal' } as const;

function saidBy(id: string, what: WhatOf<'erasure'>, by: Identity, after: object = {}): AuditEntry {
  return { ...said(id, what, { ...after, by: [...by] }), actor: actorBy(by) };
}
