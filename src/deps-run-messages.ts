/** What flows without a ticket tell somebody, as their ledger has it. Its words lie in the run's history alone. */
import type { Channel, DeliveryStatus, RecipientKind, Storm, Transport } from './domain/delivery.ts';

export type RunMessageStatus = Exclude<DeliveryStatus, 'summarised'>;

/** The step of a run that tells it. */
export interface RunStep {
  readonly workflowId: string;
  /** The workflow's first run: one that is started anew under its id tells anew. */
  readonly firstRunId: string;
  readonly occasion: string;
}

export interface RunMessageRequest {
  /** `id`: of a customer not looked at, as it is the run's own. */
  readonly recipient: { readonly kind: RecipientKind; readonly id: string };
  readonly channel: Channel;
  /** ISO 8601: when their quiet hours end. */
  readonly notBefore?: string;
  /** More than so many within so long, and it waits until there is room again. */
  readonly storm?: Storm;
}

export interface RunMessage {
  readonly id: string;
  readonly workflowId: string;
  readonly recipient: RunMessageRequest['recipient'];
  readonly channel: Channel;
  readonly transport: Transport;
  readonly status: RunMessageStatus;
  /** Epoch ms; null: it need not wait. */
  readonly notBefore: number | null;
  readonly repeats: number;
}

/** `customer`: whom it is to, where it is the run's. */
export interface BegunRunMessage extends RunMessage {
  readonly customer: { readonly id: string; readonly name: string | null; readonly email: string | null } | null;
}
export type RunMessageOutcome =
  | { readonly status: 'sent'; readonly providerMessageId: string }
  | { readonly status: 'queued' | 'unknown' | 'failed'; readonly reason: string };

export interface RunMessageStore {
  /**
   * Written before anything goes out; the same step again finds what it wrote. In the order of the requests.
   * @throws StewardError InvalidRequest: the run is nobody's, and its customer is to be told
   */
  queue(step: RunStep, requests: readonly RunMessageRequest[]): Promise<readonly RunMessage[]>;
  /** @throws StewardError InvalidRequest for one that is not there */
  get(messageId: string): Promise<RunMessage>;
  /**
   * Marks it `sending`, and answers it as it was: `sending` there means that an answer was lost. Of a customer who is being erased meanwhile it
   * is suppressed, and answered as such.
   */
  begin(messageId: string): Promise<BegunRunMessage>;
  finish(messageId: string, outcome: RunMessageOutcome): Promise<void>;
}
