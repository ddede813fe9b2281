/** Whoever comes in by a program shows an API key, and its role must allow what is asked. */
import { type Act, may, rolesThatMay } from '../domain/access.ts';
import type { Admission, AdmittedKey, EventKey, GatewayDeps } from './deps.ts';
import { shownKeyHash } from './keys.ts';
import { Refusal } from './refusal.ts';

export const KEY_MISSING = 'Send a valid API key as "Authorization: Bearer stw_..." or "x-api-key: stw_...".';

type Shown = Parameters<typeof shownKeyHash>[0];
export type Asked = [ticketId: string | null, event?: EventKey];

/** The key of a request that may do this. @throws Refusal 401 without a valid key, 403 when its role may not */
export async function requireKey(deps: Pick<GatewayDeps, 'intake'>, headers: Shown, act: Act): Promise<AdmittedKey> {
  const { key } = await admit(deps, requireShownKey(headers), act, null);
  return key;
}

/** The hash of the key that a request shows, before anybody has looked whether it is a good one. @throws Refusal 401 */
export function requireShownKey(headers: Shown): string {
  const keyHash = shownKeyHash(headers);
  if (keyHash === null) throw keyMissing();
  return keyHash;
}

/** Key and ticket by one round trip. @throws Refusal 401, 403 */
export async function admit(
  deps: Pick<GatewayDeps, 'intake'>,
  keyHash: string,
  act: Act,
  ...asked: Asked
): Promise<Admission & { readonly key: AdmittedKey }> {
  const { key, ticket } = await deps.intake.admit(keyHash, ...asked);
  if (key === null) throw keyMissing();
  if (!may(key.role, act)) throw roleMissing(key, act);
  return { key, ticket };
}

export function keyMissing(): Refusal {
  return new Refusal(401, 'KeyMissing', KEY_MISSING, { headers: { 'www-authenticate': 'Bearer realm="steward"' } });
}

export function roleMissing(key: AdmittedKey, act: Act): Refusal {
  const roles = rolesThatMay(act);
  return new Refusal(
    403,
    'RoleMissing',
    `This needs a key of the role ${roles.join(' or ')}; the one that was sent is of the role ${key.role}. ` +
      `"steward key create NAME --role ${roles[0]}" makes one.`,
  );
}
