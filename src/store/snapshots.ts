import type { StatusSnapshots } from '../deps.ts';
import type { SystemStatus } from '../domain/enrich.ts';
import type { Database } from './database.ts';

const STATUSPAGE = 'statuspage';

export function createSnapshots(db: Database): StatusSnapshots {
  return {
    async save(status, at) {
      const body = JSON.stringify({ indicator: status.indicator, incidents: status.incidents });
      await db
        .insertInto('snapshots')
        .values({ source: STATUSPAGE, body, at })
        .onConflict((conflict) => conflict.column('source').doUpdateSet({ body, at }))
        .execute();
    },
    async last() {
      const row = await db.selectFrom('snapshots').selectAll().where('source', '=', STATUSPAGE).executeTakeFirst();
      if (!row) return null;
      const body = row.body as unknown as Pick<SystemStatus, 'indicator' | 'incidents'>;
      return { indicator: body.indicator, incidents: body.incidents, at: row.at.toISOString() };
    },
  };
}
