-- Up Migration

-- The platform's signed word for a person is good for one request. A keyed hash of it, until its time is over: nobody takes it then.
create table erasure_assertions (
  digest bytea primary key,
  erasure_id text not null,
  until timestamptz not null
);

-- Down Migration
drop table erasure_assertions;
