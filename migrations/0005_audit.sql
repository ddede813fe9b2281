-- Up Migration

-- Who did what. Written in the statement of the effect itself, without a position: no lock is shared on a ticket's path.
create table audit_entries (
  id bigint generated always as identity primary key,
  -- Whole milliseconds, the database's clock.
  at timestamptz not null default date_trunc('milliseconds', clock_timestamp()),
  actor_kind text not null check (actor_kind in ('person', 'key', 'workflow', 'system')),
  actor_id text not null,
  action text not null,
  object text not null,
  why text,
  -- Ids, labels and numbers: never personal data, since nothing here can be taken back.
  before jsonb,
  after jsonb
);
-- What happened to this ticket, this erasure?
create index audit_entries_object on audit_entries (object, id);

-- The order of the entries, and the proof of it: each hash covers the entry, its position and the hash before it.
create table audit_chain (
  position bigint primary key check (position > 0),
  -- No foreign key: an entry that was removed must leave its place behind.
  entry_id bigint not null unique,
  hash bytea not null check (length(hash) = 32)
);

-- What has no position yet. Entries are committed in another order than that of their ids, so nobody can look for the new ones "after the last".
create table audit_unplaced (
  entry_id bigint primary key
);

-- By its owner's right: who may write entries need not be able to touch this list.
create function audit_list_unplaced() returns trigger
language plpgsql security definer as $$
begin
  insert into audit_unplaced (entry_id) select id from written;
  return null;
end
$$;
-- Temporary tables last: they would come first, and a writer's own could take the list's place.
do $$
begin
  execute format('alter function audit_list_unplaced() set search_path = %I, pg_temp', current_schema());
end
$$;
create trigger audit_entries_unplaced after insert on audit_entries
  referencing new table as written for each statement execute function audit_list_unplaced();

create function audit_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % refused', tg_table_name, lower(tg_op) using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_entries_append_only before update or delete or truncate on audit_entries
  for each statement execute function audit_refuse_change();
create trigger audit_chain_append_only before update or delete or truncate on audit_chain
  for each statement execute function audit_refuse_change();

-- Always: `session_replication_role = replica` would pass the others by.
alter table audit_entries enable always trigger audit_entries_unplaced;
alter table audit_entries enable always trigger audit_entries_append_only;
alter table audit_chain enable always trigger audit_chain_append_only;

-- The members of `one` that `other` has not, or has otherwise.
create function audit_changed(one jsonb, other jsonb) returns jsonb
language sql immutable parallel safe
return (select jsonb_object_agg(key, value) from jsonb_each(one) where value is distinct from other -> key);

-- Down Migration
drop table audit_unplaced, audit_chain, audit_entries;
drop function audit_list_unplaced, audit_refuse_change, audit_changed;
