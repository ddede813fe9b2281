/** Names the file in the outbox too. */
export function mailFile(requestId: string, occasion: string): string {
  return `${requestId}-${occasion}`;
}
