import { ProviderError } from '../../src/domain/errors.ts';

/** The provider's failure that a call ends with. */
export async function failure(call: Promise<unknown>): Promise<ProviderError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ProviderError) return error;
    throw error;
  }
  throw new Error('expected a ProviderError, but the call went well');
}

export function never(): AbortSignal {
  return new AbortController().signal;
}
