-- Up Migration

-- Of a message that came by mail: its Message-ID, so that our answer stands below it in the customer's mail program, and what is new in it,
-- without quotes and signature; null where all of it is new.
alter table messages add column mail_id text, add column new_words text;

-- Mails that nobody has answered for yet: their sender is not proved, or they can't be read. A person releases or drops them; after 30
-- days they go.
create table parked_mails (
  id text primary key,
  reason text not null check (reason in ('virus', 'spam', 'forged', 'unproved', 'refused', 'elsewhere')),
  -- The address in From, in small letters; null where none can be read.
  sender text,
  -- As it came, a character for a byte; null where the content is elsewhere.
  mail text,
  -- SES's id of it.
  provider_id text not null,
  at timestamptz not null default now()
);
-- Which are too old?
create index parked_mails_at on parked_mails (at);
-- Which bear this person's address?
create index parked_mails_sender on parked_mails (sender) where sender is not null;

-- Down Migration
drop table parked_mails;
alter table messages drop column mail_id, drop column new_words;
