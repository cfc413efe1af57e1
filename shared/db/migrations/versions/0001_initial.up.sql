SET LOCAL lock_timeout = '5s';

-- Roles belong to the whole server, so another database may have made them already.
-- They get no password here: a deployment gives them those of their secrets (migrate_database).
DO $$
BEGIN
    CREATE ROLE robot_jobs_app LOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$
BEGIN
    CREATE ROLE robot_jobs_system LOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

CREATE TABLE contacts (
    id             uuid PRIMARY KEY,
    workspace_id   uuid NOT NULL,
    name           text,
    phone          text,
    email          text,
    identification text,
    is_client      boolean NOT NULL DEFAULT false,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT contacts_workspace_id_id_key UNIQUE (workspace_id, id)
);
COMMENT ON TABLE contacts IS 'Who an order is shipped to.';

CREATE TABLE orders (
    id                   uuid PRIMARY KEY,
    workspace_id         uuid NOT NULL,
    contact_id           uuid,
    name                 text,
    total_value          numeric(14, 2) CONSTRAINT orders_total_value_check CHECK (total_value >= 0),
    prepaid              boolean NOT NULL DEFAULT false,
    carrier              text,
    tracking_number      text,
    carrier_guide_number text,
    shipping_address     text,
    shipping_city        text,
    shipping_department  text,
    email                text,
    stage_id             text,
    custom_fields        jsonb NOT NULL DEFAULT '{}',
    created_at           timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now(),
    -- A contact of another workspace can't be named, whatever the program does.
    CONSTRAINT orders_contact_fkey FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id),
    CONSTRAINT orders_workspace_id_id_key UNIQUE (workspace_id, id)
) WITH (fillfactor = 80);  -- Room for the tracking number: an order's new version stays on its page, off the indexes.
COMMENT ON TABLE orders IS
    'What is to be shipped. tracking_number is written by a robot''s report or by the operator.';

CREATE TABLE carrier_configs (
    workspace_id             uuid NOT NULL,
    carrier                  text NOT NULL,
    portal_username          text,
    portal_password_sealed   text,
    robot_url                text,
    is_enabled               boolean NOT NULL DEFAULT true,
    default_declared_value   numeric(14, 2) NOT NULL DEFAULT 10000
        CONSTRAINT carrier_configs_declared_value_check CHECK (default_declared_value >= 0),
    default_weight_kg        numeric(8, 3) NOT NULL DEFAULT 1
        CONSTRAINT carrier_configs_weight_check CHECK (default_weight_kg > 0),
    default_height_cm        numeric(8, 2) NOT NULL DEFAULT 10
        CONSTRAINT carrier_configs_height_check CHECK (default_height_cm > 0),
    default_length_cm        numeric(8, 2) NOT NULL DEFAULT 10
        CONSTRAINT carrier_configs_length_check CHECK (default_length_cm > 0),
    default_width_cm         numeric(8, 2) NOT NULL DEFAULT 10
        CONSTRAINT carrier_configs_width_check CHECK (default_width_cm > 0),
    default_reference        text,
    created_at               timestamptz NOT NULL DEFAULT now(),
    updated_at               timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT carrier_configs_pkey PRIMARY KEY (workspace_id, carrier)
);
COMMENT ON TABLE carrier_configs IS 'How a workspace reaches its carrier''s portal, and what its shipments have in common.';
COMMENT ON COLUMN carrier_configs.portal_password_sealed IS
    'KMS ciphertext in base64, bound to workspace and carrier. The clear text is never stored.';

CREATE TABLE carrier_coverage (
    carrier           text NOT NULL,
    city              text NOT NULL,
    department_abbrev text NOT NULL,
    supports_cod      boolean NOT NULL,
    is_active         boolean NOT NULL DEFAULT true,
    CONSTRAINT carrier_coverage_pkey PRIMARY KEY (carrier, city, department_abbrev)
);
COMMENT ON TABLE carrier_coverage IS
    'Cities that a carrier serves, normalised (upper case, no diacritics). Shared reference data: it has no workspace.';

