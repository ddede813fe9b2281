/** What an officer who has said something to a request reads: what follows from it. */

import type { MadeDecision } from './erase.ts';
import { isPartly } from './erase-policy.ts';

export type ErasureAct = 'approve' | 'refuse' | 'extend' | 'vouch' | 'retry' | 'skip';

/** What it is answered by: the request as it was decided before, and what the erasure knows of itself once it was said. */
export interface ErasureSaid {
  /** Null: nothing had been decided when it was looked at. */
  readonly decision: Pick<MadeDecision, 'verdict' | 'categories'> | null;
  /** ISO 8601: as extended. */
  readonly dueAt: string;
  /** Of `retry` and `skip`; undefined: the one parked first. */
  readonly step?: string | undefined;
}

export function sayNext(act: ErasureAct, { decision, dueAt, step }: ErasureSaid): string {
  const parked = step ?? 'the step that was parked first';
  switch (act) {
    case 'approve':
      return sayApproved(decision);
    case 'refuse':
      return 'refused: nothing is erased; the person is told the reason by mail, where we know an address';
    case 'extend':
      return `extended: due ${dueAt.slice(0, 10)} now; the person is told the reason by mail, where we know an address`;
    case 'vouch':
      return 'vouched: no code is needed any more; another officer has to approve before anything is erased';
    case 'retry':
      return `retried: ${parked} is tried again now`;
    case 'skip':
      return `skipped: it goes on without ${parked}`;
  }
}

function sayApproved(decision: ErasureSaid['decision']): string {
  if (decision?.verdict === 'refuse') {
    return 'approved: the decision is to keep everything, so nothing is erased; the person is told why by mail, where we know an address';
  }
  const but = decision === null || isPartly(decision.categories) ? ', except for what has to be kept' : '';
  return `approved: the data goes now${but}; the person is told by mail, where we know an address`;
}
