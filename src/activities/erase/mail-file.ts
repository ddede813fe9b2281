/** Occasions on which the person is written to. */
export const TO_PERSON = ['code', 'cooling', 'extension', 'outcome'] as const;

/** Names the file in the outbox too. */
export function mailFile(requestId: string, occasion: string): string {
  return `${requestId}-${occasion}`;
}
