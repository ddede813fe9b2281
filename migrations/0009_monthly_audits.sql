-- Up Migration

-- The first report of a month is the month's report: it stands as it was given out, byte for byte.
create table monthly_audits (
  month text primary key check (month ~ '^\d{4}-(0[1-9]|1[0-2])$'),
  -- Canonical JSON: labels, numbers, times and random ids; nothing of any customer.
  figures text not null,
  sha256 bytea not null check (sha256 = sha256(convert_to(figures, 'UTF8'))),
  html text not null,
  -- How many workflows of erasures could be looked at then; the server forgets ended ones.
  workflows jsonb not null,
  made_at timestamptz not null default now()
);
create trigger monthly_audits_append_only before update or delete or truncate on monthly_audits
  for each statement execute function audit_refuse_change();
alter table monthly_audits enable always trigger monthly_audits_append_only;

-- Each time that the month was measured: did the same come out?
create table monthly_audit_runs (
  month text not null references monthly_audits (month),
  run_id text not null,
  outcome text not null check (outcome in ('first', 'same', 'differs')),
  -- Of each figure that differs: its path, what the report says, and what was measured.
  differences jsonb not null default '[]',
  at timestamptz not null default now(),
  primary key (month, run_id)
);

-- Mails to privacy officers: `sending` before, `sent` after. Addresses are not here.
create table monthly_audit_mails (
  month text not null references monthly_audits (month),
  officer_id text not null,
  occasion text not null,
  status text not null check (status in ('sending', 'sent')),
  attempts integer not null default 1,
  updated_at timestamptz not null default now(),
  primary key (month, officer_id, occasion)
);

-- How many tickets lost their words in that month?
create index tickets_emptied on tickets (emptied_at) where emptied_at is not null;

-- Down Migration
drop index tickets_emptied;
drop table monthly_audit_mails, monthly_audit_runs, monthly_audits;
