-- Up Migration

-- One of our own people has answered a mail that told them of a ticket: they are no customer, and the customer would never have read it.
alter table parked_mails drop constraint parked_mails_reason_check,
  add constraint parked_mails_reason_check check (reason in ('virus', 'spam', 'forged', 'unproved', 'refused', 'elsewhere', 'bulk', 'ours'));

-- Down Migration
delete from parked_mails where reason = 'ours';
alter table parked_mails drop constraint parked_mails_reason_check,
  add constraint parked_mails_reason_check check (reason in ('virus', 'spam', 'forged', 'unproved', 'refused', 'elsewhere', 'bulk'));
