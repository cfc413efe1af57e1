SET LOCAL lock_timeout = '5s';
COMMENT ON COLUMN robot_job_items.closed_by IS
    'Who closed the item: the robot''s report, a person, the deadline, the robot''s restart, or the system before any robot had it.';
ALTER TABLE robot_job_items DROP COLUMN restored_to;
ALTER TABLE robot_job_dispatches DROP COLUMN restored_to;
ALTER TABLE robot_jobs DROP COLUMN numbers_passed_over;
