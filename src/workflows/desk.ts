import { sentCard } from '../domain/ask.ts';
import { type Delivery, NOT_TO_SEND } from '../domain/delivery.ts';
import type { Json } from '../domain/json.ts';
import { own, sender } from './activities.ts';
import type { Answer } from './answer.ts';
import { failureOf } from './failure.ts';
import type { Journal } from './journal.ts';
import type { Memory } from './memory.ts';

/** What the parts of a ticket's workflow share. */
export interface Desk {
  readonly memory: Memory;
  readonly journal: Journal;
  /** What operators said to parked steps, until the step takes it. */
  readonly answers: Record<string, Answer>;
  /** Steps that an operator sent on again. */
  readonly again: Set<string>;
  /** Work that goes on beside the main line; a new run must wait for it. */
  background: number;
  /** What agents said that is in line or being taken. */
  acting: number;
  /** The flow waits for time or for an operator: nothing of it is in flight. */
  resting: boolean;
  /** Ids of the workflows in which batches of its flow's items are under way. */
  readonly parts: Set<string>;
  /** Somebody asked to cancel the workflow: its ticket is not opened again. */
  cancelled: boolean;
  /** Sends each message over its transport. @throws the first failure, after all were tried. */
  send(deliveries: readonly Delivery[], attempt: Attempt): Promise<void>;
  /** Steps whose held messages go out beside the main line. */
  readonly telling: Set<string>;
  /** Sends with no retries, and says whether anything went out. */
  sendQuietly(deliveries: readonly Delivery[]): Promise<'sent' | 'failed'>;
}

export interface Attempt {
  readonly number: number;
  readonly of: number;
  /** An operator decided to send even what may have arrived. */
  readonly again: boolean;
  /** Epoch ms by which providers must have answered: the Task's TimeoutSeconds. Our own steps take what they need. */
  readonly until?: number | undefined;
}

/** What a module is told of its call. `occasion`: state name and entry number; the same for every attempt of one entry. */
export interface Call {
  readonly occasion: string;
  readonly attempt: Attempt;
  readonly input: Json;
  /** Given away by the module. */
  readonly token?: string | undefined;
  /** A new run is to wait in its stead: what waits for people answers `again`. */
  readonly isToGoOn: () => boolean;
}

export function createDesk(memory: Memory, journal: Journal): Desk {
  const desk: Desk = {
    memory,
    journal,
    answers: {},
    again: new Set(),
    background: 0,
    acting: 0,
    resting: false,
    parts: new Set(),
    cancelled: false,
    telling: new Set(),
    async send(deliveries, attempt) {
      let failed: unknown;
      for (const delivery of deliveries) {
        // Asked here, not behind an await: most messages went out with the step that queued them.
        if (NOT_TO_SEND.includes(delivery.status)) continue;
        try {
          await deliver(memory, delivery, attempt);
        } catch (error) {
          // Of several the one that trying again can help: the rest fails again, and is no reason to give up on it.
          if (failed === undefined || failureOf(error).retryable) failed = error;
        }
      }
      if (failed !== undefined) throw failed;
    },
    async sendQuietly(deliveries) {
      try {
        await desk.send(deliveries, { number: 1, of: 1, again: false });
        return 'sent';
      } catch (error) {
        failureOf(error);
        return 'failed';
      }
    },
  };
  return desk;
}

export const CARRIERS = {
  ses: ['mail', 'Mail'],
  slack: ['slack', 'Slack'],
  pagerduty: ['pagerduty', 'PagerDuty'],
} as const;

async function deliver(memory: Memory, delivery: Delivery, attempt: Attempt): Promise<void> {
  if (delivery.transport === 'outbox') {
    await own.deliver(delivery.id, attempt.again);
    return;
  }
  const [provider, name] = CARRIERS[delivery.transport];
  const summary = `${name} to ${delivery.recipient.kind} ${delivery.recipient.id}, attempt ${attempt.number} of ${attempt.of}`;
  const left = attempt.until === undefined ? undefined : Math.max(1, attempt.until - Date.now());
  const { card } = await sender(provider, memory.timings.lostAttemptMs, summary, left).deliver(
    delivery.id,
    attempt.again,
  );
  if (memory.ask && card !== undefined) memory.ask = sentCard(memory.ask, card);
}
