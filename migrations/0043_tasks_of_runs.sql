-- Up Migration

-- A flow that runs without a ticket asks people too. Whose data the run is about stands with its key.
alter table human_tasks
  -- The workflow whose flow waits for it, and its first run: one that is started anew under its id asks anew.
  add column workflow_id text,
  add column first_run_id text,
  drop constraint human_tasks_check1,
  add constraint human_tasks_occasion check (occasion is null or ticket_id is not null or workflow_id is not null),
  add constraint human_tasks_of_run check (workflow_id is null or (first_run_id is not null and occasion is not null and ticket_id is null));
-- A run's step asks once, and anew what nobody needed to decide any more.
create unique index human_tasks_step on human_tasks (workflow_id, first_run_id, occasion) where ending is distinct from 'withdrawn';
-- Which are of this person's runs?
create index human_tasks_workflow on human_tasks (workflow_id) where workflow_id is not null;

-- Down Migration
delete from human_task_messages where task_id in (select id from human_tasks where workflow_id is not null);
delete from human_task_decisions where task_id in (select id from human_tasks where workflow_id is not null);
delete from human_tasks where workflow_id is not null;
alter table human_tasks
  drop constraint human_tasks_of_run,
  drop constraint human_tasks_occasion,
  drop column workflow_id,
  drop column first_run_id,
  add constraint human_tasks_check1 check (occasion is null or ticket_id is not null);
