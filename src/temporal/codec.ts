/** What Temporal keeps of a ticket it keeps encrypted, under the data key of its workflow id: destroyed with it, it is unreadable. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import proto from '@temporalio/proto';
import { bindTo, decrypt, encrypt, type SecretKey } from '../cipher.ts';
import { areOfOneSchedule, keyNameOf, SYSTEM_KEY } from '../contract.ts';
import { StewardError } from '../domain/errors.ts';
import type { Mark } from '../domain/mark.ts';

// CommonJS whose names Node does not find by itself.
const { Payload: Wire } = proto.temporal.api.common.v1;

export type ClearText = 'accept' | 'refuse';

/** The data keys as the codec needs them. */
export interface PayloadKeys {
  /** Made when it is not there. @throws StewardError KeyShredded */
  toSeal(name: string): Promise<{ readonly id: string; readonly secret: SecretKey }>;
  /** `secret: null`: it was shredded. @throws StewardError KeyUnknown */
  toOpen(id: string): Promise<{ readonly name: string; readonly secret: SecretKey | null }>;
  /** How the workflow of this key treats clear text: as it did before, else as is wanted now, which is written down first. */
  clearText(name: string, wanted: ClearText): Promise<ClearText>;
}

export interface CodecOptions {
  readonly keys: PayloadKeys;
  readonly clearText: ClearText;
  /**
   * What becomes of that which is written under a shredded key. `throw`: whoever says something to a ticket must hear that it can't be
   * said. `drop`: a worker must be able to end a workflow whose key is gone, and what it says of it is not kept.
   */
  readonly shredded: 'throw' | 'drop';
}

export const ENCRYPTED = 'binary/encrypted';
/** Of the codec server's use, which is told no workflow: what it says is worth nothing unless the ciphertext opens with it. */
export const WORKFLOW_ID = 'encryption-workflow-id';
export const KEY_ID = 'encryption-key-id';

export interface Place {
  readonly namespace: string;
  readonly workflowId: string;
}

export function createCodec(options: CodecOptions): PayloadCodec {
  const { keys } = options;
  return {
    async encode(payloads, context) {
      if (payloads.length === 0) return payloads;
      // When an activation can't be decoded, the SDK encodes that failure, and tells no workflow: to throw once more ends the whole worker,
      // where else the task of this one workflow fails and is repeated.
      if (context?.workflowId === undefined && options.shredded === 'drop') return payloads.map(() => DROPPED);
      const place = placeOf(context);
      try {
        const key = await keyFor(options, context, keyNameOf(place.workflowId));
        return payloads.map((payload) => seal(key, place, payload));
      } catch (error) {
        if (options.shredded === 'throw' || !isShredded(error)) throw error;
        return payloads.map(() => DROPPED);
      }
    },

    async decode(payloads, context) {
      return Promise.all(
        payloads.map(async (payload) => {
          if (encodingOf(payload) !== ENCRYPTED) return decodeClear(options, payload, context);
          const place = placeOf(context);
          if (isOfRunBefore(payload, place)) return mark('refused');
          // Sealed for another workflow, as by a command with a wrong header: to throw would fail this one's task for ever.
          if (options.shredded === 'drop' && textOf(payload, WORKFLOW_ID) !== place.workflowId) return mark('refused');
          return (await open(keys, place, payload)) ?? mark('erased');
        }),
      );
    },
  };
}

/** How long until a key that could not be looked up is asked for again. */
const AGAIN_MS = 500;

/**
 * To throw for the outcome of a step makes the SDK write that failure, and to throw for that one too ends the whole worker: a PostgreSQL
 * that hangs for longer than keys are at hand would end them all. So it waits. Temporal repeats the step meanwhile, as one whose worker
 * was lost.
 */
async function keyFor({ keys, shredded }: CodecOptions, context: SerializationContext | undefined, name: string) {
  for (;;) {
    try {
      return await keys.toSeal(name);
    } catch (error) {
      // What our own code says is an answer, which no repeat changes.
      if (shredded === 'throw' || context?.type !== 'activity' || error instanceof StewardError) throw error;
      await sleep(AGAIN_MS, undefined, { ref: false });
    }
  }
}

