import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SYSTEM_KEY } from '../../src/contract.ts';
import { createKeyRing, type KeyRing, type KeyRingOptions } from '../../src/store/data-keys.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { useDatabase } from '../support/database.ts';
import { memoryKek } from '../support/keys.ts';
import { useProxy } from '../support/proxy.ts';
import { useRefusedEntries } from '../support/refuse-entries.ts';

const database = useDatabase();
const proxy = useProxy(() => new URL(database.url).host);
const kek = memoryKek();
const refuseEntries = useRefusedEntries();
const opened: { db: Database; ring: KeyRing }[] = [];
let db: Database;
beforeAll(() => {
  db = openDatabase({ url: database.url, poolSize: 2 });
});
afterAll(async () => {
  for (const one of opened) {
    await one.ring.close();
    await one.db.destroy();
  }
  await db.destroy();
});

/** A ring as a process of its own has it, with a pool of its own; it looks when it is told to. */
function ringOf(options: Partial<KeyRingOptions> & { url?: string } = {}): KeyRing {
  const { url = database.url, ...rest } = options;
  const own = openDatabase({ url, poolSize: 2, role: 'steward_keys' });
  const ring = createKeyRing({ db: own, kek, pollMs: 3_600_000, ...rest });
  opened.push({ db: own, ring });
  return ring;
}

function signal() {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}

const aName = () => `ticket-${randomBytes(6).toString('hex')}`;
const rowOf = (name: string) =>
  db.selectFrom('data_keys').selectAll().where('name', '=', name).executeTakeFirstOrThrow();

describe('a data key', () => {
  it('is made once, however many want it at once and wherever', async () => {
    const name = aName();
    const rings = [ringOf(), ringOf(), ringOf()];
    const keys = await Promise.all(rings.flatMap((ring) => Array.from({ length: 8 }, () => ring.toSeal(name))));
    expect(new Set(keys.map(({ id }) => id)).size).toBe(1);
    const bytes = keys.map(({ secret }) => secret.export().toString('hex'));
    expect(new Set(bytes).size).toBe(1);
    expect(await db.selectFrom('data_keys').select('name').where('name', '=', name).execute()).toHaveLength(1);
  });

  it('lies wrapped in the database, beside the name of what wrapped it', async () => {
    const name = aName();
    const { secret } = await ringOf().toSeal(name);
    const row = await rowOf(name);
    expect(row.kek_id).toBe((await kek()).id);
    expect(Buffer.from(row.wrapped ?? []).includes(secret.export())).toBe(false);
  });

  it('is looked up once for many uses', async () => {
    const name = aName();
    const ring = ringOf();
    const { id } = await ring.toSeal(name);
    const before = kek.asked.unwraps;
    for (let i = 0; i < 20; i++) await Promise.all([ring.toSeal(name), ring.toOpen(id)]);
    expect(kek.asked.unwraps).toBe(before);
  });

  it('that is in no row is told with what may have happened, and may be asked for again', async () => {
    const unknown = { code: 'KeyUnknown', message: expect.stringContaining('older backup') };
    const ring = ringOf();
    await expect(ring.toOpen('7f2c1a52-0000-4000-8000-000000000000')).rejects.toMatchObject(unknown);
    await expect(ring.toOpen("' or true --")).rejects.toMatchObject(unknown);
  });

  it('that another key-encryption key wrapped is told so', async () => {
    const fresh = aName();
    await ringOf().toSeal(fresh);
    const other = ringOf({ kek: memoryKek('another') });
    await expect(other.toSeal(fresh)).rejects.toMatchObject({
      code: 'InvalidConfig',
      message: expect.stringMatching(/wrapped by .* has another.*STEWARD_KEK_FILE/),
    });
  });

  it('of the system stands for all: a wrong key-encryption key shows before any work', async () => {
    await ringOf().assertReady();
    await ringOf().assertReady();
    await expect(ringOf({ kek: memoryKek('another') }).assertReady()).rejects.toMatchObject({ code: 'InvalidConfig' });
    await expect(ringOf().shred([SYSTEM_KEY], null)).rejects.toThrow();
  });
});

