/** Requests of flows to systems outside. */
import type { HttpCall } from './domain/http-call.ts';
import type { Json } from './domain/json.ts';

export type HttpAnswer =
  | { readonly outcome: 'answered'; readonly status: number; readonly body: Json }
  /** `reason` shows nothing that was sent or said. */
  | {
      readonly outcome: 'failed';
      readonly error: string;
      readonly reason: string;
      readonly retryable: boolean;
      readonly retryAfterMs?: number | undefined;
    };

export interface HttpCaller {
  /** The allowed host that it goes to. @throws StewardError InvalidRequest: its host is not allowed, or can't be signed for */
  hostOf(call: HttpCall): string;
  /**
   * Sends it once. `key`: the same however often it is sent. `leftMs`: it has failed with States.Timeout when that is over.
   * @throws StewardError InvalidRequest as `hostOf`
   */
  send(
    call: HttpCall,
    how: { readonly key: string; readonly leftMs?: number | undefined; readonly signal: AbortSignal },
  ): Promise<HttpAnswer>;
}
