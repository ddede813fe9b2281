import { sql } from 'kysely';
import type { OfficerReader } from '../deps-erasure.ts';
import type { Database } from './database.ts';

export function createOfficerReader(db: Database): OfficerReader {
  return {
    async login() {
      const { rows } = await sql<{ login: string }>`select session_user as login`.execute(db);
      return rows[0]?.login ?? '';
    },
    async key(hash) {
      const found = db.selectFrom('api_keys').select(['id', 'role', 'agent_id as agent']).where('hash', '=', hash);
      return (await found.where('revoked_at', 'is', null).executeTakeFirst()) ?? null;
    },
  };
}
