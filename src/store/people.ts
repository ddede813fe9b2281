import { type RawBuilder, sql } from 'kysely';
import { StewardError } from '../domain/errors.ts';
import type { KnownPerson } from '../domain/names-person.ts';
import type { Who } from '../domain/person.ts';
import { MASK } from '../domain/personal-data.ts';
import type { Database } from './database.ts';

/** Whom this names, as a condition on `customers`; an address in any case of letters. */
export function isNamed(who: Who): RawBuilder<boolean> {
  return 'email' in who ? sql`lower(email) = ${who.email.toLowerCase()}` : sql`id = ${who.customerId}`;
}

/** What an earlier erasure has masked is not known any more, though the row stays the person's. */
export function unmasked<C extends 'email' | 'phone'>(column: C) {
  return sql<string | null>`nullif(${sql.ref(column)}, ${MASK})`.as(column);
}

/** What customers are known by, `which` a condition on their rows. */
export async function knownBy(db: Database, which: RawBuilder<boolean>): Promise<KnownPerson> {
  const rows = await db
    .selectFrom('customers')
    .select(['id', sql<string | null>`nullif(name, ${MASK})`.as('name'), unmasked('email'), unmasked('phone')])
    .where('erased_at', 'is', null)
    .where(which)
    .execute();
  const given = (values: readonly (string | null)[]) => [...new Set(values.filter((value) => value !== null))];
  return {
    ids: rows.map(({ id }) => id),
    names: given(rows.map(({ name }) => name)),
    emails: given(rows.map(({ email }) => email)),
    phones: given(rows.map(({ phone }) => phone)),
  };
}

/** Ids of the customers whom this names; several may share an address. @throws StewardError CustomerUnknown, without the name */
export async function customersOf(db: Database, who: Who): Promise<string[]> {
  const found = await db.selectFrom('customers').select('id').where(isNamed(who)).orderBy('id').execute();
  const ids = found.map(({ id }) => id);
  if (ids.length > 0) return ids;
  throw unknownCustomer(who);
}

/** Without the name. */
export function unknownCustomer(who: Who): StewardError {
  return new StewardError('CustomerUnknown', `no customer has this ${'email' in who ? 'address' : 'id'}`);
}

/**
 * Locks the customer's row: what is written about them and an erasure come one after the other.
 * @throws StewardError CustomerUnknown
 */
export async function lockCustomer(transaction: Database, customerId: string): Promise<void> {
  const row = await transaction
    .selectFrom('customers')
    .select('id')
    .where('id', '=', customerId)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw new StewardError('CustomerUnknown', 'no customer has this id');
}
