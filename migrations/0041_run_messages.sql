-- Up Migration

-- What flows without a ticket told somebody: a row a message, written before it and confirmed after it. Its words lie in the run's history
-- alone, under the run's key.
create table run_messages (
  id bigint generated always as identity primary key,
  -- The run; whose data it is about stands with its key.
  workflow_id text not null,
  -- One that is started anew under its id tells anew.
  first_run_id text not null,
  -- The step that tells it.
  occasion text not null,
  recipient_kind text not null check (recipient_kind in ('customer', 'agent', 'team', 'contact')),
  recipient_id text not null,
  channel text not null check (channel in ('mail', 'slack', 'pagerduty')),
  transport text not null check (transport in ('ses', 'slack', 'pagerduty', 'outbox')),
  status text not null check (status in ('queued', 'sending', 'sent', 'unknown', 'delivered', 'bounced', 'complained', 'failed', 'suppressed')),
  -- Quiet hours, or too many of its kind before it.
  not_before timestamptz,
  attempts integer not null default 0,
  -- Sends made although an earlier answer was lost.
  repeats integer not null default 0,
  reason text,
  provider_message_id text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (workflow_id, first_run_id, occasion, recipient_kind, recipient_id, channel)
);
-- Which message does the mail provider speak of?
create index run_messages_provider on run_messages (provider_message_id) where provider_message_id is not null;
-- How many did they get of late?
create index run_messages_recipient on run_messages (recipient_id, created_at);
-- Which are of this person's runs?
create index run_messages_workflow on run_messages (workflow_id);

-- Somebody outside whom the team's file names.
alter table deliveries drop constraint deliveries_recipient_kind_check;
alter table deliveries add constraint deliveries_recipient_kind_check check (recipient_kind in ('customer', 'agent', 'team', 'contact'));

-- Down Migration
delete from deliveries where recipient_kind = 'contact';
alter table deliveries drop constraint deliveries_recipient_kind_check;
alter table deliveries add constraint deliveries_recipient_kind_check check (recipient_kind in ('customer', 'agent', 'team'));
drop table run_messages;
