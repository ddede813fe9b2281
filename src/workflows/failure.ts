import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import type { ProviderAnswer } from '../activities/failure.ts';
import { StewardError } from '../domain/errors.ts';

/** A step's failure in the flow's terms. */
export interface Failure {
  /** Error name that Retry and Catch match: our code, `States.Timeout` or `States.TaskFailed`. */
  readonly error: string;
  readonly cause: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number;
}

/** @throws the error itself when it is none of an activity's: cancellation, or a bug of ours that must fail the workflow task. */
export function failureOf(error: unknown): Failure {
  if (error instanceof StewardError) {
    return { error: error.code, cause: error.message, retryable: false, retryAfterMs: 0 };
  }
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) {
    const answer = isAnswer(cause.type) ? (cause.details?.[0] as ProviderAnswer | undefined) : undefined;
    return {
      error: cause.type ?? 'States.TaskFailed',
      cause: cause.message,
      // Without a provider's word: an error with a code of ours is final by its nature.
      retryable: answer ? answer.retryable : !cause.nonRetryable,
      retryAfterMs: answer?.retryAfterMs ?? 0,
    };
  }
  if (cause instanceof TimeoutFailure) {
    return { error: 'States.Timeout', cause: cause.message, retryable: true, retryAfterMs: 0 };
  }
  throw error;
}

/** What somebody outside has said, with word on whether to ask again. */
function isAnswer(type: string | null | undefined): boolean {
  return type === 'ProviderFailed' || type?.startsWith('States.') === true;
}

/** The reference retry (2 s, 4 s, 8 s), for steps that no flow's Retry governs. */
const RETRIES_MS = [2_000, 4_000, 8_000] as const;

/** How long to wait before a step is tried again; undefined when it is not, or has been often enough. */
export function retryDelayMs({ retryable, retryAfterMs }: Failure, attempt: number): number | undefined {
  const delay = RETRIES_MS[attempt - 1];
  return retryable && delay !== undefined ? Math.max(delay, retryAfterMs) : undefined;
}
