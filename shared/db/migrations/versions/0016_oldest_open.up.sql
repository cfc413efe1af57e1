-- How long an item has been open is told without reading all that are.
SET LOCAL lock_timeout = '10s';

CREATE INDEX robot_job_items_oldest ON robot_job_items ((coalesce(last_retry_at, created_at)))
    WHERE status IN ('pending', 'processing');
