/** Data keys, one per name, wrapped by the key-encryption key, with those in use at hand. */
import { sql } from 'kysely';
import { bindTo, decrypt, encrypt, type SecretKey, secretKey } from '../cipher.ts';
import { SYSTEM_KEY } from '../contract.ts';
import type { DataKeys, KeyEncryption } from '../deps-keys.ts';
import type { AuditEntry } from '../domain/audit.ts';
import { StewardError } from '../domain/errors.ts';
import { insertAuditFrom } from './audit.ts';
import type { Database } from './database.ts';
import { toJson } from './json.ts';
import { createKeyCache } from './key-cache.ts';
import { type ClearText, COLUMNS, createUpserter, findByName, type Row, treat, unknownKey } from './key-rows.ts';

export interface KeyRingOptions {
  readonly db: Database;
  /** Asked for when a key is first wrapped or unwrapped. */
  readonly kek: () => Promise<KeyEncryption>;
  /** Keys at hand at most. */
  readonly size?: number;
  /** After this long a key is looked up anew: whatever else fails, a shredded one opens nothing from then on. */
  readonly ttlMs?: number;
  /** How often it is asked which keys were shredded by other processes. */
  readonly pollMs?: number;
  readonly now?: () => number;
}

export interface DataKey {
  readonly id: string;
  readonly name: string;
  /** Null: it was shredded. */
  readonly secret: SecretKey | null;
}

/** Looks overlap, so that one that failed and a shred that was long in committing are made up for. */
const LOOK_BACK = sql`interval '90 seconds'`;

export interface KeyRing extends DataKeys {
  toSeal(name: string): Promise<DataKey & { readonly secret: SecretKey }>;
  toOpen(id: string): Promise<DataKey>;
  clearText(name: string, wanted: ClearText): Promise<ClearText>;
  /** Does the key-encryption key open what is there? On an empty database the first data key is made. @throws StewardError */
  assertReady(): Promise<void>;
  /** Forgets what others have shredded. */
  look(): Promise<void>;
  close(): Promise<void>;
}

