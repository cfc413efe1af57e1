-- Whoever waits for a table's lock stops everyone behind them: rather give up, and be run again.
SET LOCAL lock_timeout = '5s';

ALTER TABLE orders ADD COLUMN units integer;
COMMENT ON COLUMN orders.units IS 'How many parcels the order is; null: as many as the workspace''s shipments have by default.';

-- Not validated, since that would read the whole table under its lock: no order has units yet.
ALTER TABLE orders ADD CONSTRAINT orders_units_check CHECK (units BETWEEN 1 AND 999) NOT VALID;
