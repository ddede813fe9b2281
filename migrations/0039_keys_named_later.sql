-- Up Migration

-- Whom a workflow is about while we know no such customer: keyed digests of their id and address. Gone once its subject is named, or its key
-- destroyed.
alter table data_keys add column named_as bytea[]
  check (named_as is null or (cardinality(named_as) > 0 and subject_id is null and shredded_at is null));
create index data_keys_named_as on data_keys using gin (named_as) where named_as is not null;

-- Of whom we hold something though no ticket and no CRM has named them: they are let in when they ask to be erased.
alter table customers drop constraint customers_known_from_check;
alter table customers add constraint customers_known_from_check check (known_from in ('crm', 'ticket', 'held'));

-- Down Migration
alter table customers drop constraint customers_known_from_check;
alter table customers add constraint customers_known_from_check check (known_from in ('crm', 'ticket'));
drop index data_keys_named_as;
alter table data_keys drop column named_as;
