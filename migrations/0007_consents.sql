-- Up Migration

-- Phones are personal data that people send; like names and addresses they lie in customers alone.
alter table customers add column phone text;

-- What each customer has agreed to, now.
create table consents (
  customer_id text not null references customers (id),
  purpose text not null,
  status text not null check (status in ('granted', 'withdrawn')),
  at timestamptz not null,
  -- Where it was said: `cli`, or the source of the event.
  source text not null,
  -- A label that leads to the proof, such as the form's version; never words of the customer.
  evidence text,
  primary key (customer_id, purpose)
);

-- Every change, for ever: Art. 7(1) asks for proof.
create table consent_history (
  id bigint generated always as identity primary key,
  customer_id text not null references customers (id),
  purpose text not null,
  status text not null check (status in ('granted', 'withdrawn')),
  at timestamptz not null,
  source text not null,
  evidence text,
  recorded_at timestamptz not null default now()
);
-- What did this customer say, and when?
create index consent_history_customer on consent_history (customer_id, id);

-- An erasure takes the name out of a line and what leads back to it; the line itself stays as it was.
create function consent_history_stays() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE'
    and (new.id, new.purpose, new.status, new.at, new.source, new.recorded_at)
      is not distinct from (old.id, old.purpose, old.status, old.at, old.source, old.recorded_at)
    and (new.evidence is null or new.evidence is not distinct from old.evidence) then
    return new;
  end if;
  raise exception 'consent_history is append-only' using errcode = 'insufficient_privilege';
end $$;
create trigger consent_history_rows before update or delete on consent_history
  for each row execute function consent_history_stays();
create trigger consent_history_whole before truncate on consent_history
  for each statement execute function consent_history_stays();
alter table consent_history enable always trigger consent_history_rows;
alter table consent_history enable always trigger consent_history_whole;

-- What must not be destroyed for now, as for a lawsuit.
create table legal_holds (
  id text primary key,
  customer_id text not null references customers (id),
  -- A category of the privacy policy, or all.
  category text not null,
  -- The customer may be told: names nobody.
  why text not null,
  until timestamptz,
  placed_by text not null,
  placed_at timestamptz not null default now(),
  lifted_by text,
  lifted_at timestamptz,
  check ((lifted_at is null) = (lifted_by is null))
);
-- What is held of this customer?
create index legal_holds_customer on legal_holds (customer_id) where lifted_at is null;

-- When the words of a ticket were taken out, by retention or an erasure. The ticket's row stays for the figures.
alter table tickets add column emptied_at timestamptz;
-- What has been closed for long and is not empty yet?
create index tickets_retention on tickets (updated_at) where state = 'closed' and emptied_at is null;

-- Down Migration
drop index tickets_retention;
alter table tickets drop column emptied_at;
drop table legal_holds, consent_history, consents;
drop function consent_history_stays;
alter table customers drop column phone;
