-- Up Migration

-- Nobody knows whether its summary went out, and nobody sends it any more.
alter table message_windows add column given_up_at timestamptz check (given_up_at is null or status = 'unknown');
-- Which are the admins still to hear of?
create index message_windows_given_up on message_windows (given_up_at) where given_up_at is not null;

alter table notices drop constraint notices_kind_check;
alter table notices add constraint notices_kind_check check (kind in ('webhook', 'mails', 'policies', 'canary', 'summaries'));

-- Down Migration
delete from notice_messages where notice_id in (select id from notices where kind = 'summaries');
delete from notices where kind = 'summaries';
alter table notices drop constraint notices_kind_check;
alter table notices add constraint notices_kind_check check (kind in ('webhook', 'mails', 'policies', 'canary'));
drop index message_windows_given_up;
alter table message_windows drop column given_up_at;
