/** Whose data keys are: a key dies with its customer, whether the customer or the workflow was there first. */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { keyNameOf, SYSTEM_KEY } from '../contract.ts';
import type { NamedSubject, NameWish } from '../deps.ts';
import type { NamedLater } from '../deps-erasure-store.ts';
import type { KeySubject, SubjectDigests } from '../deps-keys.ts';
import type { Database } from './database.ts';

const NOBODY: NamedSubject = { customerId: null, isAnothers: false, isFrozen: false };

/** Names the customer of a workflow's key, where we know one; else keeps the digests by which one is found later. */
export async function nameSubject(
  db: Database,
  digests: SubjectDigests,
  workflowId: string,
  said: KeySubject,
  { waitsForErasure, isChild }: NameWish,
): Promise<NamedSubject> {
  // Whoever starts a workflow gives it any id, that of a key that must never be a customer's among them.
  if (keyNameOf(workflowId) === SYSTEM_KEY) return NOBODY;
  // Whatever its own input says: it is handed what its parent has of its customer, who may have been nobody's customer when that one began.
  const parents = isChild ? await subjectOf(db, workflowId) : null;
  const who = parents === null ? said : { customerId: parents };
  const { customerId = null, email = null } = who;
  const namedAs = bytes(digests(who));
  const { rows } = await sql<{
    id: string | null;
    frozen: boolean | null;
    of: string | null;
  }>`
    -- Locked, so that a freeze comes before or after it: an erasure has to see this key.
    with found as (select id, frozen_at is not null and ${waitsForErasure} as waits, frozen_at is not null as frozen
      from customers where erased_at is null and (id = ${customerId}::text or lower(email) = lower(${email}::text))
      order by id = ${customerId}::text desc nulls last, created_at limit 1 for no key update),
    named as (update data_keys set subject_id = found.id, named_as = null from found
      where data_keys.name = ${workflowId} and subject_id is null and not found.waits),
    -- Beside those that are there, of whoever started it or had the id before: it goes with any of them. What waits for an erasure has them too:
    -- the one that is under way takes what was started before it, a later one what is ended while it waits.
    unnamed as (update data_keys set named_as =
        (select array_agg(distinct d) from unnest(coalesce(named_as, '{}') || ${namedAs}::bytea[]) d)
      where data_keys.name = ${workflowId} and subject_id is null and shredded_at is null and ${namedAs.length > 0}
      and not exists (select 1 from found where not waits))
    select (select id from found), (select frozen from found),
      (select subject_id from data_keys where name = ${workflowId}) as of`.execute(db);
  const { id = null, frozen = false, of = null } = rows[0] ?? {};
  return { customerId: id, isAnothers: of !== null && of !== id, isFrozen: frozen === true };
}

/** Each thing that a person is known by: what somebody named them by, and what their rows do. */
export function namesOf(
  named: KeySubject,
  rows: readonly { readonly id: string; readonly email: string | null }[],
): KeySubject[] {
  return [named, ...rows.flatMap(({ id, email }) => [{ customerId: id }, ...(email === null ? [] : [{ email }])])];
}

/** As the driver takes them. */
export function bytes(digests: readonly Uint8Array[]): Buffer[] {
  return digests.map((digest) => Buffer.from(digest));
}

async function subjectOf(db: Database, workflowId: string): Promise<string | null> {
  const { rows } = await sql<{
    subject_id: string | null;
  }>`select subject_id from data_keys where name = ${workflowId}`.execute(db);
  return rows[0]?.subject_id ?? null;
}

/**
 * The child's key is its parent's customer's, and as old as the parent's: what an erasure takes of the one it takes of the other. One that is
 * there already stays whose it is. @returns false: it is somebody else's
 */
export async function nameChild(db: Database, parentId: string, childId: string): Promise<boolean> {
  if (keyNameOf(childId) === SYSTEM_KEY) return true;
  const { rows } = await sql<{ others: boolean }>`
    with parent as (select * from data_keys where name = ${parentId}),
    made as (insert into data_keys (name, subject_id, named_as, created_at) select ${childId}, subject_id, named_as, created_at from parent
      where shredded_at is null and (subject_id is not null or named_as is not null)
      on conflict (name) do nothing)
    select coalesce((select k.subject_id is not null and k.subject_id is distinct from parent.subject_id
      from data_keys k, parent where k.name = ${childId}), false) as others`.execute(db);
  return rows[0]?.others !== true;
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
    where named_as && ${bytes(digests)}::bytea[]
      and data_keys.created_at <= coalesce(person.frozen_at, now())`.execute(db);
}

/** By the random id of the key, so that whoever looks at a part of them each night comes to all. */
export async function namedLater(db: Database, after: string, limit: number): Promise<NamedLater[]> {
  const { rows } = await sql<NamedLater>`select id, name as "workflowId" from data_keys
    where named_as is not null and created_at < now() - interval '1 day' and id > ${after}::uuid
    order by id limit ${limit}`.execute(db);
  return rows;
}

export async function forgetNames(db: Database, workflowIds: readonly string[]): Promise<void> {
  await sql`update data_keys set named_as = null where name = any(${workflowIds}::text[]) and named_as is not null`.execute(
    db,
  );
}

/** As somebody asked for them. */
type Spoken = { readonly [K in keyof KeySubject]?: KeySubject[K] | undefined };

/** Does anything that we keep speak of whom this names, though they are no customer? A run of a flow, or a mail that was not taken. */
export async function isSpokenOf(db: Database, { email }: Spoken, digests: readonly Uint8Array[]): Promise<boolean> {
  const { rows } = await sql<{ spoken: boolean }>`
    select exists (select 1 from data_keys where named_as && ${bytes(digests)}::bytea[])
      or exists (select 1 from parked_mails where sender = lower(${email ?? null}::text)) as spoken`.execute(db);
  return rows[0]?.spoken === true;
}

/** Who is spoken of has a row of their own from here on, by which all that is done for a customer is done for them. */
export async function takeIn(
  db: Database,
  { customerId, email }: Spoken,
  digests: readonly Uint8Array[],
): Promise<void> {
  const id = customerId ?? `HELD-${randomBytes(8).toString('hex')}`;
  await sql`with made as (insert into customers (id, email, known_from) values (${id}, ${email ?? null}, 'held') on conflict (id) do nothing returning id)
    update data_keys set subject_id = made.id, named_as = null from made
    where named_as && ${bytes(digests)}::bytea[]`.execute(db);
}

/** Has a workflow of this id ever had a payload? */
export async function hasKey(db: Database, workflowId: string): Promise<boolean> {
  return (
    (await db.selectFrom('data_keys').select('name').where('name', '=', workflowId).executeTakeFirst()) !== undefined
  );
}
