SET LOCAL lock_timeout = '5s';

DROP INDEX outbox_set_aside;
ALTER TABLE robot_job_dispatches DROP COLUMN told_at;
ALTER TABLE robot_job_dispatches DROP COLUMN first_refused_at;
REVOKE SELECT (workspace_id, carrier, personal_data_retention_days) ON carrier_configs FROM robot_jobs_system;
DROP INDEX robot_job_items_retained;
ALTER TABLE robot_job_items DROP COLUMN personal_data_removed_at;
ALTER TABLE carrier_configs DROP COLUMN personal_data_retention_days;
