-- Up Migration

-- A ticket stays on the list until its facts say that nothing is missing any more: to have been told to look again is not to have got an answer.
alter table degraded_tickets
  -- How often it was told though no incident covers it.
  add column looks integer not null default 0,
  -- Nothing is missing any more, or it was asked for often enough.
  add column settled_at timestamptz;
-- Which may still be missing something?
create index degraded_tickets_unsettled on degraded_tickets (at) where settled_at is null;

create or replace function degraded_ticket_noted() returns trigger
language plpgsql security definer as $$
begin
  insert into degraded_tickets (ticket_id, provider) values (new.id, 'comprehend')
  on conflict (ticket_id, provider) do update set at = now(), again_at = null, settled_at = null,
    looks = case when degraded_tickets.settled_at is null then degraded_tickets.looks else 0 end
    where degraded_tickets.again_at is not null;
  return null;
end
$$;

-- Made anew it has lost where it looks.
do $$
begin
  execute format('alter function degraded_ticket_noted() set search_path = %I, pg_temp', current_schema());
end
$$;

-- Down Migration
drop index degraded_tickets_unsettled;
alter table degraded_tickets drop column looks, drop column settled_at;

create or replace function degraded_ticket_noted() returns trigger
language plpgsql security definer as $$
begin
  insert into degraded_tickets (ticket_id, provider) values (new.id, 'comprehend')
  on conflict (ticket_id, provider) do update set at = now(), again_at = null where degraded_tickets.again_at is not null;
  return null;
end
$$;

do $$
begin
  execute format('alter function degraded_ticket_noted() set search_path = %I, pg_temp', current_schema());
end
$$;
