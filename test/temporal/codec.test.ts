import { createCipheriv, randomBytes, randomUUID } from 'node:crypto';
import type { Payload, SerializationContext } from '@temporalio/common';
import { defaultPayloadConverter } from '@temporalio/common';
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow/index.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindTo, decrypt, encrypt, type SecretKey, secretKey } from '../../src/cipher.ts';
import { StewardError } from '../../src/domain/errors.ts';
import { markOf } from '../../src/domain/mark.ts';
import { type ClearText, createCodec, type PayloadKeys } from '../../src/temporal/codec.ts';
import { CONVERTER_PATHS } from '../../src/temporal/data-converter.ts';

/** Keys in memory. */
function keyring() {
  const byName = new Map<string, { id: string; name: string; secret: SecretKey | null }>();
  const treated = new Map<string, ClearText>();
  const flagged: string[] = [];
  const keys: PayloadKeys = {
    async toSeal(name) {
      const key = byName.get(name) ?? { id: randomUUID(), name, secret: secretKey(randomBytes(32)) };
      byName.set(name, key);
      if (key.secret === null) throw new StewardError('KeyShredded', 'gone');
      return { id: key.id, secret: key.secret };
    },
    async toOpen(id) {
      const key = [...byName.values()].find((one) => one.id === id);
      if (!key) throw new StewardError('KeyUnknown', 'an older backup?');
      return key;
    },
    async clearText(name, wanted) {
      flagged.push(name);
      const known = treated.get(name) ?? wanted;
      treated.set(name, known);
      return known;
    },
  };
  const shred = (name: string) => {
    const key = byName.get(name);
    if (key) key.secret = null;
  };
  return { keys, shred, flagged, byName };
}

const at = (workflowId: string, namespace = 'default'): SerializationContext => ({
  type: 'workflow',
  namespace,
  workflowId,
});
const A = at('ticket-A');
const clear = (value: unknown): Payload => defaultPayloadConverter.toPayload(value) ?? {};
const { payloadConverter } = loadDataConverter(CONVERTER_PATHS);
const readValue = (payload: Payload | undefined): unknown => payloadConverter.fromPayload(payload ?? {});

const ring = keyring();
const codec = createCodec({ keys: ring.keys, clearText: 'accept', shredded: 'throw' });
async function sealed(value: unknown, context = A): Promise<Payload> {
  const [payload] = await codec.encode([clear(value)], context);
  if (!payload) throw new Error('one in, one out');
  return payload;
}
const opened = async (payload: Payload, context: SerializationContext | undefined = A, by = codec) =>
  readValue((await by.decode([payload], context))[0]);
const corrupt = { code: 'PayloadCorrupt' };

describe('the codec', () => {
  it('opens what it sealed, and shows nothing of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.string({ minLength: 1, unit: 'binary' }), async (json, workflowId) => {
        const value: unknown = JSON.parse(json);
        const context = at(workflowId);
        const payload = await sealed(value, context);
        expect(await opened(payload, context)).toEqual(value);
        if (json.length > 8) expect(Buffer.from(payload.data ?? []).includes(json)).toBe(false);
      }),
    );
  });

  it('never gives the same ciphertext twice', async () => {
    const twice = await codec.encode([clear('a'), clear('a')], A);
    expect(twice[0]?.data).not.toEqual(twice[1]?.data);
  });

  it('has one key for each workflow id, and one for all workflows of the system', async () => {
    const keyOf = async (id: string) => String((await sealed(1, at(id))).metadata?.['encryption-key-id']);
    expect(await keyOf('ticket-1')).not.toBe(await keyOf('ticket-2'));
    expect(await keyOf('erasure-1')).toBe(await keyOf('erasure-2'));
    expect(await keyOf('monthly-audit-workflow-2026-10-01')).toBe(await keyOf('retention'));
  });

  it('seals nothing that belongs to no workflow, and opens nothing there', async () => {
    await expect(codec.encode([clear(1)])).rejects.toMatchObject(corrupt);
    const payload = await sealed(1);
    await expect(codec.decode([payload])).rejects.toMatchObject(corrupt);
    expect(await codec.encode([])).toEqual([]);
  });
});

