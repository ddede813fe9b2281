import { sql } from 'kysely';
import { requestKey } from '../deps-erasure.ts';
import type { LedgerEntry } from '../deps-erasure-store.ts';
import type { AuditActor } from '../domain/audit.ts';
import { isPartly } from '../domain/erase-policy.ts';
import { type Digest, normalise } from '../domain/fingerprint.ts';
import { insertAudit } from './audit.ts';
import type { Database } from './database.ts';
import { said } from './erasure-audit.ts';
import { saveFingerprints } from './erasure-search.ts';
import { toJson } from './json.ts';

const TICKET = 'ticket-';
const PAGE = 1_000;

/** One statement for all of them: every start asks it of a ledger that only grows. */
export async function unapplied(
  db: Database,
  entries: readonly Pick<LedgerEntry, 'requestId' | 'kept'>[],
): Promise<string[]> {
  const ids = entries.map(({ requestId }) => requestId);
  const kept = entries.map((entry) => toJson(entry.kept.map(({ category }) => category)));
  const { rows } = await sql<{ id: string }>`
    select asked.id from unnest(${ids}::text[], ${ids.map(requestKey)}::text[], ${kept}::text[]) as asked(id, key, kept)
      left join erasures e on e.id = asked.id
      left join data_keys k on k.name = asked.key and k.shredded_at is not null
    where e.id is null or (e.erased_at is null and k.name is null)
      or exists (select 1 from unnest(e.still_kept) as still where not asked.kept::jsonb ? still)`.execute(db);
  return rows.map(({ id }) => id);
}

/**
 * Finds the person of a ledger's entry in a restored database and freezes them: by their tickets, and while the window is open by their
 * fingerprints, where no ticket leads to them.
 */
export async function restoreErasure(
  db: Database,
  entry: LedgerEntry,
  by: AuditActor,
  digest: Digest | null,
): Promise<void> {
  const { requestId, subjectRef, at, kept, fingerprints } = entry;
  const tickets = entry.keys.filter((key) => key.startsWith(TICKET)).map((key) => key.slice(TICKET.length));
  const decision = { verdict: isPartly(kept) ? 'partly' : 'erase', approval: false, categories: kept };
  await sql`insert into erasures (id, via, state, received_at, sealed, due_at, proved_at, decision, subject_ref)
    values (${requestId}, 'cli', 'erasing', ${at}, '', ${at}, ${at}, ${toJson(decision)}::jsonb, ${subjectRef})
    on conflict (id) do update set subject_ref = coalesce(erasures.subject_ref, excluded.subject_ref),
      proved_at = coalesce(erasures.proved_at, excluded.proved_at), decision = coalesce(erasures.decision, excluded.decision)`.execute(
    db,
  );
  const prints = fingerprints.map(({ kind, hex }) => ({ kind, fingerprint: Buffer.from(hex, 'hex') }));
  await saveFingerprints(db, requestId, prints);
  const byTicket = await sql<{ id: string }>`select distinct t.customer_id as id from tickets t
    join customers c on c.id = t.customer_id where t.id = any(${tickets}::text[]) and c.erased_at is null`.execute(db);
  const ids = [...byTicket.rows.map(({ id }) => id), ...(digest ? await byFingerprint(db, entry, digest) : [])];
  await sql`with changed as (update customers set erasure_id = ${requestId}, frozen_at = coalesce(frozen_at, now())
      where id = any(${ids}::text[]) and erased_at is null returning 1)
    ${insertAudit([{ ...said(requestId, 'frozenAgain', { customers: ids.length }), actor: by }])}`.execute(db);
}

async function byFingerprint(db: Database, { fingerprints }: LedgerEntry, digest: Digest): Promise<string[]> {
  if (fingerprints.length === 0) return [];
  const wanted = new Set(fingerprints.map(({ hex }) => hex));
  const found: string[] = [];
  for (let after = ''; ; ) {
    const rows = await db
      .selectFrom('customers')
      .select(['id', 'email', 'phone'])
      .where('id', '>', after)
      .where('erased_at', 'is', null)
      .orderBy('id')
      .limit(PAGE)
      .execute();
    for (const { id, email, phone } of rows) {
      const names = [
        ['customerId', id],
        ['email', email],
        ['phone', phone],
      ] as const;
      const hit = names.some(
        ([kind, value]) =>
          value !== null && wanted.has(Buffer.from(digest(kind, normalise(kind, value))).toString('hex')),
      );
      if (hit) found.push(id);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return found;
    after = last.id;
  }
}
