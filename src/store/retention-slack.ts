/** What retention has left in Slack: rows whose words are gone, and whose message is not. */
import { type RawBuilder, sql } from 'kysely';
import type { RetainedCopy, SlackLeft } from '../deps-retention.ts';
import { RETENTION_CATEGORIES } from '../domain/retention.ts';
import type { Database } from './database.ts';
import { type CopyColumns, copiesOf, IN_SLACK, RUN_COPY, TICKET_COPY } from './slack-copies.ts';

/** Of a customer's id: a hold on one of what retention takes, or on all. */
export function isHeldFor(customerId: RawBuilder<unknown>, now: Date) {
  return sql`exists (select 1 from legal_holds h where h.customer_id = ${customerId} and h.lifted_at is null
    and (h.until is null or h.until >= ${now}) and h.category = any(${[...RETENTION_CATEGORIES, 'all']}::text[]))`;
}

/** Of a customer's id: an erasure has them, and sees to what it was told, or keeps it. */
export function isErasures(customerId: RawBuilder<unknown>) {
  return sql`exists (select 1 from customers c join erasures e on e.id = c.erasure_id where c.id = ${customerId}
    and (e.ended_at is null or e.still_kept && '{conversations,deliveries}'::text[]))`;
}

/** Whole workflows, by their ids from behind this one on. */
export async function slackLeft(
  db: Database,
  { now, after, limit }: { readonly now: Date; readonly after: string; readonly limit: number },
): Promise<SlackLeft> {
  const { rows } = await sql<CopyColumns>`
    with found as (
      select ${TICKET_COPY} from tickets t join deliveries d on d.ticket_id = t.id
      where t.emptied_at is not null and ${IN_SLACK} and not ${isHeldFor(sql`t.customer_id`, now)}
        and not ${isErasures(sql`t.customer_id`)}
        -- An erasure has looked for what was lost.
        and (d.provider_message_id is not null
          or not exists (select 1 from customers c where c.id = t.customer_id and c.erasure_id is not null))
      union all select ${RUN_COPY} from data_keys k join run_messages d on d.workflow_id = k.name
      where k.shredded_at is not null and ${IN_SLACK} and not ${isHeldFor(sql`k.subject_id`, now)}
        and not ${isErasures(sql`k.subject_id`)}
        and (d.provider_message_id is not null
          or not exists (select 1 from customers c where c.id = k.subject_id and c.erasure_id is not null))),
    owners as (select distinct owner from found where owner > ${after} order by owner limit ${limit})
    select * from found where owner in (select owner from owners) order by owner, id`.execute(db);
  const owners = [...new Set(rows.map(({ owner }) => owner))];
  return { copies: copiesOf(rows), next: owners.length < limit ? null : (owners.at(-1) ?? null) };
}

/** It stands there no more. What nobody knew of is known by now: it was sent, or it was not. */
export async function slackGone(db: Database, { table, id, messageId }: RetainedCopy, stood: boolean): Promise<void> {
  const known = sql`provider_message_id = null`;
  const found = stood
    ? sql`status = 'sent', reason = null, updated_at = now()`
    : sql`status = 'failed', reason = 'not in Slack', updated_at = now()`;
  await sql`update ${sql.table(table)} set ${messageId === null ? found : known} where id = ${id}::bigint`.execute(db);
}
