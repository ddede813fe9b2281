-- Up Migration

-- What an erasure still keeps, by category, since it ended; and what of that has ended since: [{category, how, at}].
alter table erasures add column still_kept text[] not null default '{}';
alter table erasures add column kept_ended jsonb not null default '[]';
-- Of whom is something kept whose reason may have ended?
create index erasures_still_kept on erasures (id) where still_kept <> '{}';

-- Whose erasure kept this row's name: another request takes erasure_id, and gives it back when it erases nothing.
alter table customers add column kept_by text references erasures (id);
create index customers_kept_by on customers (kept_by) where kept_by is not null;

update erasures e set still_kept = array(select c->>'category' from jsonb_array_elements(e.decision->'categories') c
  where c->>'verdict' = 'keep' and c->>'category' <> 'requestRecord')
  where e.outcome = 'partlyErased' and e.decision is not null;
update customers c set kept_by = c.erasure_id from erasures e
  where e.id = c.erasure_id and e.erased_at is not null and c.erased_at is null;

-- Down Migration
drop index customers_kept_by;
alter table customers drop column kept_by;
drop index erasures_still_kept;
alter table erasures drop column kept_ended, drop column still_kept;
