-- Up Migration

-- A ticket that says of itself that it did without Comprehend is on the list of those that are looked at again, whatever became of the worker
-- that asked: the step that was to put it there may have died with it.
create function degraded_ticket_noted() returns trigger
language plpgsql security definer as $$
begin
  insert into degraded_tickets (ticket_id, provider) values (new.id, 'comprehend')
  on conflict (ticket_id, provider) do update set at = now(), again_at = null where degraded_tickets.again_at is not null;
  return null;
end
$$;

-- Temporary tables last: they would come first, and a writer's own could take the place of ours.
do $$
begin
  execute format('alter function degraded_ticket_noted() set search_path = %I, pg_temp', current_schema());
end
$$;

create trigger tickets_degraded after update of facts on tickets for each row
  when (
    (new.facts -> 'degraded') ? 'sentiment' and not coalesce((old.facts -> 'degraded') ? 'sentiment', false)
    or (new.facts -> 'sentimentNow') is distinct from (old.facts -> 'sentimentNow')
      and new.facts #>> '{sentimentNow,outcome}' in ('fallback', 'missing')
      and new.facts #>> '{sentimentNow,reason}' is not null
  )
  execute function degraded_ticket_noted();

-- Down Migration
drop trigger tickets_degraded on tickets;
drop function degraded_ticket_noted;
