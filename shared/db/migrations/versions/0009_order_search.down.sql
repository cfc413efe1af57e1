SET LOCAL lock_timeout = '10s';

DROP FUNCTION search_orders;
DROP POLICY searched ON orders;
DROP POLICY searched ON contacts;
DROP POLICY searched ON robot_job_items;
REVOKE SELECT (id, workspace_id, contact_id, created_at, tracking_number, carrier_guide_number, stage_id)
    ON orders FROM robot_jobs_search;
REVOKE SELECT (id, workspace_id) ON contacts FROM robot_jobs_search;
REVOKE SELECT (order_id, shipment) ON robot_job_items FROM robot_jobs_search;
-- The role stays: it belongs to the server, and other databases on it may use it.
REVOKE USAGE ON SCHEMA public FROM robot_jobs_search;

DROP INDEX orders_number_cleared, robot_job_items_unnumbered, orders_by_stage, orders_by_numbers, orders_newest,
    orders_contact;
ALTER TABLE contacts DROP COLUMN search_text;
ALTER TABLE orders DROP COLUMN search_text;
DROP FUNCTION search_keys, searchable, folded;