/** What is not bound to a workflow could be moved to any: it is neither written nor read. */
function placeOf(context: SerializationContext | undefined): Place {
  const workflowId = context?.workflowId;
  if (context === undefined || workflowId === undefined) throw corrupt('it belongs to no workflow');
  return { namespace: context.namespace, workflowId };
}

/**
 * What the schedule's run before gave, which Temporal hands to the next: it is bound to that one, and nobody asks for it. To throw here
 * would end the whole worker.
 */
function isOfRunBefore(payload: Payload, { workflowId }: Place): boolean {
  const from = textOf(payload, WORKFLOW_ID);
  return from !== workflowId && areOfOneSchedule(from, workflowId);
}

export function seal(
  key: { readonly id: string; readonly secret: SecretKey },
  place: Place,
  payload: Payload,
): Payload {
  const plain = Wire.encode(payload).finish();
  return {
    metadata: {
      encoding: Buffer.from(ENCRYPTED),
      [KEY_ID]: Buffer.from(key.id),
      [WORKFLOW_ID]: Buffer.from(place.workflowId),
    },
    data: encrypt(key.secret, plain, bound(place, key.id)),
  };
}

/**
 * Null when its key was shredded.
 * @throws StewardError PayloadCorrupt: it is damaged, or was taken from another workflow, namespace or key
 */
export async function open(keys: PayloadKeys, place: Place, payload: Payload): Promise<Payload | null> {
  const id = textOf(payload, KEY_ID);
  const key = await keys.toOpen(id);
  if (key.name !== keyNameOf(place.workflowId)) throw corrupt(`its key is not the one of workflow ${place.workflowId}`);
  if (key.secret === null) return null;
  try {
    return Wire.decode(decrypt(key.secret, payload.data ?? new Uint8Array(), bound(place, id)));
  } catch {
    // What the cipher says of it helps only who forged it.
    throw corrupt(`it is damaged, or not from workflow ${place.workflowId} of namespace ${place.namespace}`);
  }
}

function bound({ namespace, workflowId }: Place, keyId: string): Uint8Array {
  return bindTo('payload', namespace, workflowId, keyId);
}

/** It never throws for what somebody sent: the workflow task would fail for ever. */
async function decodeClear(
  { keys, clearText }: CodecOptions,
  payload: Payload,
  context: SerializationContext | undefined,
): Promise<Payload> {
  const name = context?.workflowId === undefined ? SYSTEM_KEY : keyNameOf(context.workflowId);
  // Workflows under the system key carry no text: there is nothing to flag.
  const treated = name === SYSTEM_KEY ? clearText : await keys.clearText(name, clearText);
  return treated === 'accept' && isReadable(payload) ? payload : mark('refused');
}

/** Can the converter make a value of it? It throws where not. */
export function isReadable(payload: Payload): boolean {
  const encoding = encodingOf(payload);
  if (encoding === 'binary/null' || encoding === 'binary/plain') return true;
  if (encoding !== 'json/plain') return false;
  try {
    JSON.parse(Buffer.from(payload.data ?? []).toString());
    return true;
  } catch {
    return false;
  }
}

/** For src/temporal/converters.cjs. */
function mark(mark: Mark): Payload {
  return { metadata: { encoding: Buffer.from('steward/mark') }, data: Buffer.from(mark) };
}

const DROPPED: Payload = {
  metadata: { encoding: Buffer.from('json/plain') },
  data: Buffer.from('{"erased":true}'),
};

function isShredded(error: unknown): boolean {
  return error instanceof StewardError && error.code === 'KeyShredded';
}

export function encodingOf(payload: Payload): string {
  return textOf(payload, 'encoding');
}

export function textOf(payload: Payload, name: string): string {
  const value = payload.metadata?.[name];
  return value ? Buffer.from(value).toString() : '';
}

function corrupt(why: string): StewardError {
  return new StewardError('PayloadCorrupt', `a payload does not open: ${why}`);
}
