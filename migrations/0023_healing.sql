-- Up Migration

-- How the calls to a provider went lately, by all workers. Written when one fails.
create table provider_circuits (
  provider text primary key,
  failures integer not null,
  successes integer not null,
  window_began timestamptz not null,
  last_failure_at timestamptz not null
);

-- A provider was left alone: from the failure that opened its circuit until everything about it is done.
create table provider_incidents (
  id bigint generated always as identity primary key,
  provider text not null,
  -- How the call ended that opened it, in words of ours.
  reason text not null,
  opened_at timestamptz not null default now(),
  -- The remedy: calls that it took the place of, how many of the last ones it did not help, and why it ended.
  used integer not null default 0,
  unhelped integer not null default 0,
  stopped_at timestamptz,
  stopped_why text check (stopped_why in ('reach', 'noHelp')),
  -- The provider is asked for: how often so far, how many of the last probes succeeded, and when next.
  probes integer not null default 0,
  good_probes integer not null default 0,
  pause_ms bigint not null,
  probe_at timestamptz not null,
  last_probe text,
  closed_at timestamptz,
  -- `probe`, or who of us said so.
  closed_by text,
  -- Those concerned know, and what was done without the provider was looked at again.
  over_at timestamptz,
  -- Somebody is at it until then; after that its workflow is woken, or begun anew.
  watched_until timestamptz not null default now(),
  check ((stopped_at is null) = (stopped_why is null)),
  check ((closed_at is null) = (closed_by is null)),
  check (over_at is null or closed_at is not null)
);
-- One at a time. Is the circuit open?
create unique index provider_incidents_open on provider_incidents (provider) where closed_at is null;
-- At which does somebody have to look?
create index provider_incidents_watched on provider_incidents (watched_until) where over_at is null;

-- Whom we told of an incident: one row a message, written before it and confirmed after it.
create table incident_messages (
  incident_id bigint not null references provider_incidents (id),
  occasion text not null check (occasion in ('opened', 'stopped', 'closed')),
  -- An admin's id, or `pagerduty`.
  recipient_id text not null,
  channel text not null check (channel in ('slack', 'mail', 'pagerduty')),
  status text not null check (status in ('sending', 'sent', 'unknown', 'failed')),
  attempts integer not null default 1,
  reason text,
  updated_at timestamptz not null default now(),
  primary key (incident_id, occasion, recipient_id, channel)
);

-- Tickets that had to do without a provider, and are looked at again when it is back.
create table degraded_tickets (
  ticket_id text not null references tickets (id),
  provider text not null,
  at timestamptz not null default now(),
  -- Told to look again.
  again_at timestamptz,
  primary key (ticket_id, provider)
);
-- Which are still to be looked at?
create index degraded_tickets_waiting on degraded_tickets (provider, at) where again_at is null;
-- What is old enough to go?
create index degraded_tickets_at on degraded_tickets (at);

-- Down Migration
drop table degraded_tickets, incident_messages, provider_incidents, provider_circuits;
