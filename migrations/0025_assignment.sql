-- Up Migration

-- Each skill with its level, from 1.
alter table agents add column levels jsonb not null default '{}';
update agents set levels = coalesce((select jsonb_object_agg(skill, 1) from unnest(skills) as skill), '{}');
alter table agents drop column skills;
alter table agents rename column levels to skills;

alter table agents
  -- `on_duty` is what the team's file says, and where presence begins: what is said later goes before it, until the file says something else.
  add column presence text not null default 'off' check (presence in ('available', 'away', 'off')),
  add column presence_at timestamptz not null default now(),
  -- Who has been without a new ticket longest?
  add column last_assigned_at timestamptz;
update agents set presence = 'available' where on_duty;
update agents set last_assigned_at = (select max(at) from assignments where agent_id = agents.id);

-- How much of its agent's capacity it takes.
alter table tickets add column weight integer not null default 1 check (weight > 0);

-- Of what the ticket needed, what was given up.
alter table assignments add column relaxed jsonb not null default '[]';

-- Tickets for which nobody has room. A row counts while its ticket is open and nobody has it.
create table waiting_tickets (
  id bigint generated always as identity unique,
  ticket_id text primary key references tickets (id),
  -- The most important first: [{"skill": "german", "level": 2}].
  needs jsonb not null,
  weight integer not null,
  priority text,
  -- Since when the customer waits.
  since timestamptz not null,
  queued_at timestamptz not null,
  -- Who has room for it now, and keeps it until its workflow takes it over; null: nobody yet.
  agent_id text,
  relaxed jsonb not null default '[]'
);
-- How much of this agent's room is promised?
create index waiting_tickets_agent on waiting_tickets (agent_id) where agent_id is not null;

-- How many tickets of this customer do agents have?
create index tickets_held on tickets (customer_id) where assignee_id is not null and state not in ('solved', 'closed');
-- Which wait for an agent?
create index tickets_unassigned on tickets (updated_at) where assignee_id is null and state = 'waitingForAgent';

-- Down Migration
drop index tickets_unassigned, tickets_held;
drop table waiting_tickets;
alter table assignments drop column relaxed;
alter table tickets drop column weight;
alter table agents add column names text[] not null default '{}';
update agents set names = array(select jsonb_object_keys(skills));
alter table agents drop column skills, drop column presence, drop column presence_at, drop column last_assigned_at;
alter table agents rename column names to skills;
alter table agents alter column skills drop default;
