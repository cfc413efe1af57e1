-- Guides: jobs of a second kind, which look up the number that the buyer follows.
SET LOCAL lock_timeout = '5s';

ALTER TABLE robot_jobs
    ADD COLUMN kind text NOT NULL DEFAULT 'shipment'
        CONSTRAINT robot_jobs_kind_check CHECK (kind IN ('shipment', 'guide_lookup')),
    ADD COLUMN is_automatic boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN robot_jobs.kind IS
    'What the robot is asked for: to make shipments, or to look up the guides of some that exist.';
COMMENT ON COLUMN robot_jobs.is_automatic IS
    'The schedule made it: nobody is notified of its end, and errors in a row end it, since nobody would resume it.';
-- When the schedule last looked up guides for a workspace, and whether a lookup is open.
CREATE INDEX robot_jobs_lookups ON robot_jobs (workspace_id, carrier, created_at) WHERE kind = 'guide_lookup';
CREATE INDEX robot_jobs_kind ON robot_jobs (workspace_id, kind, id);

ALTER TABLE robot_job_items
    ADD COLUMN is_lookup boolean NOT NULL DEFAULT false,
    ADD COLUMN pedido_number text,
    ALTER COLUMN shipment DROP NOT NULL;
COMMENT ON COLUMN robot_job_items.is_lookup IS
    'Its guide is looked up: the item makes no shipment and holds no order; its tracking_number is the guide.';
COMMENT ON COLUMN robot_job_items.pedido_number IS
    'Of a lookup that the robot has, may have, or had: the tracking number that it was asked with. Null: no robot has it.';
-- What no statement can pass, whichever version of the program runs it: a lookup never becomes a hand-over of a shipment.
ALTER TABLE robot_job_items
    ADD CONSTRAINT robot_job_items_lookup_check
        CHECK (is_lookup = (shipment IS NULL) AND NOT (is_lookup AND holds)
               AND (is_lookup OR pedido_number IS NULL)) NOT VALID;
-- An order is in one open lookup.
CREATE UNIQUE INDEX robot_job_items_lookup ON robot_job_items (order_id)
    WHERE is_lookup AND status IN ('pending', 'processing');
-- What has a number and no guide yet: next to nothing, once guides are there.
CREATE INDEX orders_lacking_guide ON orders (workspace_id, updated_at)
    WHERE tracking_number IS NOT NULL AND carrier_guide_number IS NULL;

ALTER TABLE carrier_configs
    ADD COLUMN guide_lookup_hours integer NOT NULL DEFAULT 2
        CONSTRAINT carrier_configs_guide_lookup_hours_check CHECK (guide_lookup_hours BETWEEN 0 AND 168),
    ADD COLUMN guides_refused_at timestamptz;
COMMENT ON COLUMN carrier_configs.guide_lookup_hours IS
    'Guides are looked up every so many hours while orders lack one; 0: never by itself.';
COMMENT ON COLUMN carrier_configs.guides_refused_at IS
    'Since when no lookup is made by itself: the robot refused one for good. A change of the configuration clears it.';

GRANT INSERT ON robot_jobs, robot_job_items TO robot_jobs_system;
GRANT SELECT (guide_lookup_hours, guides_refused_at, wave_size) ON carrier_configs TO robot_jobs_system;