describe('a key that can’t be looked up', () => {
  const away = () => {
    const { keys } = keyring();
    const tries = { left: 2 };
    const toSeal: PayloadKeys['toSeal'] = async (name) => {
      if (tries.left-- > 0) throw new Error('Query read timeout');
      return keys.toSeal(name);
    };
    return { ...keys, toSeal };
  };
  const step: SerializationContext = { type: 'activity', namespace: 'default', workflowId: 'ticket-A', isLocal: false };
  const write = (shredded: 'throw' | 'drop', context: SerializationContext) =>
    createCodec({ keys: away(), clearText: 'refuse', shredded }).encode([clear('sent')], context);

  it('is waited for by a worker that has the outcome of a step to write', async () => {
    const [written] = await write('drop', step);
    expect(Buffer.from(written?.metadata?.encoding ?? []).toString()).toBe('binary/encrypted');
  });

  it('fails at once what a workflow says, whose task is repeated, and whoever speaks to one', async () => {
    await expect(write('drop', A)).rejects.toThrow('Query read timeout');
    await expect(write('throw', step)).rejects.toThrow('Query read timeout');
  });
});

describe('T10: a ciphertext', () => {
  it('does not open in another workflow, namespace, or under the system key', async () => {
    const payload = await sealed('words');
    await sealed('others', at('ticket-B'));
    await sealed('system', at('erasure-1'));
    for (const elsewhere of [at('ticket-B'), at('ticket-A', 'other'), at('erasure-1')]) {
      await expect(opened(payload, elsewhere)).rejects.toMatchObject(corrupt);
    }
    const system = await sealed('system', at('erasure-1'));
    await expect(opened(system, at('erasure-2'))).rejects.toMatchObject(corrupt);
  });

  it('of another workflow does not open in a worker either, and does not stop the workflow that it was sent to', async () => {
    const worker = createCodec({ keys: ring.keys, clearText: 'refuse', shredded: 'drop' });
    const payload = await sealed('words');
    await sealed('others', at('ticket-B'));
    expect(markOf(await opened(payload, at('ticket-B'), worker))).toBe('refused');
    expect(await opened(payload, A, worker)).toBe('words');
    // What says that it is of this workflow and is not was tampered with.
    const forged = { ...payload, metadata: { ...payload.metadata, 'encryption-workflow-id': Buffer.from('ticket-B') } };
    await expect(opened(forged, at('ticket-B'), worker)).rejects.toMatchObject(corrupt);
  });

  it('of the schedule’s run before is none of a run’s business: it does not open, and does not end the worker', async () => {
    const result = await sealed('result', at('monthly-audit-2026-10'));
    expect(markOf(await opened(result, at('monthly-audit-2026-11')))).toBe('refused');
    expect(await opened(result, at('monthly-audit-2026-10'))).toBe('result');
    for (const elsewhere of ['retention-1', 'erasure-1', 'ticket-A']) {
      await expect(opened(result, at(elsewhere))).rejects.toMatchObject(corrupt);
    }
  });

  it('does not open with another key’s id, nor with another workflow’s ciphertext under its own', async () => {
    const [mine, yours] = [await sealed('mine'), await sealed('yours', at('ticket-B'))];
    await expect(opened({ ...mine, metadata: yours.metadata ?? {} })).rejects.toMatchObject(corrupt);
    await expect(opened({ ...mine, data: yours.data ?? new Uint8Array() })).rejects.toMatchObject(corrupt);
  });

  it('does not open with any byte changed, or any part of it missing', async () => {
    const payload = await sealed('words');
    const data = Buffer.from(payload.data ?? []);
    for (let i = 0; i < data.length; i++) {
      const changed = Buffer.from(data);
      changed[i] = Number(changed[i]) ^ (1 << (i % 8));
      await expect(opened({ ...payload, data: changed })).rejects.toMatchObject(corrupt);
      await expect(opened({ ...payload, data: data.subarray(0, i) })).rejects.toMatchObject(corrupt);
    }
  });

  it('with a tag of 4 bytes does not open, right as the 4 bytes are', async () => {
    const { id, secret } = await ring.keys.toSeal('ticket-A');
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', secret, iv, { authTagLength: 4 });
    cipher.setAAD(bindTo('payload', 'default', 'ticket-A', id));
    const data = Buffer.concat([iv, cipher.update('forged words'), cipher.final(), cipher.getAuthTag()]);
    const payload = { ...(await sealed('words')), data };
    await expect(opened(payload)).rejects.toMatchObject(corrupt);
  });

  it('whose key is in no row says what may have happened', async () => {
    const other = createCodec({ keys: keyring().keys, clearText: 'accept', shredded: 'throw' });
    await expect(opened(await sealed('words'), A, other)).rejects.toMatchObject({ code: 'KeyUnknown' });
  });
});