export function createKeyRing(options: KeyRingOptions): KeyRing {
  const { db, kek, size = 2_000, ttlMs = 60_000, pollMs = 10_000, now = Date.now } = options;
  const cache = createKeyCache<DataKey>({ size, ttlMs, now });
  /** What is known of how workflows treat clear text, which never changes. */
  const treated = new Map<string, ClearText>();
  const upsert = createUpserter(db, kek);
  const underWay = new Map<string, Promise<DataKey>>();

  /** Everybody who wants the same key at the same time waits for the same look-up. */
  const once = (what: string, load: () => Promise<DataKey>): Promise<DataKey> => {
    const running = underWay.get(what);
    if (running) return running;
    const loading = load().finally(() => underWay.delete(what));
    underWay.set(what, loading);
    return loading;
  };
  const take = async (row: Row, askedAt: number): Promise<DataKey> => {
    const { id, name } = row;
    if (row.shredded) return cache.put({ id, name, secret: null }, askedAt);
    if (row.wrapped === null) throw unknownKey(id);
    return cache.put({ id, name, secret: await unwrap(await kek(), row) }, askedAt);
  };
  const byId = (id: string) =>
    once(`id ${id}`, async () => {
      const askedAt = now();
      const { rows } = await sql<Row>`select ${COLUMNS} from data_keys where id = ${id}::uuid`.execute(db);
      if (rows[0] === undefined) throw unknownKey(id);
      return take(rows[0], askedAt);
    });
  const byName = (name: string) =>
    once(`name ${name}`, async () => {
      const askedAt = now();
      return take(await upsert(name), askedAt);
    });

  const toSeal: KeyRing['toSeal'] = async (name) => {
    const { id, secret } = cache.named(name) ?? (await byName(name));
    if (secret === null) throw shreddedKey();
    return { id, name, secret };
  };

  const look = async (): Promise<void> => {
    if (cache.size === 0) return;
    const { rows } = await sql<{ id: string }>`
      select id from data_keys where shredded_at > now() - ${LOOK_BACK}`.execute(db);
    for (const { id } of rows) cache.drop(id);
  };
  let looking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    // With PostgreSQL away the time to live is the net.
    looking = look().catch(() => {});
  }, pollMs);
  timer.unref();

  return {
    toSeal,
    toOpen: async (id) => {
      if (!UUID.test(id)) throw unknownKey(id);
      return cache.get(id) ?? byId(id);
    },
    look,

    async clearText(name, wanted) {
      const known = treated.get(name) ?? (await treat(db, name, wanted));
      if (treated.size >= size) treated.clear();
      treated.set(name, known);
      return known;
    },

    async seal(name, text) {
      const { id, secret } = await toSeal(name);
      return encrypt(secret, Buffer.from(text), bindTo('text', name, id));
    },

    async open(name, sealed) {
      const { id, secret } = cache.named(name) ?? (await named(db, name, take, now));
      if (secret === null) return null;
      try {
        return Buffer.from(decrypt(secret, sealed, bindTo('text', name, id))).toString();
      } catch {
        throw new StewardError('PayloadCorrupt', `what was sealed under ${name} does not open: damaged, or another's`);
      }
    },

    async shred(names, entry) {
      if (names.includes(SYSTEM_KEY)) throw new Error('the system key is nobody’s to shred');
      const { rows } = await sql<{ id: string; name: string; was_live: boolean }>`
        with live as (select name from data_keys where name = any(${names}::text[]) and wrapped is not null),
        shredded as (
          insert into data_keys (name, shredded_at) select distinct n, now() from unnest(${names}::text[]) as n
          on conflict (name) do update set wrapped = null, kek_id = null, named_as = null, shredded_at = coalesce(data_keys.shredded_at, now())
          returning id, name)
        ${entry === null ? sql`` : sql`, logged as (${insertDestroyed(entry)})`}
        select id, name, name in (select name from live) as was_live from shredded`.execute(db);
      // A look-up that is under way may bring the key as it was: it finds it gone.
      for (const { id, name } of rows) {
        cache.drop(id);
        cache.put({ id, name, secret: null }, now());
      }
      return { destroyed: rows.filter((row) => row.was_live).length };
    },

    async assertReady() {
      const { rows } = await sql<Row>`select ${COLUMNS} from data_keys where name = ${SYSTEM_KEY}`.execute(db);
      if (rows[0]) await take(rows[0], now());
      else await toSeal(SYSTEM_KEY);
    },

    async close() {
      clearInterval(timer);
      cache.clear();
      await looking;
    },
  };
}

/** For as many keys as are `live`; nothing where there are none. */
function insertDestroyed({ actor, action, object, after }: AuditEntry) {
  return insertAuditFrom(
    action,
    sql`${actor.kind}::text, ${actor.id}::text, ${object}::text, null::text, null::jsonb,
    ${toJson(after ?? {})}::jsonb || jsonb_build_object('keys', count(*)) from live having count(*) > 0`,
  );
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Never makes a key: what was sealed under a name has one. */
async function named(
  db: Database,
  name: string,
  take: (row: Row, askedAt: number) => Promise<DataKey>,
  now: () => number,
): Promise<DataKey> {
  const askedAt = now();
  return take(await findByName(db, name), askedAt);
}

async function unwrap(kek: KeyEncryption, row: Row): Promise<SecretKey> {
  if (row.kek_id !== kek.id) {
    throw new StewardError(
      'InvalidConfig',
      `The data keys in the database were wrapped by the key-encryption key ${row.kek_id}, and this process has ${kek.id}. ` +
        'Give it the file that belongs to this database (STEWARD_KEK_FILE), the same for worker, gateway and CLI; without it nothing that was encrypted can be read.',
    );
  }
  return secretKey(await kek.unwrap(row.wrapped ?? new Uint8Array(), row.name));
}

function shreddedKey(): StewardError {
  return new StewardError(
    'KeyShredded',
    'its key was destroyed by an erasure: nothing can be written under this id any more',
  );
}
