-- Up Migration

-- What people are asked to decide, beside a ticket's own hand-over: an approval, a correction.
create table human_tasks (
  id text primary key,
  kind text not null check (kind in ('approval', 'correction')),
  -- Words of ours, as everybody who is asked reads them: they name nobody.
  question text not null,
  form text[] not null check (cardinality(form) > 0),
  -- Ids of those who may decide, as the team's file had them when it was asked.
  audience text[] not null check (cardinality(audience) > 0),
  quorum integer not null check (quorum > 0),
  barred text[] not null default '{}',
  -- Who decides in whose place: {"ben": "ana"}.
  delegates jsonb not null default '{}',
  otherwise text,
  due_at timestamptz,
  ticket_id text references tickets (id),
  -- The step of the ticket's flow that waits for it.
  occasion text,
  -- Of us, whose request it is: they do not decide it, and hear what became of it.
  requester text,
  asked_by text not null,
  asked_at timestamptz not null default now(),
  ending text check (ending in ('decided', 'timedOut', 'withdrawn')),
  outcome text,
  decided_by text[] not null default '{}',
  ended_at timestamptz,
  check ((ending is null) = (ended_at is null)),
  check (occasion is null or ticket_id is not null),
  -- A flow's step asks once.
  unique (ticket_id, occasion)
);
-- What waits to be decided?
create index human_tasks_open on human_tasks (asked_at) where ended_at is null;

create table human_task_decisions (
  task_id text not null references human_tasks (id),
  agent_id text not null,
  act text not null,
  at timestamptz not null,
  -- By which door it came: slack, link, or who showed themselves at the API or the command line.
  via text not null,
  primary key (task_id, agent_id)
);

-- One message to one of us; `asked`: that they may decide, `ended`: what became of their own request.
create table human_task_messages (
  task_id text not null references human_tasks (id),
  occasion text not null check (occasion in ('asked', 'ended')),
  agent_id text not null,
  channel text not null check (channel in ('mail', 'slack')),
  transport text not null check (transport in ('ses', 'slack', 'outbox')),
  status text not null default 'queued' check (status in ('queued', 'sending', 'sent', 'failed', 'suppressed')),
  attempts integer not null default 0,
  reason text,
  provider_message_id text,
  updated_at timestamptz not null default now(),
  primary key (task_id, occasion, agent_id, channel)
);

-- Down Migration
drop table human_task_messages, human_task_decisions, human_tasks;
