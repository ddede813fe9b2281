import { type RawBuilder, sql } from 'kysely';
import type { Particulars } from '../deps-erasure-store.ts';
import type { Database } from './database.ts';
import { type CopyColumns, copiesOf, IN_SLACK, RUN_COPY, TICKET_COPY } from './slack-copies.ts';

/** What stands in Slack of these tickets (a query of their `id`) and runs (of their keys' `name`). */
export async function slackOf(
  db: Database,
  tickets: RawBuilder<unknown>,
  runs: RawBuilder<unknown>,
): Promise<Required<Pick<Particulars, 'slack' | 'slackLost'>>> {
  const { rows } = await sql<CopyColumns>`
    select ${TICKET_COPY} from (${tickets}) t join deliveries d on d.ticket_id = t.id where ${IN_SLACK}
    union all select ${RUN_COPY} from (${runs}) k join run_messages d on d.workflow_id = k.name where ${IN_SLACK}
    order by owner, id`.execute(db);
  const copies = copiesOf(rows);
  return {
    slack: copies.flatMap(({ messageId }) => messageId ?? []),
    slackLost: copies.flatMap(({ lost }) => lost ?? []),
  };
}
