-- Up Migration

-- What an operator said to many parked steps at once.
create table parked_batches (
  id text primary key,
  act text not null check (act in ('retry', 'fix', 'skip', 'abort')),
  -- The group as it was shown: domain/parked-group.ts.
  fingerprint text not null,
  per_second integer not null check (per_second > 0),
  -- JSON of the operator's, the input of `fix` or the result of `skip`: sealed under a key of the batch's own, which is destroyed at its end.
  given bytea,
  started_by text not null,
  started_at timestamptz not null default now(),
  -- When its steps were written down; those that are parked later are not of this batch.
  taken_at timestamptz,
  ending text check (ending in ('finished', 'cancelled')),
  ended_at timestamptz,
  check ((ending is null) = (ended_at is null)),
  check (ended_at is null or given is null)
);

create table parked_batch_items (
  batch_id text not null references parked_batches (id),
  position integer not null,
  ticket_id text not null references tickets (id),
  step text not null,
  -- The timeline's entry that says it is parked: a step that is parked anew later is another one.
  seq integer not null,
  attempts integer not null default 0,
  -- Null: untouched, or under way.
  outcome text check (outcome in ('done', 'gone', 'refused', 'failed')),
  why text,
  settled_at timestamptz,
  primary key (batch_id, position),
  check ((outcome is null) = (settled_at is null))
);
-- What was said to the steps of this ticket?
create index parked_batch_items_ticket on parked_batch_items (ticket_id);

-- Down Migration
drop table parked_batch_items, parked_batches;
