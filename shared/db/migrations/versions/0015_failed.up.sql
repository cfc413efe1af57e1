-- What a person can correct and try again is found without passing what was shipped.
SET LOCAL lock_timeout = '10s';

CREATE INDEX robot_job_items_failed ON robot_job_items (workspace_id, job_id, id)
    WHERE status = 'error' AND shipment = 'none' AND NOT is_lookup;
