/** Who of us sits at the command line, by an API key of their own. */
import { expect, test } from 'vitest';
import { hashKey, newKey } from '../../src/http/keys.ts';
import { identifyAgent } from '../../src/own-key.ts';
import { Secret } from '../../src/secret.ts';
import { createKeyStore } from '../../src/store/keys.ts';
import { createOfficerReader } from '../../src/store/officers.ts';
import { useStores } from '../store/support.ts';

const stores = useStores();
const keys = () => createKeyStore(stores.operator, { kind: 'person', id: 'login/test' });
const isOfTeam = (id: string) => ['ana', 'ben'].includes(id);
const shownBy = (key: string | undefined) =>
  identifyAgent(createOfficerReader(stores.operator), key === undefined ? undefined : new Secret(key), isOfTeam);
async function made(...whose: [('agent' | 'auditor')?, string?]) {
  const key = newKey();
  return { key, id: await keys().add('test', hashKey(key), ...whose) };
}

test('who shows a key of their own is that agent, by that key; who shows none is nobody', async () => {
  const { key, id } = await made('agent', 'ana');
  expect(await shownBy(key)).toEqual({ agent: 'ana', via: `ownKey/${id}` });
  expect(await shownBy(undefined)).toBeNull();
});

test('a key by which nobody can decide is refused, with the mend', async () => {
  const revoked = await made('agent', 'ana');
  await keys().revoke(revoked.id);
  const wrong = [
    [newKey(), /^STEWARD_AGENT_KEY: this API key is not valid here, or was revoked; "steward key create .*--agent ID/],
    [revoked.key, /not valid here, or was revoked/],
    [(await made('agent')).key, /speaks for many, and is no agent's own/],
    [(await made('agent', 'zoe')).key, /the own one of zoe, who is nobody of policies\/team\.yaml/],
    [(await made('auditor', 'ana')).key, /of the role auditor, which decides nothing/],
  ] as const;
  for (const [key, words] of wrong) {
    await expect(shownBy(key)).rejects.toMatchObject({
      code: 'InvalidConfig',
      message: expect.stringMatching(words),
    });
  }
});
