-- Up Migration

-- How many automatic messages did this customer get of late? Two robots that answer each other are stopped by it.
create index deliveries_to_customer on deliveries (recipient_id, created_at) where recipient_kind = 'customer';

-- Down Migration
drop index deliveries_to_customer;
