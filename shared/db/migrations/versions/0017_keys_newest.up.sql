-- What a foreign key asks is planned once a connection, and kept. While a table is almost empty every index that begins
-- with the workspace costs the same, and the newest one is taken: that is to be the key itself.
SET LOCAL lock_timeout = '10s';

ALTER TABLE robot_job_items DROP CONSTRAINT robot_job_items_order_fkey, DROP CONSTRAINT robot_job_items_job_fkey;
ALTER TABLE robot_job_dispatches DROP CONSTRAINT robot_job_dispatches_job_fkey;

ALTER TABLE orders
    DROP CONSTRAINT orders_workspace_id_id_key,
    ADD CONSTRAINT orders_workspace_id_id_key UNIQUE (workspace_id, id);
ALTER TABLE robot_jobs
    DROP CONSTRAINT robot_jobs_workspace_id_id_key,
    ADD CONSTRAINT robot_jobs_workspace_id_id_key UNIQUE (workspace_id, id);

ALTER TABLE robot_job_items
    ADD CONSTRAINT robot_job_items_order_fkey FOREIGN KEY (workspace_id, order_id) REFERENCES orders (workspace_id, id),
    ADD CONSTRAINT robot_job_items_job_fkey FOREIGN KEY (workspace_id, job_id) REFERENCES robot_jobs (workspace_id, id);
ALTER TABLE robot_job_dispatches
    ADD CONSTRAINT robot_job_dispatches_job_fkey
        FOREIGN KEY (workspace_id, job_id) REFERENCES robot_jobs (workspace_id, id);
