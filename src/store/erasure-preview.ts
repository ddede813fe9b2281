import { sql } from 'kysely';
import type { Asked } from '../domain/erase.ts';
import type { Category } from '../domain/privacy-policy.ts';
import type { Database } from './database.ts';
import { isNamed } from './people.ts';

/** What would go, of one category in one store. */
export interface PreviewLine {
  readonly store: string;
  readonly category: Category;
  readonly count: number;
}

/** Counts what is held of a person, by store and category; changes nothing. */
export async function previewErasure(db: Database, asked: Asked): Promise<PreviewLine[]> {
  const { rows } = await sql<PreviewLine>`
    with customer as (select * from customers where erased_at is null and ${isNamed(asked)}),
    ticket as (select t.* from customer c join tickets t on t.customer_id = c.id),
    delivery as (select d.* from ticket t join deliveries d on d.ticket_id = t.id)
    select * from (values
      ('customers', 'identity', (select count(*) from customer)),
      ('customers', 'contact', (select count(*) from customer where email is not null or phone is not null)),
      ('messages', 'conversations', (select count(*) from ticket t join messages m on m.ticket_id = t.id)),
      ('deliveries', 'deliveries', (select count(*) from delivery)),
      ('outbox', 'conversations', (select count(*) from delivery where transport = 'outbox' and status = 'sent')),
      ('slack', 'conversations', (select count(*) from delivery where transport = 'slack' and provider_message_id is not null)),
      ('tickets', 'ticketFacts', (select count(*) from ticket)),
      ('temporal', 'conversations', (select count(*) from ticket)),
      ('keys', 'conversations', (select count(*) from ticket t join data_keys k on k.name = 'ticket-' || t.id where k.wrapped is not null)),
      ('consents', 'consents', (select count(*) from customer c join consents n on n.customer_id = c.id)),
      ('ratings', 'ratings', (select count(*) from ticket t join ratings r on r.ticket_id = t.id))
    ) as line(store, category, count)`.execute(db);
  return rows.map(({ store, category, count }) => ({ store, category, count: Number(count) }));
}
