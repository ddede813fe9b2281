-- Up Migration

-- What the mail provider says afterwards of a mail that it took.
alter table deliveries drop constraint deliveries_status_check;
alter table deliveries add constraint deliveries_status_check check (status in ('queued', 'sending', 'sent', 'unknown', 'delivered', 'bounced',
  'complained', 'failed', 'suppressed'));

-- Notifications of SNS that were taken, so that a repeated one is known; finished: everybody who has to know was told.
create table sns_messages (
  message_id text primary key,
  taken_at timestamptz not null default now(),
  finished_at timestamptz
);
-- Which are so old that they would be refused by their timestamp?
create index sns_messages_taken on sns_messages (taken_at);

-- Customers who get no mail: theirs came back for good, or they complained of it. Goes with the customer in an erasure.
create table suppressions (
  id bigint generated always as identity primary key,
  customer_id text not null unique,
  reason text not null check (reason in ('bounced', 'complained')),
  since timestamptz not null default now()
);

-- Down Migration
drop table suppressions, sns_messages;
update deliveries set status = 'sent' where status in ('delivered', 'bounced', 'complained');
alter table deliveries drop constraint deliveries_status_check;
alter table deliveries add constraint deliveries_status_check
  check (status in ('queued', 'sending', 'sent', 'unknown', 'failed', 'suppressed'));
