/** One thing wrong with an input: which field, and what it should be instead. */
export interface Problem {
  readonly field: string;
  readonly message: string;
  /** Where it stands, for what is wrong with a file. */
  readonly file?: string;
  readonly line?: number;
}

/**
 * Every error that a caller may meet. `code` is stable and is translated once at each edge: HTTP problem+json, the type of an
 * `ApplicationFailure`, the CLI's message. Messages never carry personal data: they end up in histories and logs.
 */
export type ErrorCode =
  | 'InvalidTicket'
  | 'TicketConflict'
  | 'TicketUnknown'
  | 'TaskUnknown'
  | 'FlowRunUnknown'
  | 'InvalidToken'
  | 'TaskOver'
  | 'CustomerUnknown'
  | 'TicketClosed'
  | 'SubjectErased'
  | 'DecisionDenied'
  | 'TooManyRequests'
  | 'UnlawfulTransition'
  | 'NotParked'
  | 'InvalidRequest'
  | 'OwnRequest'
  | 'RequestConflict'
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
  | 'WorkerFailed'
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
 * - `fault`: of the `provider`, which others meet as well; of this `call` alone; or of our `pace`, which is too fast for it.
 */
export class ProviderError extends StewardError {
  readonly provider: string;
  readonly reason: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly answerLost: boolean;
  readonly fault: 'provider' | 'call' | 'pace';

  constructor(
    provider: string,
    reason: string,
    options: {
      retryable: boolean;
      retryAfterMs?: number | undefined;
      answerLost?: boolean;
      fault?: 'provider' | 'call' | 'pace';
      cause?: unknown;
    },
  ) {
    super('ProviderFailed', `${provider}: ${reason}`, 'cause' in options ? { cause: options.cause } : {});
    this.provider = provider;
    this.reason = reason;
    this.retryable = options.retryable;
    this.retryAfterMs = options.retryAfterMs;
    this.answerLost = options.answerLost ?? false;
    this.fault = options.fault ?? (options.retryable ? 'provider' : 'call');
  }
}

/** Anybody's error by name, code and message, and what caused it; no stack. */
export function sayCauses(error: unknown): string {
  const said: string[] = [];
  // Who names an error as its own cause shall not keep us here.
  for (let at = error; at !== undefined && at !== null && said.length < 5; at = nextOf(at)) said.push(sayOne(at));
  return said.join('; caused by ');
}

function nextOf(error: unknown): unknown {
  // Node gathers what it tried, address by address, in an error without a word of its own.
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors[0];
  return error instanceof Error ? error.cause : undefined;
}

function sayOne(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && error.code !== error.name ? ` (${String(error.code)})` : '';
  // A parser quotes what it could not read, which may be what a customer wrote.
  const words = error instanceof SyntaxError ? '' : error.message;
  return `${error.name}${code}${words === '' ? '' : `: ${words}`}`;
}

/** The problems of an input as one sentence: `detail.message: expected text; detail.ticketId: …`. */
export function sayProblems(problems: readonly Problem[]): string {
  return problems.map((p) => `${p.field}: ${p.message}`).join('; ');
}

/** An error in lines of its own, where it is about more than one thing: a file and a line, what it is, what it should be. */
export function sayAtLength({ message, problems }: StewardError): string {
  if (problems.length < 2 || !problems.some(({ file }) => file !== undefined)) return message;
  const lines = problems.map(({ file, line, field, message: said }) => {
    const place = file === undefined ? '' : `${file}${line === undefined ? '' : `, line ${line}`}: `;
    return `  ${place}${field === '' ? '' : `${field}: `}${said}`;
  });
  return [`${problems.length} errors in the files:`, ...lines].join('\n');
}

/** For the audit log. Never the message: it may say again what somebody typed. */
export function errorCode(error: unknown): string {
  return error instanceof StewardError ? error.code : 'Failed';
}
