SET LOCAL lock_timeout = '5s';

-- What a robot was given about a person is removed some days after its item has ended.
ALTER TABLE carrier_configs ADD COLUMN personal_data_retention_days integer NOT NULL DEFAULT 90
    CONSTRAINT carrier_configs_retention_check CHECK (personal_data_retention_days BETWEEN 1 AND 3650);
COMMENT ON COLUMN carrier_configs.personal_data_retention_days IS
    'Days after an item''s end until what was sent for it is removed; the default holds without a configuration, too.';

ALTER TABLE robot_job_items ADD COLUMN personal_data_removed_at timestamptz;
COMMENT ON COLUMN robot_job_items.personal_data_removed_at IS
    'When value_sent was removed; such an item can''t be retried, since there is nothing left to send.';

-- The closed items that still hold personal data, by workspace, oldest first.
CREATE INDEX robot_job_items_retained ON robot_job_items (workspace_id, completed_at)
    WHERE value_sent IS NOT NULL AND completed_at IS NOT NULL;

-- expire_items asks each workspace's configuration for its days, and for nothing else of it.
GRANT SELECT (workspace_id, carrier, personal_data_retention_days) ON carrier_configs TO robot_jobs_system;

-- Refusals of changing kinds must end, too.
ALTER TABLE robot_job_dispatches ADD COLUMN first_refused_at timestamptz;
COMMENT ON COLUMN robot_job_dispatches.first_refused_at IS
    'The first refusal of any kind; refused_since is the first of the present kind in a row.';

-- Whether listeners know already that the job ended in this dispatch.
ALTER TABLE robot_job_dispatches ADD COLUMN told_at timestamptz;
COMMENT ON COLUMN robot_job_dispatches.told_at IS 'When the notification about the job''s end in this dispatch went out.';

-- Few, and counted every minute.
CREATE INDEX outbox_set_aside ON outbox (set_aside_at) WHERE set_aside_at IS NOT NULL;