CREATE TABLE client_activation (
    workspace_id         uuid PRIMARY KEY,
    is_enabled           boolean NOT NULL DEFAULT false,
    all_are_clients      boolean NOT NULL DEFAULT false,
    activation_stage_ids text[] NOT NULL DEFAULT '{}',
    created_at           timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE client_activation IS 'When a workspace''s contacts count as clients: always, or by the stages of their orders.';

CREATE TABLE robot_jobs (
    id              uuid PRIMARY KEY,
    workspace_id    uuid NOT NULL,
    carrier         text NOT NULL,
    status          text NOT NULL DEFAULT 'pending'
        CONSTRAINT robot_jobs_status_check CHECK (status IN ('pending', 'processing', 'completed', 'failed')),
    total_items     integer NOT NULL CONSTRAINT robot_jobs_total_items_check CHECK (total_items > 0),
    success_count   integer NOT NULL DEFAULT 0,
    error_count     integer NOT NULL DEFAULT 0,
    dispatch        integer NOT NULL DEFAULT 1 CONSTRAINT robot_jobs_dispatch_check CHECK (dispatch > 0),
    idempotency_key text CONSTRAINT robot_jobs_idempotency_key_check CHECK (length(idempotency_key) BETWEEN 1 AND 200),
    started_at      timestamptz,
    completed_at    timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT robot_jobs_workspace_id_id_key UNIQUE (workspace_id, id),
    CONSTRAINT robot_jobs_counts_check
        CHECK (success_count >= 0 AND error_count >= 0 AND success_count + error_count <= total_items),
    CONSTRAINT robot_jobs_ended_check
        CHECK ((status IN ('completed', 'failed')) = (success_count + error_count = total_items)),
    CONSTRAINT robot_jobs_completed_at_check
        CHECK ((status IN ('completed', 'failed')) = (completed_at IS NOT NULL))
) WITH (fillfactor = 50);  -- Counters move with every batch of reports: new versions stay on the page, off the indexes.
COMMENT ON TABLE robot_jobs IS $$A batch of orders for the robot.

    pending ──► processing ──► completed   something was shipped
       │ ▲           │    └──► failed      nothing was
       │ └─ retry ───┴──────── (from completed and failed)
       └──► completed, failed              every report came before the robot's acceptance was noted

    failed ──► completed                   a late success
    A job has ended exactly when success_count + error_count = total_items.$$;
COMMENT ON COLUMN robot_jobs.dispatch IS 'The number of the latest hand-over; a retry adds one.';

-- A key is used once in a workspace, for ever.
CREATE UNIQUE INDEX robot_jobs_idempotency_key ON robot_jobs (workspace_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
-- Lists, newest first; the unique constraint serves the list without a filter.
CREATE INDEX robot_jobs_status ON robot_jobs (status, workspace_id, id);

CREATE TABLE robot_job_items (
    id              uuid PRIMARY KEY,
    workspace_id    uuid NOT NULL,
    job_id          uuid NOT NULL,
    order_id        uuid NOT NULL,
    status          text NOT NULL DEFAULT 'pending'
        CONSTRAINT robot_job_items_status_check CHECK (status IN ('pending', 'processing', 'success', 'error')),
    dispatch        integer NOT NULL DEFAULT 1 CONSTRAINT robot_job_items_dispatch_check CHECK (dispatch > 0),
    tracking_number text CONSTRAINT robot_job_items_tracking_number_check CHECK (length(tracking_number) BETWEEN 1 AND 200),
    validated_city  text,
    value_sent      jsonb,
    error_type      text
        CONSTRAINT robot_job_items_error_type_check CHECK (error_type IN ('validation', 'portal', 'timeout', 'unknown')),
    error_message   text,
    retry_count     integer NOT NULL DEFAULT 0 CONSTRAINT robot_job_items_retry_count_check CHECK (retry_count >= 0),
    last_retry_at   timestamptz,
    started_at      timestamptz,
    completed_at    timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT robot_job_items_job_fkey FOREIGN KEY (workspace_id, job_id) REFERENCES robot_jobs (workspace_id, id),
    CONSTRAINT robot_job_items_order_fkey FOREIGN KEY (workspace_id, order_id) REFERENCES orders (workspace_id, id),
    CONSTRAINT robot_job_items_number_check CHECK (tracking_number IS NULL OR status = 'success'),
    CONSTRAINT robot_job_items_error_check CHECK ((status = 'error') = (error_type IS NOT NULL)),
    CONSTRAINT robot_job_items_completed_at_check
        CHECK ((status IN ('success', 'error')) = (completed_at IS NOT NULL))
);
COMMENT ON TABLE robot_job_items IS $$One order of a job.

    pending ──► processing ──► success     for good: the shipment exists
       │ ▲           │  └────► error ────► success   a late success
       │ └─ retry ───┴─────────  │
       └──► success, error ◄─────┘$$;
COMMENT ON COLUMN robot_job_items.dispatch IS
    'The hand-over that the item is in now. An error of an older one changes nothing; a success always counts.';

-- An order is in one open item at a time: two operators can't ship it twice.
CREATE UNIQUE INDEX robot_job_items_open_order ON robot_job_items (order_id)
    WHERE status IN ('pending', 'processing');
-- A job's items in creation order (ids are UUID v7).
CREATE INDEX robot_job_items_job ON robot_job_items (job_id, id);

CREATE TABLE robot_job_dispatches (
    job_id          uuid NOT NULL,
    dispatch        integer NOT NULL CONSTRAINT robot_job_dispatches_dispatch_check CHECK (dispatch > 0),
    workspace_id    uuid NOT NULL,
    carrier         text NOT NULL,
    status          text NOT NULL DEFAULT 'waiting'
        CONSTRAINT robot_job_dispatches_status_check
        CHECK (status IN ('waiting', 'claimed', 'accepted', 'unknown', 'closed')),
    item_count      integer NOT NULL CONSTRAINT robot_job_dispatches_item_count_check CHECK (item_count > 0),
    attempts        integer NOT NULL DEFAULT 0,
    refused_since   timestamptz,
    refused_as      text CONSTRAINT robot_job_dispatches_refused_as_check CHECK (refused_as IN ('busy', 'unreachable')),
    next_attempt_at timestamptz,
    claimed_at      timestamptz,
    accepted_at     timestamptz,
    deadline_at     timestamptz,
    closed_at       timestamptz,
    last_error      text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT robot_job_dispatches_pkey PRIMARY KEY (job_id, dispatch),
    CONSTRAINT robot_job_dispatches_job_fkey FOREIGN KEY (workspace_id, job_id) REFERENCES robot_jobs (workspace_id, id),
    CONSTRAINT robot_job_dispatches_deadline_check
        CHECK ((status IN ('claimed', 'accepted', 'unknown')) <= (deadline_at IS NOT NULL)
               AND (status = 'waiting') <= (deadline_at IS NULL))
);
COMMENT ON TABLE robot_job_dispatches IS $$One hand-over of a job, or of what a retry put back, to the robot. It is made at most once.

    waiting ──► claimed ──► accepted ──► closed   the robot took it; reports or the deadline end it
       ▲           │  └───► unknown ───► closed   nobody knows; never sent again
       └─ released ┤                              refused for now: busy or not reachable
                   └──────────────────► closed   refused for good, or nothing was left to send
    waiting ──► closed                            given up, or its items were closed otherwise$$;

-- The place in the workspace's queue, and what is waiting without a message to wake it.
CREATE INDEX robot_job_dispatches_waiting ON robot_job_dispatches (workspace_id, carrier, created_at, job_id)
    WHERE status = 'waiting';
CREATE INDEX robot_job_dispatches_deadline ON robot_job_dispatches (deadline_at)
    WHERE status IN ('claimed', 'accepted', 'unknown');

CREATE TABLE robot_job_item_reports (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id    uuid NOT NULL,
    item_id         uuid NOT NULL CONSTRAINT robot_job_item_reports_item_fkey REFERENCES robot_job_items (id),
    dispatch        integer NOT NULL,
    status          text NOT NULL
        CONSTRAINT robot_job_item_reports_status_check CHECK (status IN ('success', 'error')),
    tracking_number text,
    error_type      text,
    error_message   text,
    outcome         text NOT NULL
        CONSTRAINT robot_job_item_reports_outcome_check
        CHECK (outcome IN ('recorded', 'duplicate', 'stale', 'conflict')),
    received_at     timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE robot_job_item_reports IS 'Every report about an item, whatever became of it: the attempt history. Only appended to.';
CREATE INDEX robot_job_item_reports_item ON robot_job_item_reports (item_id, id);

CREATE TABLE outbox (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id    uuid NOT NULL,
    detail_type     text NOT NULL,
    detail          json NOT NULL,
    attempts        integer NOT NULL DEFAULT 0,
    last_error      text,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    published_at    timestamptz,
    set_aside_at    timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE outbox IS $$Events that are true but perhaps not yet published: written in the transaction that made them true.

    unpublished ──► published          (published_at)
         └────────► set aside          (set_aside_at) the bus refused it for good; an alarm names it$$;
CREATE INDEX outbox_unpublished ON outbox (workspace_id, id)
    WHERE published_at IS NULL AND set_aside_at IS NULL;

-- Tenancy: the program's role sees the rows of the workspace that its transaction is for, and no others.
-- Forced, so that the owner of the tables is no way round it. IS TRUE keeps the planner from using the condition to
-- find rows by (it would walk a whole workspace): statements say themselves what they are looking for.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['contacts', 'orders', 'carrier_configs', 'client_activation', 'robot_jobs',
                                'robot_job_items', 'robot_job_dispatches', 'robot_job_item_reports', 'outbox']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY own_workspace ON %I TO robot_jobs_app '
            'USING ((workspace_id = (SELECT nullif(current_setting(''app.workspace_id'', true), '''')::uuid)) IS TRUE)',
            name);
        EXECUTE format('CREATE POLICY every_workspace ON %I TO robot_jobs_system USING (true)', name);
    END LOOP;
END $$;

GRANT USAGE ON SCHEMA public TO robot_jobs_app, robot_jobs_system;
GRANT SELECT, INSERT, UPDATE ON contacts, orders, carrier_configs, client_activation, robot_jobs, robot_job_items,
    robot_job_dispatches, outbox TO robot_jobs_app;
GRANT SELECT, INSERT ON robot_job_item_reports TO robot_jobs_app;
GRANT SELECT ON carrier_coverage TO robot_jobs_app;

-- What the schedules work on, and what an audit reads beside it.
GRANT SELECT, UPDATE ON robot_jobs, robot_job_items, robot_job_dispatches TO robot_jobs_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO robot_jobs_system;
GRANT SELECT ON orders, robot_job_item_reports TO robot_jobs_system;
