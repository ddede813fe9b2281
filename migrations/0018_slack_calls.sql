-- Up Migration

-- Signatures of calls of Slack that were taken: one that comes again is refused, at whichever gateway, and after a restart too. Their timestamp
-- is signed, so that after ten minutes an old one is refused by it.
create table slack_calls (
  digest bytea primary key,
  taken_at timestamptz not null default now()
);
-- Which are so old that they would be refused by their timestamp?
create index slack_calls_taken on slack_calls (taken_at);

-- What our own people note about a ticket: no page or mail for the customer has it.
alter table messages add column internal boolean not null default false;

-- Down Migration
delete from messages where internal;
alter table messages drop column internal;
drop table slack_calls;
