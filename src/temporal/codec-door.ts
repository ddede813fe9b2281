/** Payloads opened and sealed for those who look into Temporal, who name no workflow: it travels with the ciphertext, bound to it. */
import type { Payload } from '@temporalio/common';
import { keyNameOf } from '../contract.ts';
import { StewardError } from '../domain/errors.ts';
import type { CodecDoor } from '../http/deps.ts';
import {
  ENCRYPTED,
  encodingOf,
  isReadable,
  KEY_ID,
  open,
  type PayloadKeys,
  seal,
  textOf,
  WORKFLOW_ID,
} from './codec.ts';

/** What can be said of a payload that no longer opens: nobody's data. */
const UNCHANGED = { outcome: 'unchanged' } as const;

export function createCodecDoor(keys: PayloadKeys, namespace: string): Pick<CodecDoor, 'open' | 'seal'> {
  return {
    async open(from, raw) {
      const payload = raw as Payload;
      if (encodingOf(payload) !== ENCRYPTED) return UNCHANGED;
      const place = { namespace: from ?? namespace, workflowId: textOf(payload, WORKFLOW_ID) };
      try {
        const opened = await open(keys, place, payload);
        if (opened !== null) return { outcome: 'opened', workflowId: place.workflowId, payload: bytesOf(opened) };
        return { outcome: 'erased', workflowId: place.workflowId, keyId: textOf(payload, KEY_ID) };
      } catch (error) {
        // Damaged, from elsewhere, or its key is not in this database. Anything else (PostgreSQL away) is not the payload's fault.
        if (error instanceof StewardError && /^(PayloadCorrupt|KeyUnknown)$/.test(error.code)) return UNCHANGED;
        throw error;
      }
    },

    async seal(from, workflowId, raw) {
      const payload = raw as Payload;
      if (encodingOf(payload) === ENCRYPTED) return raw;
      if (from !== null && from !== namespace) {
        const message = `the namespace here is ${namespace}: what is encrypted for another can't be opened there`;
        throw new StewardError('InvalidRequest', message);
      }
      if (!isReadable(payload)) {
        const message =
          'a payload is none that a workflow can read; expected the encoding json/plain, binary/plain or binary/null';
        throw new StewardError('InvalidRequest', message);
      }
      const key = await keys.toSeal(keyNameOf(workflowId));
      return bytesOf(seal(key, { namespace: from ?? namespace, workflowId }, payload));
    },
  };
}

function bytesOf({ metadata, data }: Payload) {
  return { metadata: { ...metadata }, data: data ?? new Uint8Array() };
}
