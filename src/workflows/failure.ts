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
    const answer = cause.type === 'ProviderFailed' ? (cause.details?.[0] as ProviderAnswer | undefined) : undefined;
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
