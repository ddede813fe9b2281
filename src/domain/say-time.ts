/** Epoch ms as people read it: `2026-11-26 12:04 UTC`. */
export function sayTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
