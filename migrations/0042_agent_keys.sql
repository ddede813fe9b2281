-- Up Migration

-- Whose own key it is: an agent of the team's file, whom whoever shows it acts as, and nobody else. Null: it speaks for many.
alter table api_keys add column agent_id text;

-- Down Migration
alter table api_keys drop column agent_id;