describe('what is sealed under a name', () => {
  it('opens under that name alone', async () => {
    const [mine, yours] = [aName(), aName()];
    const ring = ringOf();
    const sealed = await ring.seal(mine, 'ada@customer.example');
    await ring.seal(yours, 'bob@customer.example');
    expect(Buffer.from(sealed).toString('latin1')).not.toContain('ada');
    expect(await ringOf().open(mine, sealed)).toBe('ada@customer.example');
    await expect(ring.open(yours, sealed)).rejects.toMatchObject({ code: 'PayloadCorrupt' });
    await expect(ring.open(mine, sealed.subarray(0, -1))).rejects.toMatchObject({ code: 'PayloadCorrupt' });
  });
});

describe('T5: a key that is shredded', () => {
  it('is gone for good: nothing opens, nothing is sealed, a tombstone stays', async () => {
    const name = aName();
    const ring = ringOf();
    const sealed = await ring.seal(name, 'words');
    const { id } = await ring.toSeal(name);
    expect(await ring.shred([name, name], null)).toEqual({ destroyed: 1 });
    expect(await ring.shred([name], null)).toEqual({ destroyed: 0 });
    expect(await ring.open(name, sealed)).toBeNull();
    expect(await ring.toOpen(id)).toEqual({ id, name, secret: null });
    await expect(ring.seal(name, 'more')).rejects.toMatchObject({ code: 'KeyShredded' });
    await expect(ringOf().toSeal(name)).rejects.toMatchObject({ code: 'KeyShredded' });
    expect(await rowOf(name)).toMatchObject({ id, wrapped: null, kek_id: null, shredded_at: expect.any(Date) });
  });

  it('is destroyed with its entry in the log, or not at all; for a key that is gone there is none', async () => {
    const [one, two, never] = [aName(), aName(), aName()];
    const ring = ringOf();
    for (const name of [one, two]) await ring.seal(name, 'words');
    const entry = {
      actor: { kind: 'workflow', id: 'erasure-ERA-1' },
      action: 'erasure.keysDestroyed',
      object: one,
    } as const;
    const logged = () =>
      db.selectFrom('audit_entries').select(['actor_id', 'action', 'after']).where('object', '=', one).execute();

    const { allow } = await refuseEntries(db, entry.action);
    await expect(ring.shred([one, two], entry)).rejects.toThrow('the log is away');
    for (const name of [one, two]) expect((await rowOf(name)).wrapped).not.toBeNull();
    await allow();
    expect(await ring.shred([one, two, never], entry)).toEqual({ destroyed: 2 });
    expect(await ring.shred([one, two, never], entry)).toEqual({ destroyed: 0 });
    expect(await logged()).toEqual([{ actor_id: 'erasure-ERA-1', action: entry.action, after: { keys: 2 } }]);
  });

  it('was perhaps never made, and never is from then on', async () => {
    const name = aName();
    expect(await ringOf().shred([name], null)).toEqual({ destroyed: 0 });
    await expect(ringOf().toSeal(name)).rejects.toMatchObject({ code: 'KeyShredded' });
  });

  it('is not brought back by a look-up that was under way', async () => {
    const name = aName();
    const { id } = await ringOf().toSeal(name);
    const { id: kekId, wrap, unwrap } = await kek();
    const gate = signal();
    const slow = {
      id: kekId,
      wrap,
      unwrap: (...args: Parameters<typeof unwrap>) => gate.promise.then(() => unwrap(...args)),
    };
    const asked = signal();
    const ring = ringOf({
      kek: async () => {
        asked.resolve();
        return slow;
      },
    });
    const late = ring.toOpen(id);
    await asked.promise;
    await ring.shred([name], null);
    gate.resolve();
    expect((await late).secret).toBeNull();
    expect((await ring.toOpen(id)).secret).toBeNull();
  });

  it('is forgotten by another process with its next look', async () => {
    const name = aName();
    const [here, there] = [ringOf(), ringOf()];
    const sealed = await here.seal(name, 'words');
    expect(await there.open(name, sealed)).toBe('words');
    await here.shred([name], null);
    // Until then it does not know.
    expect(await there.open(name, sealed)).toBe('words');
    await there.look();
    expect(await there.open(name, sealed)).toBeNull();
  });

  it('is looked for by itself, several times in the minute that it may take', async () => {
    const name = aName();
    const [here, there] = [ringOf(), ringOf({ pollMs: 20 })];
    const sealed = await here.seal(name, 'words');
    await there.open(name, sealed);
    await here.shred([name], null);
    await expect.poll(() => there.open(name, sealed), { timeout: 5_000 }).toBeNull();
  });
});

