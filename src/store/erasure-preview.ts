import { sql } from 'kysely';
import type { HeldOfPerson } from '../deps-erasure.ts';
import type { SubjectDigests } from '../deps-keys.ts';
import type { Asked } from '../domain/erase.ts';
import type { Held } from '../domain/erase-preview.ts';
import type { Database } from './database.ts';
import { bytes, namesOf } from './key-subjects.ts';
import { isNamed } from './people.ts';

/** Counts what is held of a person, by store and category; changes nothing. */
export async function heldOf(db: Database, digests: SubjectDigests, asked: Asked): Promise<HeldOfPerson> {
  const { rows: tickets } = await sql<{ id: string; email: string | null; ticket_id: string | null }>`
    select c.id, c.email, t.id as ticket_id from customers c left join tickets t on t.customer_id = c.id
    where c.id in (select id from customers where erased_at is null and ${isNamed(asked)}) order by t.opened_at desc, t.id`.execute(
    db,
  );
  const named = namesOf(asked.email === undefined ? { customerId: asked.customerId } : { email: asked.email }, tickets);
  const namedAs = bytes(named.flatMap((who) => digests(who)));
  const { rows } = await sql<Held>`
    with customer as (select * from customers where erased_at is null and ${isNamed(asked)}),
    ticket as (select t.* from customer c join tickets t on t.customer_id = c.id),
    -- Of tickets, and of runs of flows.
    delivery as (select d.transport, d.status, d.provider_message_id from ticket t join deliveries d on d.ticket_id = t.id
      union all select m.transport, m.status, m.provider_message_id from run_messages m join data_keys k on m.workflow_id = k.name
        where k.subject_id in (select id from customer) or k.named_as && ${namedAs}::bytea[]),
    -- As the erasure has it: tickets, those that were refused, and runs of flows.
    workflow as (select 'ticket-' || id as name from ticket
      union select k.name from customer c join data_keys k on k.subject_id = c.id
      union select name from data_keys where named_as && ${namedAs}::bytea[])
    select * from (values
      ('customers', 'identity', (select count(*) from customer)),
      ('customers', 'contact', (select count(*) from customer where email is not null or phone is not null)),
      ('messages', 'conversations', (select count(*) from ticket t join messages m on m.ticket_id = t.id)),
      ('parked_mails', 'conversations', (select count(*) from parked_mails p where p.sender = lower(${asked.email ?? null}::text) or exists (select 1 from customer c
        where p.sender = lower(c.email) or position(lower(c.email) in lower(p.mail)) > 0))),
      ('deliveries', 'deliveries', (select count(*) from delivery)),
      ('outbox', 'conversations', (select count(*) from delivery where transport = 'outbox' and status = 'sent')),
      ('slack', 'conversations', (select count(*) from delivery where transport = 'slack' and provider_message_id is not null)),
      ('tickets', 'ticketFacts', (select count(*) from ticket)),
      ('temporal', 'conversations', (select count(*) from workflow)),
      ('keys', 'conversations', (select count(*) from workflow w join data_keys k on k.name = w.name where k.wrapped is not null)),
      ('consents', 'consents', (select count(*) from customer c join consents n on n.customer_id = c.id)),
      ('consent_history', 'consents', (select count(*) from customer c join consent_history n on n.customer_id = c.id)),
      ('legal_holds', 'requestRecord', (select count(*) from customer c join legal_holds h on h.customer_id = c.id)),
      ('suppressions', 'identity', (select count(*) from customer c join suppressions s on s.customer_id = c.id)),
      ('ratings', 'ratings', (select count(*) from ticket t join ratings r on r.ticket_id = t.id))
    ) as line(store, category, count)`.execute(db);
  return {
    customerIds: [...new Set(tickets.map(({ id }) => id))],
    ticketIds: tickets.flatMap(({ ticket_id }) => ticket_id ?? []),
    held: rows.map(({ store, category, count }) => ({ store, category, count: Number(count) })),
  };
}
