-- Up Migration

-- What goes wrong and waits in a list for somebody to look: the admins hear of it once when it begins, and once when it is over.
create table notices (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('webhook', 'mails', 'policies')),
  -- The endpoint; of mails and policies nothing: there is one at a time.
  subject text not null,
  -- In words of ours.
  reason text not null,
  began_at timestamptz not null default now(),
  -- When it was noticed last, where nothing but its noticing says that it goes on.
  seen_at timestamptz not null default now(),
  ended_at timestamptz,
  -- Those concerned know.
  over_at timestamptz,
  -- Somebody is at telling it until then; infinity: all is told that there is to tell yet.
  watched_until timestamptz not null default now(),
  check (over_at is null or ended_at is not null)
);
-- Is it known already?
create unique index notices_open on notices (kind, subject) where ended_at is null;
-- Of which does somebody have to hear?
create index notices_watched on notices (watched_until) where over_at is null;

-- Whom we told: one row a message, written before it and confirmed after it.
create table notice_messages (
  notice_id bigint not null references notices (id),
  occasion text not null check (occasion in ('began', 'ended')),
  recipient_id text not null,
  channel text not null check (channel in ('slack', 'mail')),
  status text not null check (status in ('sending', 'sent', 'unknown', 'failed')),
  attempts integer not null default 1,
  reason text,
  updated_at timestamptz not null default now(),
  primary key (notice_id, occasion, recipient_id, channel)
);

-- Down Migration
drop table notice_messages, notices;
