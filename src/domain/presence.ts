/** Is an agent there? */

/**
 * - `available`: gets new tickets.
 * - `away`: gets none, and keeps those that they have.
 * - `off`: gets none, is not called, and what customers wait for goes to somebody else.
 */
export const PRESENCES = ['available', 'away', 'off'] as const;
export type Presence = (typeof PRESENCES)[number];

export function isPresence(word: unknown): word is Presence {
  return PRESENCES.some((presence) => presence === word);
}