describe('keys at hand', () => {
  it('are let go when their time is over, whoever looks or does not', async () => {
    const name = aName();
    let now = 1_000_000;
    const here = ringOf();
    const there = ringOf({ now: () => now, ttlMs: 60_000 });
    const sealed = await here.seal(name, 'words');
    await there.open(name, sealed);
    await here.shred([name], null);
    now += 59_999;
    expect(await there.open(name, sealed)).toBe('words');
    now += 1;
    expect(await there.open(name, sealed)).toBeNull();
  });

  it('serve while PostgreSQL is away, until their time is over', async () => {
    const name = aName();
    let now = 1_000_000;
    const url = Object.assign(new URL(database.url), { host: proxy.address });
    const ring = ringOf({ url: url.href, now: () => now, ttlMs: 60_000 });
    const sealed = await ring.seal(name, 'words');
    proxy.mode = 'refuse';
    try {
      now += 59_999;
      expect(await ring.open(name, sealed)).toBe('words');
      now += 1;
      await expect(ring.open(name, sealed)).rejects.toThrow();
    } finally {
      proxy.mode = 'pass';
    }
  });

  it('are no more than there is room for: the one used longest ago goes', async () => {
    const ring = ringOf({ size: 2 });
    const [a, b, c] = await Promise.all([aName(), aName(), aName()].map((name) => ringOf().toSeal(name)));
    if (!a || !b || !c) throw new Error('there are three');
    const asked = async (id: string) => {
      const before = kek.asked.unwraps;
      await ring.toOpen(id);
      return kek.asked.unwraps - before;
    };
    expect([await asked(a.id), await asked(b.id), await asked(a.id), await asked(c.id)]).toEqual([1, 1, 0, 1]);
    expect([await asked(a.id), await asked(b.id)]).toEqual([0, 1]);
  });
});

describe('T10: how a workflow treats clear text', () => {
  it('is decided by the first that it meets, and stays whatever is wanted later and elsewhere', async () => {
    const [lenient, strict] = [aName(), aName()];
    const ring = ringOf();
    expect(await ring.clearText(lenient, 'accept')).toBe('accept');
    expect(await ring.clearText(strict, 'refuse')).toBe('refuse');
    for (const one of [ring, ringOf()]) {
      expect(await one.clearText(lenient, 'refuse')).toBe('accept');
      expect(await one.clearText(strict, 'accept')).toBe('refuse');
    }
    expect(await rowOf(lenient)).toMatchObject({ clear_text: true, refuses_clear_text: false });
    expect(await rowOf(strict)).toMatchObject({ clear_text: true, refuses_clear_text: true });
  });

  it('keeps a flagged name free for its key', async () => {
    const name = aName();
    const ring = ringOf();
    await ring.clearText(name, 'accept');
    const { id } = await ring.toSeal(name);
    expect(await rowOf(name)).toMatchObject({ id, clear_text: true, wrapped: expect.anything() });
  });
});
