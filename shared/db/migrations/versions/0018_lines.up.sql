-- A workspace's waves at one carrier are a line: the lines are told, and whether one has been called in each, without
-- reading all the waves that wait.
SET LOCAL lock_timeout = '10s';

CREATE INDEX robot_job_dispatches_line ON robot_job_dispatches (workspace_id, carrier, called_at)
    WHERE status = 'waiting';
