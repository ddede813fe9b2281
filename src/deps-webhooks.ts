/** Endpoints that are told of tickets, and what they are told. */
import type { Circuit, Failure, WebhookMessage, WebhookPass, WebhookRules } from './domain/webhook.ts';

/** How a receiver answered. `skipped`: there was nothing to say in its format. */
export type WebhookAnswer =
  | { readonly outcome: 'taken' | 'skipped' }
  | { readonly outcome: 'gone' }
  | ({ readonly outcome: 'failed'; readonly reason: string } & Failure);

export interface WebhookEndpoint {
  readonly name: string;
  readonly rules: WebhookRules;
  /** Never throws for what the receiver does. */
  send(message: WebhookMessage): Promise<WebhookAnswer>;
}

/** Messages as the worker sends them. */
export interface WebhookStore {
  /** A pass goes on: nobody else is to begin one for `ms`. Null: the endpoint is not to be sent anything. */
  hold(endpoint: string, ms: number): Promise<Circuit | null>;
  /** What may be sent now, the oldest first. `probe`: the one message that tries an open circuit, whatever its time. */
  due(endpoint: string, options: { readonly limit: number; readonly probe: boolean }): Promise<WebhookMessage[]>;
  /** It was sent, or there is nothing to send. */
  settle(endpoint: string, messageId: string, status: 'sent' | 'skipped'): Promise<void>;
  /** `nextAt`: null gives it up. `counted`: no probe. */
  fail(
    endpoint: string,
    messageId: string,
    failure: { readonly reason: string; readonly nextAt: Date | null; readonly counted: boolean },
  ): Promise<void>;
  /** When one closes, everything that waits is due: in order, and at once. */
  /** One that closes lets all that waits go out at once, but for `refused` (message ids). */
  saveCircuit(endpoint: string, circuit: Circuit, refused?: readonly string[]): Promise<void>;
  /** Nothing more is written for it, or sent. */
  disable(endpoint: string, why: string): Promise<void>;
  /** Gives up what is older than the horizon, and takes away what was settled long ago. */
  tidy(endpoint: string, horizonMs: number): Promise<void>;
  /** The pass is over. */
  release(endpoint: string): Promise<WebhookPass>;
  /** Endpoints for which somebody has to begin a pass; each is given to one who asks. */
  wanting(): Promise<string[]>;
}

export interface WebhookDeps {
  readonly store: WebhookStore;
  readonly endpoints: ReadonlyMap<string, WebhookEndpoint>;
}
