SET LOCAL lock_timeout = '5s';

DROP TABLE outbox, robot_job_item_reports, robot_job_dispatches, robot_job_items, robot_jobs, client_activation,
    carrier_coverage, carrier_configs, orders, contacts;
-- The roles stay: they belong to the server, and other databases on it may use them.
REVOKE USAGE ON SCHEMA public FROM robot_jobs_app, robot_jobs_system;
