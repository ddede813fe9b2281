-- Up Migration

-- Which promises run for a ticket, and until when. Everything here follows from the timeline and the rules.
create table sla_clocks (
  ticket_id text not null references tickets (id),
  -- `firstResponse:1`, `nextResponse:1.2`: metric, episode, and which one of the episode.
  id text not null,
  metric text not null check (metric in ('firstResponse', 'nextResponse', 'resolution')),
  episode integer not null,
  status text not null check (status in ('running', 'paused', 'met', 'moot', 'noSla')),
  policy text,
  -- The version of the rules that the ticket came in under.
  rules text not null,
  started_at timestamptz not null,
  target_ms bigint,
  -- Working time that went by while the clock stood still.
  paused_ms bigint not null,
  due_at timestamptz,
  -- The deadlines that went by, not when somebody noticed.
  warned_at timestamptz,
  breached_at timestamptz,
  ended_at timestamptz,
  -- How the deadline came about, in words.
  derivation text not null,
  -- Which write of the ticket this is of.
  revision integer not null,
  written_at timestamptz not null,
  primary key (ticket_id, id)
);
-- What is due next?
create index sla_clocks_due on sla_clocks (due_at) where status = 'running';
-- Which promises were broken then?
create index sla_clocks_breached on sla_clocks (breached_at) where breached_at is not null;

-- The rules that tickets came in under, as they were read: what was decided by them can be recomputed.
create table sla_rules (
  version text primary key,
  rules jsonb not null,
  first_read_at timestamptz not null default now()
);

-- Down Migration
drop table sla_rules, sla_clocks;
