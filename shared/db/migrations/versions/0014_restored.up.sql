-- What a database that was restored to an earlier moment has forgotten: hand-overs, and the numbers that they had.
SET LOCAL lock_timeout = '10s';

ALTER TABLE robot_jobs
    ADD COLUMN numbers_passed_over integer NOT NULL DEFAULT 0
        CONSTRAINT robot_jobs_numbers_passed_over_check CHECK (numbers_passed_over >= 0);
COMMENT ON COLUMN robot_jobs.numbers_passed_over IS
    'So many numbers the next wave leaves out: a robot may remember them from hand-overs that a restored database has forgotten.';

ALTER TABLE robot_job_dispatches ADD COLUMN restored_to timestamptz;
COMMENT ON COLUMN robot_job_dispatches.restored_to IS
    'This is no wave, but stands for those that were forgotten when the database was restored to this moment.';

ALTER TABLE robot_job_items ADD COLUMN restored_to timestamptz;
COMMENT ON COLUMN robot_job_items.restored_to IS
    'The database was restored to this moment, and had forgotten whether the item''s order was shipped since; that made the item unsettled.';
COMMENT ON COLUMN robot_job_items.closed_by IS
    'Who closed the item: the robot''s report, a person, the deadline, the robot''s restart, or the system: before any robot had it, or after the database was restored.';
