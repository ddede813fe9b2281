-- Up Migration

-- Whom a workflow is about while we know no such customer: keyed digests of their id and address. Gone once its subject is named, or its key
-- destroyed.
alter table data_keys add column named_as bytea[]
  check (named_as is null or (cardinality(named_as) > 0 and subject_id is null and shredded_at is null));
create index data_keys_named_as on data_keys using gin (named_as) where named_as is not null;

-- Down Migration
drop index data_keys_named_as;
alter table data_keys drop column named_as;
