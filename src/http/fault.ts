/**
 * An error as a log may have it: its kind, code and place in our code. Messages stay out, because those of drivers and
 * parsers quote the data they stumbled over.
 */
export function sayFault(error: unknown): { error: string; code?: string; at: string[]; cause?: string } {
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
    at,
    ...(error.cause instanceof Error ? { cause: error.cause.name } : {}),
  };
}
