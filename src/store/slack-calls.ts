import { sql } from 'kysely';
import type { SlackCalls } from '../http/deps.ts';
import type { Database } from './database.ts';

/** Later than this a call is refused by its own timestamp. Twice what the clocks may differ, and as much again for ours. */
const REMEMBERED = sql`interval '15 minutes'`;

/** Calls of Slack that were taken, at whichever gateway. */
export function createSlackCalls(db: Database): SlackCalls {
  return {
    async take(digest) {
      const { rows } = await sql`
        with forgotten as (delete from slack_calls where taken_at < now() - ${REMEMBERED})
        insert into slack_calls (digest) values (${Buffer.from(digest)}) on conflict do nothing returning 1`.execute(
        db,
      );
      return { known: rows.length === 0 };
    },
  };
}
