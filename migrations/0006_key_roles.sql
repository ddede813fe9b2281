-- Up Migration

-- What a key may do: src/domain/access.ts. Those that are there were made to send events.
alter table api_keys add column role text not null default 'agent'
  check (role in ('agent', 'operator', 'privacyOfficer', 'auditor', 'admin'));
-- Who makes a key says what it is for.
alter table api_keys alter column role drop default;

-- Down Migration
alter table api_keys drop column role;
