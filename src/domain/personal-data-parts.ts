/** What the register of personal data is made of: the words that say the same of many columns. */
import type { ColumnCategory, ColumnVerdict, Reach } from './personal-column.ts';

type Verdicts = Readonly<Record<string, readonly [ColumnVerdict, string, ColumnCategory?]>>;
export interface Table {
  readonly category: ColumnCategory;
  readonly reach: Reach | null;
  readonly columns: Verdicts;
}

/** Columns of which the same is to be said. */
export function keep(why: string, columns: string, ...category: [ColumnCategory?]): Verdicts {
  return Object.fromEntries(columns.split(' ').map((column) => [column, ['keep', why, ...category] as const]));
}
export const LABEL = 'a label or number that many share';
export const TIME = 'when something happened, of whom nobody knows any more';
export const OUR_ID = 'an id that we gave, made of nothing personal';
export const TICKET_ID =
  'names a ticket; of a mail it is a hash over Message-ID and sender, which only who has both can try';
export const EVENT_ID = "the sender's own id of an event, so that a repeated one is known; of a mail as with tickets";
export const STAFF = 'who of us had it; people who work here are no customers';
export const CUSTOMER_ID = "the customer's id, which may be an HMAC of the address";
export const PURPOSE = 'what was agreed to, of whom nobody knows any more';

export const BY_TICKET: Reach = { by: 'ticket', column: 'ticket_id' };
export const BY_CUSTOMER: Reach = { by: 'customer', column: 'customer_id' };
export const NOBODY = { category: 'nobody', reach: null } as const;
export const NO_PERSON = 'speaks of no person';
/** Which run of a flow it is of. */
export const OF_RUN: Verdicts = {
  ...keep('names a run of a flow by the id that whoever starts it gives', 'workflow_id'),
  ...keep("Temporal's id of a workflow run, random", 'first_run_id'),
};
