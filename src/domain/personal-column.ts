/** What the register of personal data says of a column. */
import type { Category } from './privacy-policy.ts';

/** `pseudonymise`: a random name, never derived from what stood there. `keep`: it says nothing of the person once the rest is gone. */
export const COLUMN_VERDICTS = ['erase', 'pseudonymise', 'keep'] as const;
export type ColumnVerdict = (typeof COLUMN_VERDICTS)[number];

/** `staff`: of people who work here; `nobody`: of no person at all. Neither is a customer's to see or to have erased. */
export type ColumnCategory = Category | 'staff' | 'nobody';

export interface PersonalColumn {
  readonly table: string;
  readonly column: string;
  readonly category: ColumnCategory;
  readonly verdict: ColumnVerdict;
  readonly why: string;
}

/**
 * How a customer's rows are found: by a column that holds the customer's id, the id of one of their tickets, their address, or the workflow whose
 * key is theirs.
 */
export interface Reach {
  readonly by: 'customer' | 'ticket' | 'address' | 'key';
  readonly column: string;
  /** Rows that have none of the first are found by this one. Of a table that keeps all of its columns. */
  readonly or?: Reach;
}

/** What stands in the place of a name, address or phone that was erased: it can be no address, and is never taken for one. */
export const MASK = '***';
