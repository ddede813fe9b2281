/** Who says something about an erasure, as far as it can be shown; and whether two who do so are two. */
import type { AuditActor } from './audit.ts';
import { StewardError } from './errors.ts';

/**
 * Ids of what somebody has shown, none of which tells a name:
 * - `key/ID`: an API key, by its id. Shown.
 * - `agent/ID`: whose own that key is. It never stands alone, and shows that two keys are in one hand.
 * - `login/NAME`: the database login that PostgreSQL has let in. Shown.
 * - `account/UID`: the operating system's number of who ran the command. Said by their machine, so it proves no difference.
 * - `officer/ID`: a label of policies/privacy.yaml. Only said: it never stands alone, and can only show that two are one.
 */
export type Identity = readonly string[];

const ID = /^(key|agent|login|account|officer)\/[^\s/]{1,100}$/;
type Kind = 'key' | 'agent' | 'login' | 'account' | 'officer';

export function idOf(identity: Identity, kind: Kind): string | undefined {
  const prefix = `${kind}/`;
  return identity.find((id) => id.startsWith(prefix))?.slice(prefix.length);
}

/** By an API key. */
export function identityOfKey({ id, agent }: { readonly id: string; readonly agent: string | null }): Identity {
  return agent === null ? [`key/${id}`] : [`key/${id}`, `agent/${agent}`];
}

/** With at least one id that was shown. */
export function isIdentity(value: unknown): value is Identity {
  if (!Array.isArray(value) || value.length > 8) return false;
  if (!value.every((id) => typeof id === 'string' && ID.test(id))) return false;
  return idOf(value, 'key') !== undefined || idOf(value, 'login') !== undefined;
}

/** @throws StewardError InvalidRequest */
export function assertShown(by: unknown): asserts by is Identity {
  if (isIdentity(by)) return;
  throw new StewardError(
    'InvalidRequest',
    'by: expected who says it, as shown by an API key or a database login; say it by `steward erasure` or by `POST /v1/erasures/{id}/…`',
  );
}

/** Their word stands in for the proof, so a login that many may share is not enough. @throws StewardError InvalidRequest */
export function assertVoucher(by: unknown): asserts by is Identity {
  assertShown(by);
  if (idOf(by, 'key') !== undefined) return;
  throw new StewardError(
    'InvalidRequest',
    'by: whoever vouches for a person does so by an API key of the role privacyOfficer; set STEWARD_OFFICER_KEY_FILE to a file that holds yours',
  );
}

/**
 * Is who decides another than this party? By keys where both showed one, else by logins. `unknown`: who decides has shown no key where
 * that is all the party is known by.
 */
export function compareIdentities(party: Identity, decides: Identity): 'same' | 'other' | 'unknown' {
  const both = (kind: Kind) => [idOf(party, kind), idOf(decides, kind)] as const;
  for (const [id, otherId] of [both('officer'), both('agent')]) {
    if (id !== undefined && id === otherId) return 'same';
  }
  for (const [id, otherId] of [both('key'), both('login')]) {
    if (id !== undefined && otherId !== undefined) return id === otherId ? 'same' : 'other';
  }
  // The party has shown a login only, or is of before there was more than a label: nobody could show more than a key.
  return idOf(party, 'key') === undefined ? 'other' : 'unknown';
}

/** @throws StewardError OwnRequest unless it is shown that who decides is nobody of those who made the request or vouched for it */
export function assertAnother(parties: readonly Identity[], by: Identity): void {
  for (const party of parties) {
    const found = compareIdentities(party, by);
    if (found === 'other') continue;
    const [who, whose] = [sayIdentity(by), sayIdentity(party)];
    throw new StewardError(
      'OwnRequest',
      found === 'same'
        ? `by: ${who} made this request or vouched for it (as ${whose}); another officer has to decide, with an API key of their own`
        : `by: nothing shows that ${who} is another than ${whose}, who made this request or vouched for it; decide with an API key of the role privacyOfficer that is not theirs`,
    );
  }
}

/** The best of what was shown: `key/0b7c…`, or else `login/ann`. */
export function sayIdentity(identity: Identity): string {
  const shown = (kind: Kind) => identity.find((id) => id.startsWith(`${kind}/`));
  return shown('key') ?? shown('login') ?? shown('officer') ?? 'nobody';
}

export function actorBy(identity: Identity): AuditActor {
  const key = idOf(identity, 'key');
  return key === undefined ? { kind: 'person', id: sayIdentity(identity) } : { kind: 'key', id: key };
}

/** What `requested_by` held before there was more: `key ID`, or an officer's label. */
export function identityOfLabel(text: string): Identity {
  const key = /^key[ /](\S+)$/.exec(text)?.[1];
  if (key !== undefined) return [`key/${key}`];
  return [text.startsWith('login/') ? text : `officer/${text}`];
}
