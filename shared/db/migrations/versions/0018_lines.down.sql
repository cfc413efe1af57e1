SET LOCAL lock_timeout = '10s';

DROP INDEX robot_job_dispatches_line;
