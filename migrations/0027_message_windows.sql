-- Up Migration

-- How many messages of one template one of us got over one channel within a while. What is more comes as one summary when the window has ended.
create table message_windows (
  id bigint generated always as identity primary key,
  recipient_id text not null,
  channel text not null check (channel in ('mail', 'slack')),
  template text not null,
  -- Its messages wait for quiet hours to end then; -infinity: they do not wait.
  held_until timestamptz not null default '-infinity',
  ends_at timestamptz not null,
  -- How many go out one by one; what is more is summarised.
  most integer not null check (most > 0),
  messages integer not null default 0,
  -- No message is counted here any more.
  closed_at timestamptz,
  -- Of the summary; null: nobody has begun with it.
  status text check (status in ('sending', 'sent', 'unknown', 'failed')),
  sent_by text check (sent_by in ('mail', 'slack')),
  -- The delivery in whose name it is sent.
  sender bigint,
  attempts integer not null default 0,
  -- Sends made although an earlier answer was lost.
  repeats integer not null default 0,
  -- Until then it is its sender's to try; later anybody's whose message it tells of.
  next_at timestamptz,
  reason text,
  provider_message_id text,
  updated_at timestamptz not null default now()
);
-- Which window does this message count in?
create unique index message_windows_open on message_windows (recipient_id, channel, template, held_until) where closed_at is null;

alter table deliveries add column window_id bigint references message_windows (id);
-- What does this summary tell of?
create index deliveries_window on deliveries (window_id) where window_id is not null;
alter table deliveries drop constraint deliveries_status_check;
alter table deliveries add constraint deliveries_status_check check (status in ('queued', 'sending', 'sent', 'unknown', 'delivered', 'bounced',
  'complained', 'failed', 'suppressed', 'summarised'));

-- Down Migration
update deliveries set status = 'suppressed' where status = 'summarised';
alter table deliveries drop constraint deliveries_status_check;
alter table deliveries add constraint deliveries_status_check check (status in ('queued', 'sending', 'sent', 'unknown', 'delivered', 'bounced',
  'complained', 'failed', 'suppressed'));
alter table deliveries drop column window_id;
drop table message_windows;
