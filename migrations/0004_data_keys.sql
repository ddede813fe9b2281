-- Up Migration

-- One data key per workflow id (and per erasure request, and the like), wrapped by the key-encryption key. Without `wrapped` and not
-- shredded: no key was needed yet. A shredded row stays as a tombstone, so that no key is ever made for that name again.
create table data_keys (
  name text primary key,
  id uuid not null unique default gen_random_uuid(),
  subject_id text,
  wrapped bytea,
  kek_id text,
  -- The history of this workflow holds text in clear: it is deleted at an erasure, where the key alone would not do.
  clear_text boolean not null default false,
  -- What came in clear was not taken. Decided by the first one that the workflow meets and never changed: a replay must decide the same.
  refuses_clear_text boolean not null default false,
  created_at timestamptz not null default now(),
  shredded_at timestamptz,
  check (wrapped is null or (kek_id is not null and shredded_at is null)),
  check (clear_text or not refuses_clear_text)
);
-- Which keys die with a customer?
create index data_keys_subject on data_keys (subject_id) where subject_id is not null;
-- Which keys were shredded a moment ago?
create index data_keys_shredded on data_keys (shredded_at) where shredded_at is not null;

-- Tickets from before there were keys have histories in clear.
insert into data_keys (name, subject_id, clear_text) select 'ticket-' || id, customer_id, true from tickets;

-- Down Migration
drop table data_keys;
