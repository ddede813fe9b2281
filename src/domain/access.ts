/** Who may do what by an API key: a key has one role, and nothing else gives it a right. */

export const KEY_ROLES = ['agent', 'operator', 'privacyOfficer', 'auditor', 'admin'] as const;
export type KeyRole = (typeof KEY_ROLES)[number];

/**
 * - `sendEvents`: tickets, what happens to them, and mails.
 * - `handleMails`: read a mail that was not taken, let it in or drop it.
 * - `handleTasks`: ask people to decide something, look, and say what one of us has decided.
 * - `answerFlowTasks`: complete or fail a Task of a flow that waits for whoever has its token, and say that one is at it.
 * - `startFlows`: have a flow run without a ticket.
 * - `setPresence`: say whether an agent is there.
 * - `decode`: read what customers wrote, where Temporal shows it encrypted.
 * - `decideErasure`: approve or refuse one that waits for a person.
 */
export const ACTS = [
  'sendEvents',
  'handleMails',
  'handleTasks',
  'answerFlowTasks',
  'startFlows',
  'setPresence',
  'decode',
  'requestErasure',
  'decideErasure',
  'readAudit',
] as const;
export type Act = (typeof ACTS)[number];

/**
 * Who makes and revokes keys: a person at the command line (`steward key …`) whom PostgreSQL lets take on this role, and no key, of
 * whatever role: there is no act for it, so no route can offer it, and of the roles of store/grants.ts this one alone may write there.
 */
export const KEY_MAKER = 'steward_operator';

/**
 * Auditors read what was done, never what was written. An admin may everything that a key can do; that
 * nobody decides about a request of their own is the erasure's rule.
 */
const MAY: Readonly<Record<Act, readonly KeyRole[]>> = {
  sendEvents: ['agent', 'operator', 'admin'],
  handleMails: ['operator', 'admin'],
  handleTasks: ['agent', 'operator', 'admin'],
  answerFlowTasks: ['agent', 'operator', 'admin'],
  startFlows: ['agent', 'operator', 'admin'],
  setPresence: ['agent', 'operator', 'admin'],
  decode: ['operator', 'privacyOfficer', 'admin'],
  requestErasure: ['agent', 'operator', 'privacyOfficer', 'admin'],
  decideErasure: ['privacyOfficer', 'admin'],
  readAudit: ['privacyOfficer', 'auditor', 'admin'],
};

export function may(role: KeyRole, act: Act): boolean {
  return rolesThatMay(act).includes(role);
}

/** The one with the fewest rights first. */
export function rolesThatMay(act: Act): readonly KeyRole[] {
  return MAY[act];
}
