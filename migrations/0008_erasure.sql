-- Up Migration

-- Who asked to be forgotten, and how far that is. Nothing here tells who it is: the address lies sealed under a key of the request's
-- own, which the shred destroys.
create table erasures (
  id text primary key,
  via text not null check (via in ('form', 'api', 'cli', 'event')),
  state text not null,
  received_at timestamptz not null default now(),
  -- The officer or key that asked for the person, where one did.
  requested_by text,
  -- What was given to find the person by: an address, or the customer's id.
  sealed bytea not null,

  -- HMAC of the code with the pepper and this request; of the newest code only.
  code_digest bytea,
  code_expires_at timestamptz,
  code_attempts integer not null default 0,
  codes_sent integer not null default 0,
  proved_at timestamptz,
  -- When the support platform vouched that the person is signed in there.
  asserted_at timestamptz,
  proved_by text check (proved_by in ('code', 'assertion', 'officer')),

  -- The clock: the last day of the month from receipt, and what an officer made of it.
  due_at timestamptz not null,
  extended_to timestamptz,
  extension_reason text,

  decision jsonb,
  approval text check (approval in ('approved', 'refused')),
  ruled_by text,
  ruling_reason text,
  -- The random name by which rows and log know the person afterwards.
  subject_ref text,
  -- Sealed at the freeze, under the same key: addresses, ids, and which messages lie with recipients.
  particulars bytea,
  outcome text,
  ended_at timestamptz,
  erased_at timestamptz
);
-- Which requests are open, and which are late?
create index erasures_open on erasures (due_at) where ended_at is null;
-- What came in that month?
create index erasures_received on erasures (received_at);

-- Receipts: each step is written down once, in its effect's own transaction.
create table erasure_steps (
  erasure_id text not null references erasures (id),
  step text not null,
  receipt jsonb not null,
  at timestamptz not null default now(),
  primary key (erasure_id, step)
);

-- Art. 19: who was given the data and has to be told.
create table erasure_recipients (
  erasure_id text not null references erasures (id),
  recipient text not null,
  kind text not null check (kind in ('slack', 'crm', 'webhook')),
  status text not null check (status in ('open', 'told', 'nothing')),
  attempts integer not null default 0,
  -- A label of ours; what a recipient said stays out, since it may echo what it was sent.
  reason text,
  -- What they have to be told, sealed under a key of its own: it goes when they have answered, or when the window ends.
  notice bytea,
  updated_at timestamptz not null default now(),
  primary key (erasure_id, recipient)
);
-- Who has not answered yet?
create index erasure_recipients_open on erasure_recipients (erasure_id) where status = 'open';

-- What looking again searches for. The key lies outside of the databases and is destroyed when the window ends.
create table erasure_fingerprints (
  erasure_id text not null references erasures (id),
  kind text not null,
  fingerprint bytea not null,
  primary key (erasure_id, kind, fingerprint)
);
create table erasure_findings (
  erasure_id text not null references erasures (id),
  look text not null check (look in ('atOnce', 'later')),
  store text not null,
  place text not null,
  kind text not null,
  at timestamptz not null default now(),
  primary key (erasure_id, look, store, place, kind)
);

-- Mails of a request, by occasion: `sending` before, `sent` after. Addresses are not here.
create table erasure_mails (
  erasure_id text not null references erasures (id),
  occasion text not null,
  status text not null check (status in ('sending', 'sent')),
  attempts integer not null default 1,
  updated_at timestamptz not null default now(),
  primary key (erasure_id, occasion)
);

-- How often somebody asked today. Buckets are keyed hashes, and go with their day.
create table request_limits (
  bucket bytea not null,
  day date not null,
  count integer not null,
  primary key (bucket, day)
);

-- Whose erasure is under way, whose is done.
alter table customers add column erasure_id text references erasures (id);
alter table customers add column frozen_at timestamptz;
alter table customers add column erased_at timestamptz;
create index customers_erasure on customers (erasure_id) where erasure_id is not null;

-- Down Migration
drop index customers_erasure;
alter table customers drop column erased_at, drop column frozen_at, drop column erasure_id;
drop table request_limits, erasure_mails, erasure_findings, erasure_fingerprints, erasure_recipients, erasure_steps, erasures;
