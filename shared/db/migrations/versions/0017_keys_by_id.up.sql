-- What a foreign key asks is answered by an index that begins with the id. While a table is almost empty every index
-- costs the same and the newest one is taken, perhaps one that only begins with the workspace; a connection keeps that.
SET LOCAL lock_timeout = '10s';

ALTER TABLE robot_job_items DROP CONSTRAINT robot_job_items_order_fkey, DROP CONSTRAINT robot_job_items_job_fkey;
ALTER TABLE robot_job_dispatches DROP CONSTRAINT robot_job_dispatches_job_fkey;

ALTER TABLE orders
    DROP CONSTRAINT orders_workspace_id_id_key,
    ADD CONSTRAINT orders_id_workspace_id_key UNIQUE (id, workspace_id);
ALTER TABLE robot_jobs
    DROP CONSTRAINT robot_jobs_workspace_id_id_key,
    ADD CONSTRAINT robot_jobs_id_workspace_id_key UNIQUE (id, workspace_id);

ALTER TABLE robot_job_items
    ADD CONSTRAINT robot_job_items_order_fkey FOREIGN KEY (order_id, workspace_id) REFERENCES orders (id, workspace_id),
    ADD CONSTRAINT robot_job_items_job_fkey FOREIGN KEY (job_id, workspace_id) REFERENCES robot_jobs (id, workspace_id);
ALTER TABLE robot_job_dispatches
    ADD CONSTRAINT robot_job_dispatches_job_fkey
        FOREIGN KEY (job_id, workspace_id) REFERENCES robot_jobs (id, workspace_id);
