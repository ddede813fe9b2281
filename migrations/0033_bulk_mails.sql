-- Up Migration

-- A mail that came by a list of somebody else's, or to many at once, waits for a person: it was ignored, and kept nowhere.
alter table parked_mails drop constraint parked_mails_reason_check,
  add constraint parked_mails_reason_check check (reason in ('virus', 'spam', 'forged', 'unproved', 'refused', 'elsewhere', 'bulk'));

-- Down Migration
delete from parked_mails where reason = 'bulk';
alter table parked_mails drop constraint parked_mails_reason_check,
  add constraint parked_mails_reason_check check (reason in ('virus', 'spam', 'forged', 'unproved', 'refused', 'elsewhere'));
