-- Who did what: one row a command, written in its transaction.
SET LOCAL lock_timeout = '5s';

CREATE TABLE activity (
    id           uuid PRIMARY KEY,
    workspace_id uuid NOT NULL,
    at           timestamptz NOT NULL DEFAULT now(),
    actor        text,
    source       text NOT NULL,
    action       text NOT NULL CONSTRAINT activity_action_check CHECK (action IN (
        'orders_imported', 'order_changed', 'job_submitted', 'job_retried', 'job_settled', 'job_paused', 'job_resumed',
        'job_prioritised', 'job_cancelled', 'job_ended', 'carrier_configured', 'guides_looked_up')),
    job_id       uuid,
    order_id     uuid,
    details      jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE activity IS
    'Commands that changed something, each with who gave it. Counts and names of fields, no values: what was sent and reported stands with the items.';
COMMENT ON COLUMN activity.actor IS
    'The token''s email, else its subject; removed with other personal data.';
CREATE INDEX activity_newest ON activity (workspace_id, id);
CREATE INDEX activity_job ON activity (job_id, id) WHERE job_id IS NOT NULL;
CREATE INDEX activity_order ON activity (order_id, id) WHERE order_id IS NOT NULL;
CREATE INDEX activity_actors ON activity (workspace_id, at) WHERE actor IS NOT NULL;
ALTER TABLE activity ENABLE ROW LEVEL SECURITY;
ALTER TABLE activity FORCE ROW LEVEL SECURITY;
CREATE POLICY own_workspace ON activity TO robot_jobs_app USING (
    (workspace_id = (SELECT nullif(current_setting('app.workspace_id', true), '')::uuid)) IS TRUE);
CREATE POLICY every_workspace ON activity TO robot_jobs_system USING (true);
GRANT SELECT, INSERT ON activity TO robot_jobs_app;
GRANT SELECT ON activity TO robot_jobs_system;
GRANT UPDATE (actor) ON activity TO robot_jobs_system;
