SET LOCAL lock_timeout = '10s';

REVOKE SELECT (is_enabled) ON carrier_configs FROM robot_jobs_system;
REVOKE INSERT ON robot_job_dispatches FROM robot_jobs_system;
DROP INDEX robot_job_items_in_line;
DROP INDEX robot_job_items_open;
CREATE INDEX robot_job_items_open ON robot_job_items (job_id) WHERE status IN ('pending', 'processing');
DROP INDEX robot_job_dispatches_open;
DROP INDEX robot_job_dispatches_waiting;
CREATE INDEX robot_job_dispatches_waiting ON robot_job_dispatches (workspace_id, carrier, created_at, job_id)
    WHERE status = 'waiting';
DROP INDEX robot_job_dispatches_calling;
DROP INDEX robot_job_dispatches_with_robot;

ALTER TABLE robot_jobs NO FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_items NO FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_item_reports NO FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_dispatches NO FORCE ROW LEVEL SECURITY;
-- What was closed in no wave was closed in its job's latest.
UPDATE robot_job_items AS item
   SET dispatch = job.dispatch
  FROM robot_jobs AS job
 WHERE job.id = item.job_id AND item.dispatch IS NULL AND item.status <> 'pending';
-- What no wave was made for goes out in one hand-over more.
WITH rest AS (
    SELECT job_id, count(*) AS items FROM robot_job_items WHERE dispatch IS NULL AND status = 'pending' GROUP BY job_id
), job AS (
    UPDATE robot_jobs SET dispatch = dispatch + 1 FROM rest WHERE id = rest.job_id
    RETURNING id, workspace_id, carrier, dispatch, rest.items
), made AS (
    INSERT INTO robot_job_dispatches (job_id, dispatch, workspace_id, carrier, item_count)
    SELECT id, dispatch, workspace_id, carrier, items FROM job
)
UPDATE robot_job_items AS item
   SET dispatch = job.dispatch
  FROM job
 WHERE item.job_id = job.id AND item.dispatch IS NULL AND item.status = 'pending';
UPDATE robot_job_item_reports AS report
   SET dispatch = item.dispatch
  FROM robot_job_items AS item
 WHERE item.id = report.item_id AND report.dispatch IS NULL;
ALTER TABLE robot_jobs FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_items FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_item_reports FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_dispatches FORCE ROW LEVEL SECURITY;

ALTER TABLE robot_job_dispatches DROP COLUMN restarted_at, DROP COLUMN parked_at, DROP COLUMN called_at;
ALTER TABLE robot_job_item_reports ALTER COLUMN dispatch SET NOT NULL;
ALTER TABLE robot_job_items ALTER COLUMN dispatch SET DEFAULT 1, ALTER COLUMN dispatch SET NOT NULL;
ALTER TABLE robot_jobs
    DROP CONSTRAINT robot_jobs_paused_check,
    DROP COLUMN words_in_a_row,
    DROP COLUMN errors_in_a_row,
    DROP COLUMN paused_message,
    DROP COLUMN paused_reason,
    DROP COLUMN paused_at,
    DROP COLUMN wave_size,
    DROP COLUMN priority;
ALTER TABLE carrier_configs
    DROP COLUMN disabled_at,
    DROP COLUMN stop_after_errors,
    DROP COLUMN wave_size;

COMMENT ON COLUMN robot_jobs.dispatch IS 'The number of the latest hand-over; a retry adds one.';
COMMENT ON COLUMN robot_job_items.dispatch IS
    'The hand-over that the item is in now. An error of an older one changes nothing; a success always counts.';
COMMENT ON COLUMN robot_job_item_reports.dispatch IS NULL;
COMMENT ON TABLE robot_job_dispatches IS 'One hand-over of a job, or of what a retry put back, to the robot. It is made at most once.

    waiting ──► claimed ──► accepted ──► closed   the robot took it; reports or the deadline end it
       ▲           │  └───► unknown ───► closed   nobody knows; never sent again
       └─ released ┤                              refused for now: busy or not reachable
                   └──────────────────► closed   refused for good, or nothing was left to send
    waiting ──► closed                            given up, or its items were closed otherwise';
