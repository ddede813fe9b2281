import type { Deps, TakenEvent } from '../deps.ts';
import type { Change } from '../domain/journal.ts';

export function journalActivities(deps: Pick<Deps, 'tickets'>) {
  return {
    async recordChange(change: Change): Promise<void> {
      await deps.tickets.record(change);
    },

    /** Takes an outside event once; a duplicate changes nothing. */
    async takeEvent(change: Change, event: TakenEvent, remembered: string | null): Promise<{ duplicate: boolean }> {
      return deps.tickets.take(change, event, remembered);
    },
  };
}
