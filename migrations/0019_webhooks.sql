-- Up Migration

-- Who is told of what happens to tickets: the endpoints of policies/webhooks.yaml as the worker read them last, and how each is doing.
create table webhook_endpoints (
  name text primary key,
  events text[] not null,
  -- Only tickets that came from these; null: whoever sent them.
  sources text[],
  -- It stands in the file.
  active boolean not null,
  -- The receiver said that it is gone for good. Until an operator says otherwise nothing is written for it.
  disabled_at timestamptz,
  disabled_why text,
  -- The circuit: failures in a row; once it is open, a probe goes out at `probe_at` and nothing else.
  failures integer not null default 0,
  opened_at timestamptz,
  probe_at timestamptz,
  pause_ms bigint,
  last_success_at timestamptz,
  last_failure_at timestamptz,
  last_failure text,
  -- A pass over its messages is under way, or was asked for, until then.
  held_until timestamptz,
  check ((opened_at is null) = (probe_at is null)),
  check ((disabled_at is null) = (disabled_why is null))
);

-- What an endpoint is told, written in the very statement that changes the ticket. Ids, labels and times: never what anybody wrote.
create table webhook_messages (
  -- Grows with every change of a ticket: whoever changes one holds its row. The receiver sees it as `sequence`.
  id bigint generated always as identity primary key,
  -- `webhook-id`: the same however often it is sent.
  message_id uuid not null unique default gen_random_uuid(),
  endpoint text not null references webhook_endpoints (name),
  -- Null: of a test.
  ticket_id text references tickets (id),
  type text not null,
  facts jsonb not null,
  at timestamptz not null default clock_timestamp(),
  status text not null default 'pending' check (status in ('pending', 'sent', 'failed', 'skipped')),
  attempts integer not null default 0,
  next_at timestamptz not null default now(),
  -- From when on its time counts: when it was written, or sent for again by an operator.
  due_from timestamptz not null default now(),
  -- How the last attempt ended, in words of ours.
  reason text,
  settled_at timestamptz,
  check ((status = 'pending') = (settled_at is null))
);
-- What is to be sent next?
create index webhook_messages_pending on webhook_messages (endpoint, id) where status = 'pending';
-- Does an earlier one of the same ticket still wait?
create index webhook_messages_waiting on webhook_messages (endpoint, ticket_id, id) where status = 'pending';
-- What was written since then? What is old enough to go?
create index webhook_messages_at on webhook_messages (endpoint, at);
-- What was told of this ticket?
create index webhook_messages_ticket on webhook_messages (ticket_id);

-- By triggers, so that whoever changes a ticket can't forget it; by their owner's right, so that nobody else may write messages.
create function webhook_ticket_changed() returns trigger
language plpgsql security definer as $$
begin
  insert into webhook_messages (endpoint, ticket_id, type, facts)
  select e.name, new.id, c.type, jsonb_build_object('state', new.state, 'route', new.route, 'priority', new.priority,
    'assigneeId', new.assignee_id, 'episode', new.episode) || c.facts
  from (values
    (1, 'ticket.created', tg_op = 'INSERT', '{}'::jsonb),
    (2, 'ticket.assigned', tg_op = 'UPDATE' and old.assignee_id is distinct from new.assignee_id,
      jsonb_build_object('previous', jsonb_build_object('assigneeId', old.assignee_id))),
    (3, 'ticket.priority_changed', tg_op = 'UPDATE' and old.priority is distinct from new.priority,
      jsonb_build_object('previous', jsonb_build_object('priority', old.priority))),
    (4, 'ticket.state_changed', tg_op = 'UPDATE' and old.state is distinct from new.state,
      jsonb_build_object('previous', jsonb_build_object('state', old.state)))
  ) as c(place, type, happened, facts), webhook_endpoints e
  where c.happened and e.active and e.disabled_at is null and c.type = any(e.events)
    and (e.sources is null or new.source = any(e.sources))
  order by c.place, e.name;
  return null;
end
$$;

-- What a lost task of the workflow wrote gives way to what came instead (store/change.ts): the same answer is told once.
create function webhook_ticket_answered() returns trigger
language plpgsql security definer as $$
begin
  if tg_op = 'UPDATE' and old.kind = new.kind then
    return null;
  end if;
  insert into webhook_messages (endpoint, ticket_id, type, facts)
  select e.name, t.id, 'ticket.answered', jsonb_build_object('state', t.state, 'route', t.route, 'priority', t.priority,
    'assigneeId', t.assignee_id, 'episode', t.episode, 'by', case new.kind when 'answered' then 'bot' else 'agent' end,
    'agentId', case new.kind when 'answered' then null else new.actor end)
  from tickets t, webhook_endpoints e
  where t.id = new.ticket_id and e.active and e.disabled_at is null and 'ticket.answered' = any(e.events)
    and (e.sources is null or t.source = any(e.sources))
  order by e.name;
  return null;
end
$$;

-- Temporary tables last: they would come first, and a writer's own could take the place of ours.
do $$
begin
  execute format('alter function webhook_ticket_changed() set search_path = %I, pg_temp', current_schema());
  execute format('alter function webhook_ticket_answered() set search_path = %I, pg_temp', current_schema());
end
$$;

create trigger tickets_webhooks_created after insert on tickets for each row execute function webhook_ticket_changed();
create trigger tickets_webhooks_changed after update on tickets for each row
  when ((old.state, old.priority, old.assignee_id) is distinct from (new.state, new.priority, new.assignee_id))
  execute function webhook_ticket_changed();
create trigger timeline_webhooks after insert or update on timeline for each row
  when (new.kind in ('answered', 'agentReplied')) execute function webhook_ticket_answered();

-- Down Migration
drop trigger timeline_webhooks on timeline;
drop trigger tickets_webhooks_changed on tickets;
drop trigger tickets_webhooks_created on tickets;
drop function webhook_ticket_changed, webhook_ticket_answered;
drop table webhook_messages, webhook_endpoints;
