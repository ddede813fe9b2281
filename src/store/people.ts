import { type RawBuilder, sql } from 'kysely';
import { StewardError } from '../domain/errors.ts';
import type { Who } from '../domain/person.ts';
import type { Database } from './database.ts';

/** Whom this names, as a condition on `customers`; an address in any case of letters. */
export function isNamed(who: Who): RawBuilder<boolean> {
  return 'email' in who ? sql`lower(email) = ${who.email.toLowerCase()}` : sql`id = ${who.customerId}`;
}

/** Ids of the customers whom this names; several may share an address. @throws StewardError CustomerUnknown, without the name */
export async function customersOf(db: Database, who: Who): Promise<string[]> {
  const found = await db.selectFrom('customers').select('id').where(isNamed(who)).orderBy('id').execute();
  const ids = found.map(({ id }) => id);
  if (ids.length > 0) return ids;
  throw new StewardError('CustomerUnknown', `no customer has this ${'email' in who ? 'address' : 'id'}`);
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
