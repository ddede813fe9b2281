/** What Temporal's service says, by gRPC, when a call fails. */

const NOT_FOUND = 5;

export function isNotFound(error: unknown): boolean {
  return codeOf(error) === NOT_FOUND;
}

export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
