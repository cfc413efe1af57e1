-- Files of orders that somebody looks at before they are imported; each is kept for a day.
SET LOCAL lock_timeout = '5s';

CREATE TABLE uploads (
    id           uuid PRIMARY KEY,
    workspace_id uuid NOT NULL,
    name         text NOT NULL,
    content      bytea NOT NULL CONSTRAINT uploads_content_check CHECK (length(content) <= 4194304),
    mapping      jsonb NOT NULL DEFAULT '{}',
    confirmed    uuid[] NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE uploads IS
    'Files of orders as they came, between preview and import; a row is deleted a day later.';
COMMENT ON COLUMN uploads.mapping IS
    'Heading to column, where a person said which it is.';
COMMENT ON COLUMN uploads.confirmed IS
    'Orders that look like others, and are imported all the same.';
CREATE INDEX uploads_age ON uploads (created_at);
CREATE INDEX uploads_workspace ON uploads (workspace_id, created_at);
ALTER TABLE uploads ENABLE ROW LEVEL SECURITY;
ALTER TABLE uploads FORCE ROW LEVEL SECURITY;
CREATE POLICY own_workspace ON uploads TO robot_jobs_app USING (
    (workspace_id = (SELECT nullif(current_setting('app.workspace_id', true), '')::uuid)) IS TRUE);
CREATE POLICY every_workspace ON uploads TO robot_jobs_system USING (true);
GRANT SELECT, INSERT, DELETE ON uploads TO robot_jobs_app;
GRANT UPDATE (mapping, confirmed) ON uploads TO robot_jobs_app;
GRANT DELETE ON uploads TO robot_jobs_system;
GRANT SELECT (created_at) ON uploads TO robot_jobs_system;
