import { ProviderError } from '../domain/errors.ts';
import { awayWords } from './away.ts';

export interface Fault {
  readonly error: string;
  readonly code?: string;
  /** Where no code says it: a provider's label, or what a driver says when nobody answers. */
  readonly reason?: string;
  readonly at: readonly string[];
  readonly cause?: string;
}

/**
 * An error as a log may have it: its kind, code, reason and place in our code. Messages stay out, because those of drivers and
 * parsers quote the data they stumbled over.
 */
export function sayFault(error: unknown): Fault {
  if (!(error instanceof Error)) return { error: typeof error, at: [] };
  const at = (error.stack ?? '')
    .split('\n')
    .filter((row) => /^\s+at /.test(row))
    .slice(0, 8)
    .map((row) => row.trim());
  return {
    error: error.name,
    ...('code' in error && (typeof error.code === 'string' || typeof error.code === 'number')
      ? { code: String(error.code) }
      : {}),
    ...reasonOf(error),
    at,
    ...(error.cause instanceof Error ? { cause: error.cause.name } : {}),
  };
}

function reasonOf(error: Error): Pick<Fault, 'reason'> {
  if (error instanceof ProviderError) return { reason: `${error.provider}: ${error.reason}` };
  const reason = awayWords(error) ?? (error.cause instanceof Error ? awayWords(error.cause) : undefined);
  return reason === undefined ? {} : { reason };
}
