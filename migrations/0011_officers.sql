-- Up Migration

-- Who asked for the person, and who vouched for them: ids of what they showed (`key/…`, `login/…`, `account/…`, `officer/…`). None of
-- them decides. Null: nobody but the person; of requests from before, `requested_by` tells.
alter table erasures add column requester text[];
alter table erasures add column voucher text[];
-- The request by which the person has proved it themself: that one goes on in the place of this.
alter table erasures add column superseded_by text references erasures (id);
-- Which requests does this one go on in the place of?
create index erasures_superseded on erasures (superseded_by) where superseded_by is not null;

-- Down Migration
drop index erasures_superseded;
alter table erasures drop column superseded_by, drop column voucher, drop column requester;
