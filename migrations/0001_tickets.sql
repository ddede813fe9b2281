-- Up Migration

-- Personal data lies in customers and messages. Every other table holds ids, labels and numbers.
create table customers (
  id text primary key,
  name text,
  email text,
  tier text,
  -- 'crm': known before any ticket; 'ticket': first heard of by one.
  known_from text not null check (known_from in ('crm', 'ticket')),
  first_ticket_id text,
  created_at timestamptz not null default now()
);
-- Whose mail is this?
create index customers_email on customers (lower(email));

create table tickets (
  id text primary key,
  source text not null,
  customer_id text not null references customers (id),
  -- The workflow run that took the id: a repeat of its first step is not a second ticket.
  run_id text not null,
  flow text not null,
  channel text,
  linked_to text,
  platform_score double precision,
  envelope_tier text,
  state text not null,
  route text not null,
  priority text,
  tier text,
  assignee_id text,
  episode integer not null default 1,
  needs_attention boolean not null default false,
  -- Enrichment and decision: labels and numbers, each with its source.
  facts jsonb not null default '{}',
  -- The highest timeline sequence that this row has taken in: an older write never overwrites a newer one.
  revision integer not null default 0,
  opened_at timestamptz not null,
  updated_at timestamptz not null
);
-- What does this customer have with us, and since when?
create index tickets_customer on tickets (customer_id, opened_at);
-- How loaded is this agent?
create index tickets_assignee on tickets (assignee_id) where state not in ('solved', 'closed');
-- What waits for an operator?
create index tickets_attention on tickets (updated_at) where needs_attention;
-- The newest first, for lists.
create index tickets_opened on tickets (opened_at desc);

create table messages (
  id bigint generated always as identity primary key,
  -- No foreign key: an early event's text waits here for its ticket.
  ticket_id text not null,
  -- What made it: the first message, an event's key, an occasion. The same one is written once.
  origin text not null,
  author text not null check (author in ('customer', 'bot', 'agent')),
  author_id text,
  subject text,
  body text not null,
  at timestamptz not null default now(),
  unique (ticket_id, origin)
);

create table timeline (
  ticket_id text not null references tickets (id),
  seq integer not null,
  at timestamptz not null,
  kind text not null,
  actor text not null,
  facts jsonb not null,
  primary key (ticket_id, seq)
);

-- Outside events that were taken: a repeated one is taken once.
create table events (
  ticket_id text not null,
  source text not null,
  event_id text not null,
  taken_at timestamptz not null default now(),
  primary key (ticket_id, source, event_id)
);

-- Events that came before their ticket.
create table held_events (
  ticket_id text not null,
  source text not null,
  event_id text not null,
  type text not null,
  message_id bigint,
  agent_id text,
  score integer,
  held_at timestamptz not null default now(),
  primary key (ticket_id, source, event_id)
);
-- What waits for this ticket?
create index held_events_ticket on held_events (ticket_id, held_at);

create table deliveries (
  id bigint generated always as identity primary key,
  ticket_id text not null references tickets (id),
  occasion text not null,
  recipient_kind text not null check (recipient_kind in ('customer', 'agent', 'team')),
  recipient_id text not null,
  channel text not null,
  transport text not null,
  template text not null,
  message_id bigint,
  facts jsonb not null default '{}',
  status text not null check (status in ('queued', 'sending', 'sent', 'unknown', 'failed', 'suppressed')),
  attempts integer not null default 0,
  -- Sends made although an earlier answer was lost.
  repeats integer not null default 0,
  reason text,
  provider_message_id text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (ticket_id, occasion, recipient_id, channel)
);
-- Which ticket does this answer to our mail belong to?
create index deliveries_provider_message on deliveries (provider_message_id) where provider_message_id is not null;

-- Who can take tickets; names and addresses stay in policies/team.yaml.
create table agents (
  id text primary key,
  skills text[] not null,
  capacity integer not null check (capacity >= 0),
  on_duty boolean not null
);

create table assignments (
  ticket_id text not null references tickets (id),
  occasion text not null,
  agent_id text,
  at timestamptz not null default now(),
  primary key (ticket_id, occasion)
);

create table ratings (
  ticket_id text not null references tickets (id),
  episode integer not null,
  score integer not null check (score between 1 and 5),
  at timestamptz not null default now(),
  primary key (ticket_id, episode)
);

-- The last good answer of a source, for policies that may take a stale one.
create table snapshots (
  source text primary key,
  body jsonb not null,
  at timestamptz not null
);

create table api_keys (
  id text primary key,
  name text not null,
  -- SHA-256 of the key, hex; the key itself is shown once and kept nowhere.
  hash text not null unique,
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);

-- Down Migration
drop table api_keys, snapshots, ratings, assignments, agents, deliveries, held_events, events, timeline, messages, tickets, customers;
