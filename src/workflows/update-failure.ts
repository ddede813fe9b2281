import { ApplicationFailure } from '@temporalio/workflow';
import { StewardError } from '../domain/errors.ts';

/** Our errors as the caller of an update sees them; anything else is a bug and fails the workflow task. */
export function toUpdateFailure(error: unknown): unknown {
  if (!(error instanceof StewardError)) return error;
  return ApplicationFailure.create({ type: error.code, message: error.message, nonRetryable: true });
}
