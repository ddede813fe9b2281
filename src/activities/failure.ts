import { cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { ProviderError, StewardError } from '../domain/errors.ts';

/** What the workflow learns of a provider's answer, as the details of a `ProviderFailed` failure. */
export interface ProviderAnswer {
  readonly provider: string;
  readonly reason: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;
}

/**
 * The activities' edge: our own errors become `ApplicationFailure`s with their code as type. They are final for Temporal, since
 * whether to try again is the flow's to say; everything else (PostgreSQL away, a bug) is repeated by Temporal without end.
 */
export function toFailure(error: unknown): unknown {
  if (error instanceof ProviderError) {
    // Cut short because the worker stops: not the provider's answer, and Temporal's to repeat elsewhere.
    if (cancellationSignal().aborted) return new CancelledFailure('the worker stops');
    const answer: ProviderAnswer = {
      provider: error.provider,
      reason: error.reason,
      retryable: error.retryable,
      retryAfterMs: error.retryAfterMs ?? null,
    };
    return ApplicationFailure.create({
      type: error.code,
      message: error.message,
      nonRetryable: true,
      details: [answer],
    });
  }
  if (error instanceof StewardError) {
    return ApplicationFailure.create({
      type: error.code,
      message: error.message,
      nonRetryable: true,
      details: [error.problems],
    });
  }
  return error;
}

/** The attempt's time was over before the provider answered: no answer of its own, so Temporal repeats it while the Task has time. */
export function timeIsUp(error: ProviderError): ApplicationFailure {
  return ApplicationFailure.create({ type: 'States.Timeout', message: error.message });
}

/** Of an attempt's time, what the provider may take. */
export const SHARE_TO_SEND = 0.7;

/** What a ledger of messages is told of it: an answer that was lost leaves the row for the next try to find out. Undefined: nothing is known. */
export function failedAs(
  error: unknown,
): { readonly status: 'queued' | 'unknown' | 'failed'; readonly reason: string } | undefined {
  if (error instanceof ProviderError) {
    if (error.answerLost) return { status: 'unknown', reason: error.reason };
    return { status: error.retryable ? 'queued' : 'failed', reason: error.reason };
  }
  if (!(error instanceof StewardError)) return undefined;
  if (error.code === 'DeliveryUnknown') return { status: 'unknown', reason: 'answer lost' };
  return { status: 'failed', reason: error.code };
}

type Functions = Record<string, (...args: never[]) => Promise<unknown>>;

/** Every activity with its errors translated. */
export function translated<T extends Functions>(activities: T): T {
  const entries = Object.entries(activities).map(([name, activity]) => [
    name,
    async (...args: never[]) => {
      try {
        return await activity(...args);
      } catch (error) {
        throw toFailure(error);
      }
    },
  ]);
  return Object.fromEntries(entries) as T;
}
