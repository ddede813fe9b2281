/** Every answer that is not a yes, as problem+json (RFC 9457) says it. */
import { type ErrorCode, type Problem, StewardError } from '../domain/errors.ts';
import { isAway } from './away.ts';

export type RefusalStatus = 400 | 401 | 403 | 404 | 405 | 409 | 410 | 413 | 415 | 422 | 429 | 500 | 503;
export type RefusalCode =
  | ErrorCode
  | 'NotJson'
  | 'NotReadable'
  | 'UnknownField'
  | 'KeyMissing'
  | 'RoleMissing'
  | 'AgentForeign'
  | 'AgentGone'
  | 'SignatureWrong'
  | 'Replayed'
  | 'OriginForeign'
  | 'NotFound'
  | 'MethodNotAllowed'
  | 'TooLarge'
  | 'MediaTypeUnknown'
  | 'Internal';

export class Refusal extends Error {
  readonly status: RefusalStatus;
  readonly code: RefusalCode;
  readonly problems: readonly Problem[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: RefusalStatus,
    code: RefusalCode,
    message: string,
    more: { problems?: readonly Problem[]; headers?: Readonly<Record<string, string>>; cause?: unknown } = {},
  ) {
    super(message, 'cause' in more ? { cause: more.cause } : undefined);
    this.name = code;
    this.status = status;
    this.code = code;
    this.problems = more.problems ?? [];
    this.headers = more.headers ?? {};
  }
}

const STATUS: Partial<Record<ErrorCode, RefusalStatus>> = {
  InvalidTicket: 422,
  InvalidRequest: 422,
  OwnRequest: 403,
  TicketUnknown: 404,
  TaskUnknown: 404,
  FlowRunUnknown: 404,
  InvalidToken: 404,
  TaskOver: 409,
  TicketConflict: 409,
  TicketClosed: 409,
  RequestConflict: 409,
  SubjectErased: 410,
  KeyShredded: 410,
  TooManyRequests: 429,
  UnlawfulTransition: 409,
  DecisionDenied: 409,
  NotParked: 409,
  KeyUnknown: 503,
};

/** Seconds after which asking again makes sense: about what PostgreSQL or Temporal need to come back. */
export const RETRY_LATER = { 'retry-after': '5' } as const;

/** The one translation of errors at this edge. What we did not foresee is a 500 that tells nothing but its reference. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof StewardError) {
    const status = STATUS[error.code];
    if (status !== undefined) {
      return new Refusal(status, error.code, error.message, { problems: error.problems, cause: error });
    }
  }
  if (isAway(error)) {
    return new Refusal(
      503,
      'Unavailable',
      'Not reachable just now; send it again a little later. What should have been taken after all is taken once.',
      {
        headers: RETRY_LATER,
        cause: error,
      },
    );
  }
  return new Refusal(500, 'Internal', 'Something went wrong on our side; the reference leads to it in our log.', {
    cause: error,
  });
}

const TITLES: Record<RefusalStatus, string> = {
  400: 'The body can not be read as it is',
  401: 'A valid API key is missing',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Not allowed here',
  409: 'In conflict with what is known',
  410: 'Gone',
  413: 'Too large',
  415: 'Media type not taken',
  422: 'The input is wrong',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Not available just now',
};

export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: RefusalCode;
  readonly problems?: readonly Problem[];
  readonly instance?: string;
}

export function problemDocument(refusal: Refusal, reference?: string): ProblemDocument {
  return {
    type: `urn:steward:problem:${refusal.code}`,
    title: TITLES[refusal.status],
    status: refusal.status,
    detail: refusal.message,
    code: refusal.code,
    ...(refusal.problems.length > 0 ? { problems: refusal.problems } : {}),
    ...(reference === undefined ? {} : { instance: `urn:uuid:${reference}` }),
  };
}

export function problemResponse(refusal: Refusal, reference?: string): Response {
  return new Response(JSON.stringify(problemDocument(refusal, reference)), {
    status: refusal.status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...refusal.headers },
  });
}
