-- Up Migration

-- Since when who decides in another's place: {"emma": "2026-11-26T12:04:00+00:00"}. Of places that were given before, nobody knows.
alter table human_tasks add column delegated_at jsonb not null default '{}';

-- Down Migration
alter table human_tasks drop column delegated_at;