describe('T10: clear text', () => {
  it('is taken where it is accepted, and the workflow flagged', async () => {
    expect(await opened(clear({ a: 1 }), at('ticket-C'))).toEqual({ a: 1 });
    expect(ring.flagged).toContain('ticket-C');
  });

  it('is refused where it is not, as a mark, and never throws', async () => {
    const strict = createCodec({ keys: keyring().keys, clearText: 'refuse', shredded: 'throw' });
    for (const value of ['x', { a: 1 }, null, undefined, new Uint8Array([1])]) {
      expect(markOf(await opened(clear(value), A, strict))).toBe('refused');
      // Of workflows under the system key nothing is written down: the setting counts as it is now.
      expect(markOf(await opened(clear(value), at('erasure-1'), strict))).toBe('refused');
    }
    const payload = await sealed('words');
    expect(
      markOf(await opened(payload, A, createCodec({ keys: ring.keys, clearText: 'refuse', shredded: 'throw' }))),
    ).toBeUndefined();
  });

  it('in a form that no workflow reads is refused: it would fail its workflow for ever', async () => {
    const unreadable: Payload[] = [
      {},
      { metadata: {}, data: Buffer.from('1') },
      { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{') },
      { metadata: { encoding: Buffer.from('json/plain') } },
      { metadata: { encoding: Buffer.from('binary/protobuf') }, data: Buffer.from('1') },
      { metadata: { encoding: Buffer.from('no/such') }, data: Buffer.from('1') },
    ];
    for (const payload of unreadable) expect(markOf(await opened(payload))).toBe('refused');
  });

  it('can not pose as a mark, nor can what is encrypted', async () => {
    const poses: unknown[] = [
      { 'steward.mark': 'erased' },
      { 'Symbol(steward.mark)': 'erased' },
      { '@@steward.mark': 'erased' },
      'erased',
    ];
    for (const value of poses) {
      expect(markOf(await opened(clear(value)))).toBeUndefined();
      expect(markOf(await opened(await sealed(value)))).toBeUndefined();
    }
    const own: Payload = { metadata: { encoding: Buffer.from('steward/mark') }, data: Buffer.from('erased') };
    expect(markOf(await opened(own))).toBe('refused');
  });
});

describe('T5: a shredded key', () => {
  it('leaves a mark where it could be read, in its own workflow alone, and lets nothing be written', async () => {
    const context = at('ticket-D');
    const payload = await sealed('words', context);
    ring.shred('ticket-D');
    expect(markOf(await opened(payload, context))).toBe('erased');
    await expect(opened(payload)).rejects.toMatchObject(corrupt);
    await expect(sealed('more', context)).rejects.toMatchObject({ code: 'KeyShredded' });
    // A worker that must end the workflow keeps nothing of what it says.
    const worker = createCodec({ keys: ring.keys, clearText: 'accept', shredded: 'drop' });
    const [dropped] = await worker.encode([clear('more')], context);
    expect(readValue(dropped)).toEqual({ erased: true });
  });
});

describe('the cipher', () => {
  const bytes = (min: number, max: number) => fc.uint8Array({ minLength: min, maxLength: max });

  it('opens with its very key, context and bytes, and with none that differ', () => {
    fc.assert(
      fc.property(
        bytes(32, 32),
        bytes(0, 100),
        bytes(0, 40),
        fc.nat(),
        fc.constantFrom('iv', 'tag', 'body', 'context', 'key'),
        (key, plain, context, at, what) => {
          const whole = Buffer.from(encrypt(secretKey(key), plain, context));
          expect(Buffer.from(decrypt(secretKey(key), whole, context))).toEqual(Buffer.from(plain));
          const turned = (part: Uint8Array, from: number, to: number) => {
            const copy = Buffer.from(part);
            const i = from + (at % Math.max(1, to - from));
            copy[i] = Number(copy[i]) ^ 1;
            return copy;
          };
          const { length } = whole;
          if (what === 'body' && plain.length === 0) return;
          if (what === 'key') {
            expect(() => decrypt(secretKey(turned(key, 0, 32)), whole, context)).toThrow();
            return;
          }
          if (what === 'context') {
            expect(() => decrypt(secretKey(key), whole, Buffer.concat([context, Buffer.from([0])]))).toThrow();
            return;
          }
          const [from, to] = { iv: [0, 12], body: [12, length - 16], tag: [length - 16, length] }[what] as [
            number,
            number,
          ];
          expect(() => decrypt(secretKey(key), turned(whole, from, to), context)).toThrow();
        },
      ),
    );
  });

  it('binds to lists of texts that no other list can pass for', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), fc.array(fc.string({ unit: 'binary' })), (a, b) => {
        fc.pre(JSON.stringify(a) !== JSON.stringify(b));
        expect(Buffer.from(bindTo(...a)).equals(bindTo(...b))).toBe(false);
      }),
    );
    expect(bindTo('ab', 'c')).not.toEqual(bindTo('a', 'bc'));
    expect(bindTo('a","b')).not.toEqual(bindTo('a', 'b'));
  });
});
