import { randomBytes } from 'node:crypto';
import type { KeyRole } from '../domain/access.ts';
import type { Database } from './database.ts';

export interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly role: KeyRole;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}

/** API keys by their hash; the key itself is never here. */
export function createKeyStore(db: Database) {
  return {
    /** The role with the fewest rights, unless another is asked for. */
    async add(name: string, hash: string, role: KeyRole = 'agent'): Promise<string> {
      const id = randomBytes(6).toString('hex');
      await db.insertInto('api_keys').values({ id, name, hash, role, revoked_at: null }).execute();
      return id;
    },
    async list(): Promise<KeyRow[]> {
      const rows = await db.selectFrom('api_keys').selectAll().orderBy('created_at').execute();
      return rows.map((r) => ({
        id: r.id,
        name: r.name,
        role: r.role,
        createdAt: r.created_at,
        revokedAt: r.revoked_at,
      }));
    },
    /** False when there is no such key, or it is revoked already. */
    async revoke(id: string): Promise<boolean> {
      const done = await db
        .updateTable('api_keys')
        .set({ revoked_at: new Date() })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return done.numUpdatedRows > 0n;
    },
  };
}
export type KeyStore = ReturnType<typeof createKeyStore>;
