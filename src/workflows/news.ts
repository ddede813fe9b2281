import type { Outside } from '../contract.ts';
import type { Delivery } from '../domain/delivery.ts';
import { eventKey } from '../domain/event-key.ts';
import type { Change, EntryKind } from '../domain/journal.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Desk } from './desk.ts';
import { tellUntilHeard } from './tell.ts';

/** After that whoever could not be told is not told any more: it must not keep the ticket from closing. */
const NEWS_MS = 24 * 3_600_000;

export interface News {
  /** The event that brings it. */
  readonly of: Required<Pick<Outside, 'source' | 'eventId'>>;
  readonly occasion: string;
  /** What the timeline has of it. */
  readonly entry: { readonly kind: EntryKind; readonly facts: JsonObject };
  /** Queues word of it with the change; `channel`: once more, by that one. */
  readonly queue: (
    told: { readonly change: Change; readonly occasion: string; readonly assigneeId: string | null } & {
      readonly channel?: 'mail';
    },
  ) => Promise<readonly Delivery[]>;
}

/** Those who have the ticket hear of something that happened outside, once for each event, for as long as it is news. */
export async function tellNews(desk: Desk, { of, occasion, entry, queue }: News): Promise<void> {
  const { memory } = desk;
  const key = eventKey(of.source, of.eventId);
  if (key in memory.seen) return;
  memory.seen[key] = Date.now();
  const put = (channel?: 'mail') =>
    desk.journal.commit(
      channel ? { kind: 'delivered', facts: { occasion, fallback: channel } } : { ...entry, actor: 'platform' },
      (change) => queue({ change, occasion, assigneeId: memory.row.assigneeId, ...(channel ? { channel } : {}) }),
    );
  desk.background += 1;
  try {
    const until = Date.now() + NEWS_MS;
    await tellUntilHeard(desk, {
      occasion,
      queue: put,
      isStale: () => memory.row.state === 'closed' || Date.now() >= until,
    });
  } finally {
    desk.background -= 1;
  }
}
