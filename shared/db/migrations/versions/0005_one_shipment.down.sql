SET LOCAL lock_timeout = '10s';

ALTER TABLE carrier_configs DROP COLUMN default_email, DROP COLUMN default_units;
DROP INDEX robot_job_dispatches_accepted;
DROP INDEX robot_job_items_second;
DROP INDEX robot_job_items_unsettled;
DROP INDEX robot_job_items_open;
DROP INDEX robot_job_items_order;
DROP INDEX robot_job_items_holder;
CREATE INDEX robot_job_items_unnumbered ON robot_job_items (order_id)
    WHERE status = 'success' AND tracking_number IS NULL;
CREATE UNIQUE INDEX robot_job_items_open_order ON robot_job_items (order_id)
    WHERE status IN ('pending', 'processing');
REVOKE INSERT ON robot_job_item_reports FROM robot_jobs_system;
REVOKE UPDATE (updated_at) ON orders FROM robot_jobs_system;
DROP TABLE robot_job_item_attempts;
COMMENT ON TABLE robot_job_item_reports IS
    'Every report about an item, whatever became of it: the attempt history. Only appended to.';
ALTER TABLE robot_job_item_reports DROP COLUMN source;
ALTER TABLE robot_job_dispatches RENAME COLUMN announced_at TO told_at;
ALTER TABLE robot_job_dispatches DROP COLUMN robot_url;
ALTER TABLE robot_job_items
    DROP CONSTRAINT robot_job_items_who_closed_check,
    DROP CONSTRAINT robot_job_items_holds_check,
    DROP CONSTRAINT robot_job_items_known_check,
    DROP COLUMN has_given_value,
    DROP COLUMN lifted_number,
    DROP COLUMN lifted,
    DROP COLUMN voided_at,
    DROP COLUMN voided_numbers,
    DROP COLUMN other_numbers,
    DROP COLUMN closed_by,
    DROP COLUMN holds,
    DROP COLUMN shipment;
DROP INDEX orders_tracking_number;
ALTER TABLE orders DROP COLUMN number_by_hand;
ALTER TABLE robot_jobs DROP COLUMN allow_reshipment;
