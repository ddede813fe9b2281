-- Up Migration

-- A customer and an agent may have the same id: each gets a message of their own.
alter table deliveries drop constraint deliveries_ticket_id_occasion_recipient_id_channel_key;
alter table deliveries
  add constraint deliveries_recipient unique (ticket_id, occasion, recipient_kind, recipient_id, channel);

-- Down Migration
alter table deliveries drop constraint deliveries_recipient;
alter table deliveries add unique (ticket_id, occasion, recipient_id, channel);
