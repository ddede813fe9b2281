/** Who a privacy officer at the command line is, as far as an API key, the database and the machine can show it. */
import type { OfficerReader } from './deps-erasure.ts';
import { may, rolesThatMay } from './domain/access.ts';
import { StewardError } from './domain/errors.ts';
import { type Identity, identityOfKey } from './domain/identity.ts';
import { hashKey } from './http/keys.ts';
import type { Secret } from './secret.ts';

/** @throws StewardError InvalidConfig: the key is not valid, or its role may not decide; InvalidRequest: the label can be none */
export async function identifyOfficer(
  reader: OfficerReader,
  shownKey: Secret | undefined,
  label: string | undefined,
): Promise<Identity> {
  if (label !== undefined && !/^[^\s/]{1,100}$/.test(label)) {
    throw new StewardError('InvalidRequest', `officer: ${label} is no officer of policies/privacy.yaml`);
  }
  // What separates ids can be no part of one.
  const login = (await reader.login()).replace(/[\s/]/g, '_').slice(0, 100);
  return [
    ...(shownKey === undefined ? [] : identityOfKey(await keyOf(reader, shownKey))),
    `login/${login}`,
    ...accountOf(),
    ...(label === undefined ? [] : [`officer/${label}`]),
  ];
}

/** The operating system's number of who runs this, where it has one. */
export function accountOf(): Identity {
  const account = process.getuid?.();
  return account === undefined ? [] : [`account/${account}`];
}

async function keyOf(
  reader: OfficerReader,
  shown: Secret,
): Promise<{ readonly id: string; readonly agent: string | null }> {
  const key = await reader.key(hashKey(shown.reveal()));
  if (key === null) throw wrongKey('this API key is not valid here, or was revoked');
  if (!may(key.role, 'decideErasure')) throw wrongKey(`this API key is of the role ${key.role}, which decides nothing`);
  return key;
}

function wrongKey(why: string): StewardError {
  const mend = `"steward key create NAME --role ${rolesThatMay('decideErasure')[0]}" makes one that serves`;
  return new StewardError('InvalidConfig', `STEWARD_OFFICER_KEY: ${why}; ${mend}`);
}
