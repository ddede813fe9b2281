/** One thing wrong with an input: which field, and what it should be instead. */
export interface Problem {
  readonly field: string;
  readonly message: string;
}

/**
 * Every error that a caller may meet. `code` is stable and is translated once at each edge: HTTP problem+json, the type of an
 * `ApplicationFailure`, the CLI's message. Messages never carry personal data: they end up in histories and logs.
 */
export type ErrorCode =
  | 'InvalidTicket'
  | 'TicketConflict'
  | 'TicketUnknown'
  | 'CustomerUnknown'
  | 'TicketClosed'
  | 'SubjectErased'
  | 'DecisionDenied'
  | 'TooManyRequests'
  | 'UnlawfulTransition'
  | 'NotParked'
  | 'InvalidRequest'
  | 'OwnRequest'
  | 'InvalidFlow'
  | 'InvalidPolicy'
  | 'InvalidTemplate'
  | 'InvalidConfig'
  | 'KeyShredded'
  | 'KeyUnknown'
  | 'PayloadCorrupt'
  | 'ProviderFailed'
  | 'DeliveryUnknown'
  | 'PortTaken'
  | 'ServerMissing'
  | 'ServerFailed'
  | 'Unavailable';

export class StewardError extends Error {
  readonly code: ErrorCode;
  readonly problems: readonly Problem[];

  constructor(code: ErrorCode, message: string, options: { problems?: readonly Problem[]; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = code;
    this.code = code;
    this.problems = options.problems ?? [];
  }
}

/**
 * What a provider (Comprehend, SES, Slack, Statuspage) answered instead of doing the work. One answer is one attempt of the flow's Retry.
 * - `retryable: false`: asking again cannot help (bad input, unknown channel, rejected address).
 * - `retryAfterMs`: the provider's own word on when to come back.
 * - `answerLost`: the request may have taken effect; nobody knows.
 */
export class ProviderError extends StewardError {
  readonly provider: string;
  readonly reason: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly answerLost: boolean;

  constructor(
    provider: string,
    reason: string,
    options: { retryable: boolean; retryAfterMs?: number | undefined; answerLost?: boolean; cause?: unknown },
  ) {
    super('ProviderFailed', `${provider}: ${reason}`, 'cause' in options ? { cause: options.cause } : {});
    this.provider = provider;
    this.reason = reason;
    this.retryable = options.retryable;
    this.retryAfterMs = options.retryAfterMs;
    this.answerLost = options.answerLost ?? false;
  }
}

/** The problems of an input as one sentence: `detail.message: expected text; detail.ticketId: …`. */
export function sayProblems(problems: readonly Problem[]): string {
  return problems.map((p) => `${p.field}: ${p.message}`).join('; ');
}
