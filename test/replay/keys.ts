/** The data keys of the recorded histories: without them nothing in there could be read. They open nothing else. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { secretKey } from '../../src/cipher.ts';
import { keyNameOf } from '../../src/contract.ts';
import type { PayloadKeys } from '../../src/temporal/codec.ts';

export const KEYS = fileURLToPath(new URL('keys.json', import.meta.url));

/** By workflow id. */
export type StoredKeys = Readonly<Record<string, { readonly id: string; readonly secret: string }>>;

export function storedKeys(): StoredKeys {
  return JSON.parse(readFileSync(KEYS, 'utf8')) as StoredKeys;
}

export function replayKeys(): PayloadKeys {
  const keys = Object.entries(storedKeys()).map(([workflowId, { id, secret }]) => ({
    name: keyNameOf(workflowId),
    id,
    secret: secretKey(Buffer.from(secret, 'base64')),
  }));
  // What a replay would seal is thrown away.
  const spare = { id: 'spare', name: 'spare', secret: secretKey(Buffer.alloc(32)) };
  return {
    toSeal: async (name) => keys.find((key) => key.name === name) ?? spare,
    async toOpen(id) {
      const key = keys.find((one) => one.id === id);
      if (!key) throw new Error(`no key ${id} in keys.json`);
      return key;
    },
    clearText: async () => 'accept',
  };
}
