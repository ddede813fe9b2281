/** Whose data keys are: a key dies with its customer, whether the customer or the workflow was there first. */
import { sql } from 'kysely';
import { keyNameOf, SYSTEM_KEY } from '../contract.ts';
import type { NamedSubject, NameWish } from '../deps.ts';
import type { KeySubject, SubjectDigests } from '../deps-keys.ts';
import type { Database } from './database.ts';

const NOBODY: NamedSubject = { customerId: null, isAnothers: false, isFrozen: false };

/** Names the customer of a workflow's key, where we know one; else keeps the digests by which one is found later. */
export async function nameSubject(
  db: Database,
  digests: SubjectDigests,
  workflowId: string,
  who: KeySubject,
  { waitsForErasure }: NameWish,
): Promise<NamedSubject> {
  // Whoever starts a workflow gives it any id, that of a key that must never be a customer's among them.
  if (keyNameOf(workflowId) === SYSTEM_KEY) return NOBODY;
  const { customerId = null, email = null } = who;
  const namedAs = digests(who).map((digest) => Buffer.from(digest));
  const { rows } = await sql<{
    id: string | null;
    frozen: boolean | null;
    of: string | null;
  }>`
    -- Locked, so that a freeze comes before or after it: an erasure has to see this key.
    with found as (select id, frozen_at is not null as frozen from customers where erased_at is null
      and (id = ${customerId}::text or lower(email) = lower(${email}::text))
      order by id = ${customerId}::text desc nulls last, created_at limit 1 for no key update),
    named as (update data_keys set subject_id = found.id, named_as = null from found
      where data_keys.name = ${workflowId} and subject_id is null and not (found.frozen and ${waitsForErasure})),
    -- Beside those that are there, of whoever started it or had the id before: it goes with any of them.
    unnamed as (update data_keys set named_as = (select array_agg(distinct d) from unnest(coalesce(named_as, '{}') || ${namedAs}::bytea[]) d) where data_keys.name = ${workflowId}
      and subject_id is null and shredded_at is null and ${namedAs.length > 0} and not exists (select 1 from found))
    select (select id from found), (select frozen from found),
      (select subject_id from data_keys where name = ${workflowId}) as of`.execute(db);
  const { id = null, frozen = false, of = null } = rows[0] ?? {};
  return { customerId: id, isAnothers: of !== null && of !== id, isFrozen: frozen === true };
}

/** One that is there already belongs to a run that is, and stays whose it is. */
export async function nameChild(db: Database, parentId: string, childId: string): Promise<void> {
  if (keyNameOf(childId) === SYSTEM_KEY) return;
  await sql`insert into data_keys (name, subject_id, named_as) select ${childId}, subject_id, named_as from data_keys
    where name = ${parentId} and shredded_at is null and (subject_id is not null or named_as is not null)
    on conflict (name) do nothing`.execute(db);
}

/**
 * Gives the person of an erasure the keys of workflows that spoke of them before we knew them. Only of those from before the freeze: what came
 * later came anew.
 */
export async function adoptKeys(db: Database, erasureId: string, digests: readonly Uint8Array[]): Promise<void> {
  if (digests.length === 0) return;
  await sql`
    with person as (select id, frozen_at from customers where erasure_id = ${erasureId} order by erased_at is null, id limit 1)
    update data_keys set subject_id = person.id, named_as = null from person
    where named_as && ${digests.map((digest) => Buffer.from(digest))}::bytea[]
      and data_keys.created_at <= coalesce(person.frozen_at, now())`.execute(db);
}

export async function namedLater(db: Database, after: string, limit: number): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from data_keys
    where named_as is not null and created_at < now() - interval '1 day' and name > ${after}
    order by name limit ${limit}`.execute(db);
  return rows.map(({ name }) => name);
}

export async function forgetNames(db: Database, workflowIds: readonly string[]): Promise<void> {
  await sql`update data_keys set named_as = null where name = any(${workflowIds}::text[]) and named_as is not null`.execute(
    db,
  );
}
