import type { Deps, Taken, TakenEvent } from '../deps.ts';
import type { Change } from '../domain/journal.ts';

export function journalActivities(deps: Pick<Deps, 'tickets'>) {
  return {
    async recordChange(change: Change): Promise<void> {
      await deps.tickets.record(change);
    },

    /** Takes an outside event once; a duplicate changes nothing. */
    async takeEvent(change: Change, event: TakenEvent): Promise<Taken> {
      return deps.tickets.take(change, event);
    },
  };
}
