-- Up Migration

-- Every version of a flow that was deployed, or that a worker had in its file: kept for good, since tickets name it.
create table flow_versions (
  name text not null,
  version text not null,
  -- As it is written: `jsonb` would put the fields into another order, and what a flow makes texts of would change.
  definition json not null,
  kept_at timestamptz not null default now(),
  -- When a worker last had it in its file at a start; null: it was deployed only.
  read_at timestamptz,
  primary key (name, version)
);

-- What new tickets take, change by change; the newest row of a flow is in force. Nothing here is ever changed.
create table flow_deployments (
  name text not null,
  -- From 1, without gaps: of two changes that were made of the same state one finds its number taken.
  number integer not null check (number > 0),
  kind text not null check (kind in ('deploy', 'canary', 'promote', 'rollback')),
  version text not null,
  -- What new tickets took before; of a canary: what those take that it does not get.
  base_version text,
  percent integer check (percent between 1 and 99),
  watch_ms bigint check (watch_ms > 0),
  min_tickets integer check (min_tickets > 0),
  -- Who of us, or the workflow that watched a canary.
  made_by text not null,
  why text,
  made_at timestamptz not null default now(),
  primary key (name, number),
  foreign key (name, version) references flow_versions (name, version),
  foreign key (name, base_version) references flow_versions (name, version),
  check ((kind = 'canary') = (percent is not null)),
  check ((kind = 'canary') = (watch_ms is not null)),
  check ((kind = 'canary') = (min_tickets is not null)),
  check (kind <> 'canary' or base_version is not null)
);

-- How a canary ended is told to the admins too.
alter table notices drop constraint notices_kind_check;
alter table notices add constraint notices_kind_check check (kind in ('webhook', 'mails', 'policies', 'canary'));

-- Down Migration
delete from notice_messages where notice_id in (select id from notices where kind = 'canary');
delete from notices where kind = 'canary';
alter table notices drop constraint notices_kind_check;
alter table notices add constraint notices_kind_check check (kind in ('webhook', 'mails', 'policies'));
drop table flow_deployments, flow_versions;
