-- Written by `make schema`: change the migrations, not this file.

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';

CREATE FUNCTION folded(text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lower(regexp_replace(NORMALIZE($1, NFKD), '[\u0300-\u036f]'::text, ''::text, 'g'::text));

CREATE FUNCTION look_key(written text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN NULLIF(btrim(regexp_replace(upper(regexp_replace(NORMALIZE("left"(written, 200), NFKD), '[\u0300-\u036f]'::text, ''::text, 'g'::text)), '[^0-9A-Z]+'::text, ' '::text, 'g'::text)), ''::text);

CREATE FUNCTION search_keys(workspace uuid, words text) RETURNS bigint[]
    LANGUAGE plpgsql IMMUTABLE STRICT COST 1000 PARALLEL SAFE
    AS $$
DECLARE
    seed CONSTANT bigint := uuid_hash_extended(workspace, 0);
    last CONSTANT integer := length(words) - 2;
    keys bigint[] := '{}';
    piece text;
BEGIN
    FOR n IN 1 .. last + 1 LOOP
        piece := substr(words, n, 3);
        IF n <= last THEN
            keys := keys || hashtextextended(piece, seed);
        END IF;
        IF starts_with(piece, E'\n') THEN
            keys := keys || hashtextextended(left(piece, 2), seed);
        END IF;
    END LOOP;
    -- Without any it would be found by everything.
    RETURN nullif(keys, '{}');
END $$;

CREATE FUNCTION search_orders(sought text, only_shipped boolean, only_with_guide boolean, only_stage text, before uuid, at_most integer) RETURNS TABLE(order_id uuid, order_created_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$
DECLARE
    few CONSTANT integer := 500;
    soon CONSTANT integer := 2000;
    workspace CONSTANT uuid := nullif(current_setting('app.workspace_id', true), '');
    words CONSTANT text := CASE WHEN length(folded(sought)) < 3 THEN E'\n' ELSE '' END || folded(sought);
    -- What may be a phone is looked for among contacts as phones stand there.
    phone CONSTANT text := CASE WHEN sought ~ '^[0-9 ()+.-]+$' THEN
        regexp_replace(regexp_replace(sought, '\D', '', 'g'), '^57(?=\d{10}$)', '') END;
    contact_words CONSTANT text := CASE WHEN length(phone) > 2 THEN phone ELSE words END;
    keys CONSTANT bigint[] := search_keys(workspace, words);
    contact_keys CONSTANT bigint[] := search_keys(workspace, contact_words);
    before_at timestamptz := 'infinity';
    before_id uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
    after_at timestamptz;
    after_id uuid;
    found_count integer;
BEGIN
    IF before IS NOT NULL THEN
        SELECT o.created_at, o.id INTO before_at, before_id
          FROM orders AS o WHERE o.id = before AND (o.workspace_id = workspace) IS TRUE;
    END IF;

    SELECT count(*) INTO found_count
      FROM (SELECT FROM orders AS o WHERE search_keys(o.workspace_id, o.search_text) @> keys
             UNION ALL
            SELECT FROM contacts AS c WHERE search_keys(c.workspace_id, c.search_text) @> contact_keys
             LIMIT few + 1) AS found;

    IF found_count > few THEN
        SELECT o.created_at, o.id INTO after_at, after_id
          FROM orders AS o
         WHERE o.workspace_id = workspace AND (o.created_at, o.id) < (before_at, before_id)
         ORDER BY o.created_at DESC, o.id DESC
        OFFSET soon LIMIT 1;
        RETURN QUERY
        SELECT o.id, o.created_at
          FROM orders AS o
          LEFT JOIN contacts AS c ON c.id = o.contact_id
         WHERE o.workspace_id = workspace AND (o.created_at, o.id) < (before_at, before_id)
           AND (o.created_at, o.id) >= (coalesce(after_at, '-infinity'),
                                        coalesce(after_id, '00000000-0000-0000-0000-000000000000'))
           AND (strpos(o.search_text, words) > 0 OR strpos(c.search_text, contact_words) > 0)
           AND (only_shipped IS NULL
                OR only_shipped = (o.tracking_number IS NOT NULL
                                   OR EXISTS (SELECT FROM robot_job_items AS i
                                               WHERE i.order_id = o.id AND i.shipment IN ('made', 'second'))))
           AND (only_with_guide IS NULL OR only_with_guide = (o.carrier_guide_number IS NOT NULL))
           AND (only_stage IS NULL OR o.stage_id = only_stage)
         ORDER BY o.created_at DESC, o.id DESC
         LIMIT at_most;
        GET DIAGNOSTICS found_count = ROW_COUNT;
        IF found_count = at_most OR after_at IS NULL THEN
            RETURN;
        END IF;
        -- What was found already is given; the rest is before it.
        at_most := at_most - found_count;
        before_at := after_at;
        before_id := after_id;
    END IF;

    -- OFFSET 0: the planner keeps to this order, from the few contacts to their orders.
    RETURN QUERY
    WITH matching AS MATERIALIZED (
        SELECT o.id FROM orders AS o
         WHERE search_keys(o.workspace_id, o.search_text) @> keys AND strpos(o.search_text, words) > 0
         UNION
        SELECT theirs.id
          FROM (SELECT c.id FROM contacts AS c
                 WHERE search_keys(c.workspace_id, c.search_text) @> contact_keys
                   AND strpos(c.search_text, contact_words) > 0 OFFSET 0) AS who
         CROSS JOIN LATERAL (SELECT o.id FROM orders AS o WHERE o.contact_id = who.id OFFSET 0) AS theirs
    )
    SELECT o.id, o.created_at
      FROM matching
      JOIN orders AS o ON o.id = matching.id
     WHERE (o.workspace_id = workspace) IS TRUE
       AND (o.created_at, o.id) < (before_at, before_id)
       AND (only_shipped IS NULL
            OR only_shipped = (o.tracking_number IS NOT NULL
                               OR EXISTS (SELECT FROM robot_job_items AS i
                                           WHERE i.order_id = o.id AND i.shipment IN ('made', 'second'))))
       AND (only_with_guide IS NULL OR only_with_guide = (o.carrier_guide_number IS NOT NULL))
       AND (only_stage IS NULL OR o.stage_id = only_stage)
     ORDER BY o.created_at DESC, o.id DESC
     LIMIT at_most;
END $_$;

COMMENT ON FUNCTION search_orders(sought text, only_shipped boolean, only_with_guide boolean, only_stage text, before uuid, at_most integer) IS 'Finds orders of the transaction''s workspace alone, whatever it is asked.';

CREATE FUNCTION searchable(VARIADIC fields text[]) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN folded(('
'::text || array_to_string(fields, '
'::text)));

CREATE TABLE activity (
    id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    actor text,
    source text NOT NULL,
    action text NOT NULL,
    job_id uuid,
    order_id uuid,
    details jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT activity_action_check CHECK ((action = ANY (ARRAY['orders_imported'::text, 'order_changed'::text, 'job_submitted'::text, 'job_retried'::text, 'job_settled'::text, 'job_paused'::text, 'job_resumed'::text, 'job_prioritised'::text, 'job_cancelled'::text, 'job_ended'::text, 'carrier_configured'::text, 'guides_looked_up'::text])))
);

ALTER TABLE ONLY activity FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE activity IS 'Commands that changed something, each with who gave it. Counts and names of fields, no values: what was sent and reported stands with the items.';

COMMENT ON COLUMN activity.actor IS 'The token''s email, else its subject; removed with other personal data.';

CREATE TABLE carrier_configs (
    workspace_id uuid NOT NULL,
    carrier text NOT NULL,
    portal_username text,
    portal_password_sealed text,
    robot_url text,
    is_enabled boolean DEFAULT true NOT NULL,
    default_declared_value numeric(14,2) DEFAULT 10000 NOT NULL,
    default_weight_kg numeric(8,3) DEFAULT 1 NOT NULL,
    default_height_cm numeric(8,2) DEFAULT 10 NOT NULL,
    default_length_cm numeric(8,2) DEFAULT 10 NOT NULL,
    default_width_cm numeric(8,2) DEFAULT 10 NOT NULL,
    default_reference text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    personal_data_retention_days integer DEFAULT 90 NOT NULL,
    default_units integer DEFAULT 1 NOT NULL,
    default_email text,
    wave_size integer DEFAULT 25 NOT NULL,
    stop_after_errors integer DEFAULT 5 NOT NULL,
    disabled_at timestamp with time zone,
    guide_lookup_hours integer DEFAULT 2 NOT NULL,
    guides_refused_at timestamp with time zone,
    CONSTRAINT carrier_configs_declared_value_check CHECK ((default_declared_value >= (0)::numeric)),
    CONSTRAINT carrier_configs_guide_lookup_hours_check CHECK (((guide_lookup_hours >= 0) AND (guide_lookup_hours <= 168))),
    CONSTRAINT carrier_configs_height_check CHECK ((default_height_cm > (0)::numeric)),
    CONSTRAINT carrier_configs_length_check CHECK ((default_length_cm > (0)::numeric)),
    CONSTRAINT carrier_configs_retention_check CHECK (((personal_data_retention_days >= 1) AND (personal_data_retention_days <= 3650))),
    CONSTRAINT carrier_configs_stop_after_errors_check CHECK (((stop_after_errors >= 0) AND (stop_after_errors <= 100))),
    CONSTRAINT carrier_configs_units_check CHECK (((default_units >= 1) AND (default_units <= 999))),
    CONSTRAINT carrier_configs_wave_size_check CHECK (((wave_size >= 1) AND (wave_size <= 500))),
    CONSTRAINT carrier_configs_weight_check CHECK ((default_weight_kg > (0)::numeric)),
    CONSTRAINT carrier_configs_width_check CHECK ((default_width_cm > (0)::numeric))
);

ALTER TABLE ONLY carrier_configs FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE carrier_configs IS 'How a workspace reaches its carrier''s portal, and what its shipments have in common.';

COMMENT ON COLUMN carrier_configs.portal_password_sealed IS 'KMS ciphertext in base64, bound to workspace and carrier. The clear text is never stored.';

COMMENT ON COLUMN carrier_configs.personal_data_retention_days IS 'Days after an item''s end until what was sent for it is removed; the default holds without a configuration, too.';

COMMENT ON COLUMN carrier_configs.wave_size IS 'Items that a robot is given at once, where a job does not say its own.';

COMMENT ON COLUMN carrier_configs.stop_after_errors IS 'So many errors in a row with the same words pause a job; 0: none do.';

COMMENT ON COLUMN carrier_configs.disabled_at IS 'Since when is_enabled holds all waves back.';

COMMENT ON COLUMN carrier_configs.guide_lookup_hours IS 'Guides are looked up every so many hours while orders lack one; 0: never by itself.';

COMMENT ON COLUMN carrier_configs.guides_refused_at IS 'Since when no lookup is made by itself: the robot refused one for good. A change of the configuration clears it.';

CREATE TABLE carrier_coverage (
    carrier text NOT NULL,
    city text NOT NULL,
    department_abbrev text NOT NULL,
    supports_cod boolean NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    carrier_city text NOT NULL
);

COMMENT ON TABLE carrier_coverage IS 'Cities that a carrier serves, normalised (upper case, no diacritics). Shared reference data: it has no workspace.';

COMMENT ON COLUMN carrier_coverage.city IS 'The city as it is looked for: normalised, Ñ is N.';

COMMENT ON COLUMN carrier_coverage.carrier_city IS 'The city as the carrier writes it.';

CREATE TABLE client_activation (
    workspace_id uuid NOT NULL,
    is_enabled boolean DEFAULT false NOT NULL,
    all_are_clients boolean DEFAULT false NOT NULL,
    activation_stage_ids text[] DEFAULT '{}'::text[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY client_activation FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE client_activation IS 'When a workspace''s contacts count as clients: always, or by the stages of their orders.';

CREATE TABLE contacts (
    id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    name text,
    phone text,
    email text,
    identification text,
    is_client boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    search_text text GENERATED ALWAYS AS (searchable(VARIADIC ARRAY[name, phone, NULLIF(regexp_replace(regexp_replace(phone, '\D'::text, ''::text, 'g'::text), '^57(?=\d{10}$)'::text, ''::text), phone)])) STORED
);

ALTER TABLE ONLY contacts FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE contacts IS 'Who an order is shipped to.';

COMMENT ON COLUMN contacts.search_text IS 'What the contact''s orders are found by, without case and accents, a line a field.';

CREATE TABLE orders (
    id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    contact_id uuid,
    name text,
    total_value numeric(14,2),
    prepaid boolean DEFAULT false NOT NULL,
    carrier text,
    tracking_number text,
    carrier_guide_number text,
    shipping_address text,
    shipping_city text,
    shipping_department text,
    email text,
    stage_id text,
    custom_fields jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    units integer,
    number_by_hand boolean DEFAULT false NOT NULL,
    external_id text,
    name_key text GENERATED ALWAYS AS (look_key(name)) STORED,
    address_key text GENERATED ALWAYS AS (look_key(shipping_address)) STORED,
    search_text text GENERATED ALWAYS AS (searchable(VARIADIC ARRAY[name, external_id, tracking_number, carrier_guide_number, shipping_city])) STORED,
    CONSTRAINT orders_external_id_check CHECK (((length(external_id) >= 1) AND (length(external_id) <= 200))),
    CONSTRAINT orders_total_value_check CHECK ((total_value >= (0)::numeric))
)
WITH (fillfactor='80');

ALTER TABLE ONLY orders FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE orders IS 'What is to be shipped. tracking_number is written by a robot''s report or by the operator.';

COMMENT ON COLUMN orders.units IS 'How many parcels the order is; null: as many as the workspace''s shipments have by default.';

COMMENT ON COLUMN orders.number_by_hand IS 'tracking_number was written or cleared by a person or a program, not by a report.';

COMMENT ON COLUMN orders.external_id IS 'What the caller''s system calls the order; where it came without an id, its id follows from this.';

COMMENT ON COLUMN orders.name_key IS 'The name as lookalikes are found by it.';

COMMENT ON COLUMN orders.address_key IS 'The address as lookalikes are found by it.';

COMMENT ON COLUMN orders.search_text IS 'What the order is found by, without case and accents, a line a field.';

CREATE TABLE outbox (
    id bigint NOT NULL,
    workspace_id uuid NOT NULL,
    detail_type text NOT NULL,
    detail json NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    last_error text,
    next_attempt_at timestamp with time zone DEFAULT now() NOT NULL,
    published_at timestamp with time zone,
    set_aside_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY outbox FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE outbox IS 'Events that are true but perhaps not yet published: written in the transaction that made them true.

    unpublished ──► published          (published_at)
         └────────► set aside          (set_aside_at) the bus refused it for good; an alarm names it';

ALTER TABLE outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE robot_job_dispatches (
    job_id uuid NOT NULL,
    dispatch integer NOT NULL,
    workspace_id uuid NOT NULL,
    carrier text NOT NULL,
    status text DEFAULT 'waiting'::text NOT NULL,
    item_count integer NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    refused_since timestamp with time zone,
    refused_as text,
    next_attempt_at timestamp with time zone,
    claimed_at timestamp with time zone,
    accepted_at timestamp with time zone,
    deadline_at timestamp with time zone,
    closed_at timestamp with time zone,
    last_error text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    first_refused_at timestamp with time zone,
    announced_at timestamp with time zone,
    robot_url text,
    called_at timestamp with time zone,
    parked_at timestamp with time zone,
    restarted_at timestamp with time zone,
    restored_to timestamp with time zone,
    CONSTRAINT robot_job_dispatches_deadline_check CHECK ((((status = ANY (ARRAY['claimed'::text, 'accepted'::text, 'unknown'::text])) <= (deadline_at IS NOT NULL)) AND ((status = 'waiting'::text) <= (deadline_at IS NULL)))),
    CONSTRAINT robot_job_dispatches_dispatch_check CHECK ((dispatch > 0)),
    CONSTRAINT robot_job_dispatches_item_count_check CHECK ((item_count > 0)),
    CONSTRAINT robot_job_dispatches_refused_as_check CHECK ((refused_as = ANY (ARRAY['busy'::text, 'unreachable'::text]))),
    CONSTRAINT robot_job_dispatches_status_check CHECK ((status = ANY (ARRAY['waiting'::text, 'claimed'::text, 'accepted'::text, 'unknown'::text, 'closed'::text])))
);

ALTER TABLE ONLY robot_job_dispatches FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE robot_job_dispatches IS 'One wave of a job: what goes to the robot at once. It is handed over at most once.

    waiting ──► claimed ──► accepted ──► closed   the robot took it; reports, the deadline or a restart end it
       ▲           │  └───► unknown ───► closed   nobody knows; never sent again
       └─ released ┤                              refused for now: busy or not reachable
                   └──────────────────► closed   refused for good, or nothing was left to send
    waiting ──► closed                            given up, or its items were closed otherwise

    A wave that waits is called when its turn has come (called_at), and parked when it gives way (parked_at).';

COMMENT ON COLUMN robot_job_dispatches.first_refused_at IS 'The first refusal of any kind; refused_since is the first of the present kind in a row.';

COMMENT ON COLUMN robot_job_dispatches.announced_at IS 'When the notification about the job''s end in this dispatch went out.';

COMMENT ON COLUMN robot_job_dispatches.robot_url IS 'Where the hand-over went.';

COMMENT ON COLUMN robot_job_dispatches.called_at IS 'When the event that asks for the hand-over went out for this turn; null: it is not its turn.';

COMMENT ON COLUMN robot_job_dispatches.parked_at IS 'Since when it is not its turn; that time does not count to giving up.';

COMMENT ON COLUMN robot_job_dispatches.restarted_at IS 'When it was found that the robot had restarted, so that it works on the wave no more.';

COMMENT ON COLUMN robot_job_dispatches.restored_to IS 'This is no wave, but stands for those that were forgotten when the database was restored to this moment.';

CREATE TABLE robot_job_item_attempts (
    item_id uuid NOT NULL,
    dispatch integer NOT NULL,
    job_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    value_sent jsonb,
    claimed_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY robot_job_item_attempts FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE robot_job_item_attempts IS 'What each claim sent, or may have sent, of an item. A claim that was released leaves none.';

CREATE TABLE robot_job_item_reports (
    id bigint NOT NULL,
    workspace_id uuid NOT NULL,
    item_id uuid NOT NULL,
    dispatch integer,
    status text NOT NULL,
    tracking_number text,
    error_type text,
    error_message text,
    outcome text NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    source text DEFAULT 'robot'::text NOT NULL,
    CONSTRAINT robot_job_item_reports_outcome_check CHECK ((outcome = ANY (ARRAY['recorded'::text, 'duplicate'::text, 'stale'::text, 'conflict'::text]))),
    CONSTRAINT robot_job_item_reports_source_check CHECK ((source = ANY (ARRAY['robot'::text, 'person'::text, 'deadline'::text, 'restart'::text]))),
    CONSTRAINT robot_job_item_reports_status_check CHECK ((status = ANY (ARRAY['success'::text, 'error'::text])))
);

ALTER TABLE ONLY robot_job_item_reports FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE robot_job_item_reports IS 'Every report about an item, whatever became of it, and what closed it without one. Only appended to.';

COMMENT ON COLUMN robot_job_item_reports.dispatch IS 'The wave that was reported about; null: none was, and the item was in none.';

ALTER TABLE robot_job_item_reports ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME robot_job_item_reports_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE robot_job_items (
    id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    job_id uuid NOT NULL,
    order_id uuid NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    dispatch integer,
    tracking_number text,
    validated_city text,
    value_sent jsonb,
    error_type text,
    error_message text,
    retry_count integer DEFAULT 0 NOT NULL,
    last_retry_at timestamp with time zone,
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    personal_data_removed_at timestamp with time zone,
    shipment text DEFAULT 'none'::text,
    holds boolean DEFAULT true NOT NULL,
    closed_by text,
    other_numbers text[] DEFAULT '{}'::text[] NOT NULL,
    voided_numbers text[] DEFAULT '{}'::text[] NOT NULL,
    voided_at timestamp with time zone,
    lifted uuid[],
    lifted_number text,
    has_given_value boolean DEFAULT false NOT NULL,
    is_lookup boolean DEFAULT false NOT NULL,
    pedido_number text,
    restored_to timestamp with time zone,
    CONSTRAINT robot_job_items_closed_by_check CHECK ((closed_by = ANY (ARRAY['robot'::text, 'person'::text, 'deadline'::text, 'restart'::text, 'system'::text]))),
    CONSTRAINT robot_job_items_completed_at_check CHECK (((status = ANY (ARRAY['success'::text, 'error'::text])) = (completed_at IS NOT NULL))),
    CONSTRAINT robot_job_items_dispatch_check CHECK ((dispatch > 0)),
    CONSTRAINT robot_job_items_error_check CHECK (((status = 'error'::text) = (error_type IS NOT NULL))),
    CONSTRAINT robot_job_items_error_type_check CHECK ((error_type = ANY (ARRAY['validation'::text, 'portal'::text, 'timeout'::text, 'unknown'::text]))),
    CONSTRAINT robot_job_items_holds_check CHECK (((NOT holds) OR (shipment = 'made'::text) OR (status = ANY (ARRAY['pending'::text, 'processing'::text])) OR ((status = 'error'::text) AND (shipment = 'possible'::text)))),
    CONSTRAINT robot_job_items_known_check CHECK ((((status = 'success'::text) = (shipment = ANY (ARRAY['made'::text, 'second'::text]))) AND ((shipment <> 'second'::text) OR (NOT holds)))),
    CONSTRAINT robot_job_items_number_check CHECK (((tracking_number IS NULL) OR (status = 'success'::text))),
    CONSTRAINT robot_job_items_retry_count_check CHECK ((retry_count >= 0)),
    CONSTRAINT robot_job_items_shipment_check CHECK ((shipment = ANY (ARRAY['none'::text, 'possible'::text, 'made'::text, 'second'::text]))),
    CONSTRAINT robot_job_items_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'processing'::text, 'success'::text, 'error'::text]))),
    CONSTRAINT robot_job_items_tracking_number_check CHECK (((length(tracking_number) >= 1) AND (length(tracking_number) <= 200))),
    CONSTRAINT robot_job_items_who_closed_check CHECK (((closed_by IS NOT NULL) = (completed_at IS NOT NULL)))
);

ALTER TABLE ONLY robot_job_items FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE robot_job_items IS 'One order of a job.

    pending ──► processing ──► success     for good: the shipment exists
       │ ▲           │  └────► error ────► success   a late success
       │ └─ retry ───┴─────────  │
       └──► success, error ◄─────┘';

COMMENT ON COLUMN robot_job_items.dispatch IS 'The wave that the item is in now; null until one is made for it. An error of an earlier one changes nothing; a success always counts.';

COMMENT ON COLUMN robot_job_items.personal_data_removed_at IS 'When value_sent was removed; such an item can''t be retried, since there is nothing left to send.';

COMMENT ON COLUMN robot_job_items.shipment IS 'What is known of the shipment at the carrier:

    none       pending and not claimed; or in error, and it is proven that nothing was made
    possible   claimed or with the robot; or in error, and nobody knows (the item is unsettled)
    made       it exists
    second     it exists beside an earlier one of the order that nobody asked to make twice; one has to be voided';

COMMENT ON COLUMN robot_job_items.holds IS 'The item holds its order: no other item of it may be handed over. Only what is open, unsettled or made can hold. A made item that does not hold was released for a reshipment.';

COMMENT ON COLUMN robot_job_items.closed_by IS 'Who closed the item: the robot''s report, a person, the deadline, the robot''s restart, or the system: before any robot had it, or after the database was restored.';

COMMENT ON COLUMN robot_job_items.other_numbers IS 'Further tracking numbers that were reported for this item: shipments beside its own, until a person has them voided.';

COMMENT ON COLUMN robot_job_items.lifted IS 'Of a reshipment: the items of the order that had been made when it was submitted. They do not stand in its way.';

COMMENT ON COLUMN robot_job_items.lifted_number IS 'Of a reshipment: the tracking number that the order had when it was submitted. Its own replaces it.';

COMMENT ON COLUMN robot_job_items.has_given_value IS 'value_sent was given by the caller and is sent as it is; else it is made of the order at each hand-over.';

COMMENT ON COLUMN robot_job_items.is_lookup IS 'Its guide is looked up: the item makes no shipment and holds no order; its tracking_number is the guide.';

COMMENT ON COLUMN robot_job_items.pedido_number IS 'Of a lookup that the robot has, may have, or had: the tracking number that it was asked with. Null: no robot has it.';

COMMENT ON COLUMN robot_job_items.restored_to IS 'The database was restored to this moment, and had forgotten whether the item''s order was shipped since; that made the item unsettled.';

CREATE TABLE robot_jobs (
    id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    carrier text NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    total_items integer NOT NULL,
    success_count integer DEFAULT 0 NOT NULL,
    error_count integer DEFAULT 0 NOT NULL,
    dispatch integer DEFAULT 1 NOT NULL,
    idempotency_key text,
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    allow_reshipment boolean DEFAULT false NOT NULL,
    priority text DEFAULT 'normal'::text NOT NULL,
    wave_size integer DEFAULT 25 NOT NULL,
    paused_at timestamp with time zone,
    paused_reason text,
    paused_message text,
    errors_in_a_row integer DEFAULT 0 NOT NULL,
    words_in_a_row text,
    kind text DEFAULT 'shipment'::text NOT NULL,
    is_automatic boolean DEFAULT false NOT NULL,
    numbers_passed_over integer DEFAULT 0 NOT NULL,
    CONSTRAINT robot_jobs_completed_at_check CHECK (((status = ANY (ARRAY['completed'::text, 'failed'::text])) = (completed_at IS NOT NULL))),
    CONSTRAINT robot_jobs_counts_check CHECK (((success_count >= 0) AND (error_count >= 0) AND ((success_count + error_count) <= total_items))),
    CONSTRAINT robot_jobs_dispatch_check CHECK ((dispatch > 0)),
    CONSTRAINT robot_jobs_ended_check CHECK (((status = ANY (ARRAY['completed'::text, 'failed'::text])) = ((success_count + error_count) = total_items))),
    CONSTRAINT robot_jobs_idempotency_key_check CHECK (((length(idempotency_key) >= 1) AND (length(idempotency_key) <= 200))),
    CONSTRAINT robot_jobs_kind_check CHECK ((kind = ANY (ARRAY['shipment'::text, 'guide_lookup'::text]))),
    CONSTRAINT robot_jobs_numbers_passed_over_check CHECK ((numbers_passed_over >= 0)),
    CONSTRAINT robot_jobs_paused_check CHECK ((((paused_at IS NULL) = (paused_reason IS NULL)) AND ((paused_at IS NULL) OR (status = ANY (ARRAY['pending'::text, 'processing'::text]))))),
    CONSTRAINT robot_jobs_paused_reason_check CHECK ((paused_reason = ANY (ARRAY['operator'::text, 'errors'::text]))),
    CONSTRAINT robot_jobs_priority_check CHECK ((priority = ANY (ARRAY['normal'::text, 'urgent'::text]))),
    CONSTRAINT robot_jobs_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'processing'::text, 'completed'::text, 'failed'::text]))),
    CONSTRAINT robot_jobs_total_items_check CHECK ((total_items > 0)),
    CONSTRAINT robot_jobs_wave_size_check CHECK (((wave_size >= 1) AND (wave_size <= 500)))
)
WITH (fillfactor='50');

ALTER TABLE ONLY robot_jobs FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE robot_jobs IS 'A batch of orders for the robot.

    pending ──► processing ──► completed   something was shipped
       │ ▲           │    └──► failed      nothing was
       │ └─ retry ───┴──────── (from completed and failed)
       └──► completed, failed              every report came before the robot''s acceptance was noted

    failed ──► completed                   a late success
    A job has ended exactly when success_count + error_count = total_items.';

COMMENT ON COLUMN robot_jobs.dispatch IS 'The number of the latest wave.';

COMMENT ON COLUMN robot_jobs.allow_reshipment IS 'The job was asked to ship once more what had been shipped when it was submitted; each item says what that was.';

COMMENT ON COLUMN robot_jobs.paused_at IS 'Since when no further wave starts; what the robot has goes on.';

COMMENT ON COLUMN robot_jobs.paused_message IS 'The robot''s words that paused the job.';

COMMENT ON COLUMN robot_jobs.errors_in_a_row IS 'Errors that the robot reported last, one after the other, with words_in_a_row.';

COMMENT ON COLUMN robot_jobs.words_in_a_row IS 'The words of the last errors, digits aside; null: the last report was none.';

COMMENT ON COLUMN robot_jobs.kind IS 'What the robot is asked for: to make shipments, or to look up the guides of some that exist.';

COMMENT ON COLUMN robot_jobs.is_automatic IS 'The schedule made it: nobody is notified of its end, and errors in a row end it, since nobody would resume it.';

COMMENT ON COLUMN robot_jobs.numbers_passed_over IS 'So many numbers the next wave leaves out: a robot may remember them from hand-overs that a restored database has forgotten.';

CREATE TABLE uploads (
    id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    content bytea NOT NULL,
    mapping jsonb DEFAULT '{}'::jsonb NOT NULL,
    confirmed uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT uploads_content_check CHECK ((length(content) <= 4194304))
);

ALTER TABLE ONLY uploads FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE uploads IS 'Files of orders as they came, between preview and import; a row is deleted a day later.';

COMMENT ON COLUMN uploads.mapping IS 'Heading to column, where a person said which it is.';

COMMENT ON COLUMN uploads.confirmed IS 'Orders that look like others, and are imported all the same.';

ALTER TABLE ONLY activity
    ADD CONSTRAINT activity_pkey PRIMARY KEY (id);

ALTER TABLE ONLY carrier_configs
    ADD CONSTRAINT carrier_configs_pkey PRIMARY KEY (workspace_id, carrier);

ALTER TABLE ONLY carrier_coverage
    ADD CONSTRAINT carrier_coverage_pkey PRIMARY KEY (carrier, city, department_abbrev);

ALTER TABLE ONLY client_activation
    ADD CONSTRAINT client_activation_pkey PRIMARY KEY (workspace_id);

ALTER TABLE ONLY contacts
    ADD CONSTRAINT contacts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY contacts
    ADD CONSTRAINT contacts_workspace_id_id_key UNIQUE (workspace_id, id);

ALTER TABLE ONLY orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);

ALTER TABLE orders
    ADD CONSTRAINT orders_units_check CHECK (((units >= 1) AND (units <= 999))) NOT VALID;

ALTER TABLE ONLY orders
    ADD CONSTRAINT orders_workspace_id_id_key UNIQUE (workspace_id, id);

ALTER TABLE ONLY outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY robot_job_dispatches
    ADD CONSTRAINT robot_job_dispatches_pkey PRIMARY KEY (job_id, dispatch);

ALTER TABLE ONLY robot_job_item_attempts
    ADD CONSTRAINT robot_job_item_attempts_pkey PRIMARY KEY (item_id, dispatch);

ALTER TABLE ONLY robot_job_item_reports
    ADD CONSTRAINT robot_job_item_reports_pkey PRIMARY KEY (id);

ALTER TABLE robot_job_items
    ADD CONSTRAINT robot_job_items_lookup_check CHECK (((is_lookup = (shipment IS NULL)) AND (NOT (is_lookup AND holds)) AND (is_lookup OR (pedido_number IS NULL)))) NOT VALID;

ALTER TABLE ONLY robot_job_items
    ADD CONSTRAINT robot_job_items_pkey PRIMARY KEY (id);

ALTER TABLE ONLY robot_jobs
    ADD CONSTRAINT robot_jobs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY robot_jobs
    ADD CONSTRAINT robot_jobs_workspace_id_id_key UNIQUE (workspace_id, id);

ALTER TABLE ONLY uploads
    ADD CONSTRAINT uploads_pkey PRIMARY KEY (id);

CREATE INDEX activity_actors ON activity USING btree (workspace_id, at) WHERE (actor IS NOT NULL);

CREATE INDEX activity_job ON activity USING btree (job_id, id) WHERE (job_id IS NOT NULL);

CREATE INDEX activity_newest ON activity USING btree (workspace_id, id);

CREATE INDEX activity_order ON activity USING btree (order_id, id) WHERE (order_id IS NOT NULL);

CREATE INDEX carrier_coverage_beginnings ON carrier_coverage USING btree (carrier, city text_pattern_ops);

CREATE INDEX carrier_coverage_trigrams ON carrier_coverage USING gin (city gin_trgm_ops);

CREATE INDEX contacts_search ON contacts USING gin (search_keys(workspace_id, search_text)) WITH (gin_pending_list_limit='1024');

CREATE INDEX orders_address_key ON orders USING btree (workspace_id, address_key, created_at) WHERE (address_key IS NOT NULL);

CREATE INDEX orders_by_numbers ON orders USING btree (workspace_id, ((tracking_number IS NULL)), ((carrier_guide_number IS NULL)), created_at, id);

CREATE INDEX orders_by_stage ON orders USING btree (workspace_id, stage_id, ((tracking_number IS NULL)), ((carrier_guide_number IS NULL)), created_at, id) WHERE (stage_id IS NOT NULL);

CREATE INDEX orders_contact ON orders USING btree (contact_id) WHERE (contact_id IS NOT NULL);

CREATE UNIQUE INDEX orders_external_id ON orders USING btree (workspace_id, external_id) WHERE (external_id IS NOT NULL);

CREATE INDEX orders_lacking_guide ON orders USING btree (workspace_id, updated_at) WHERE ((tracking_number IS NOT NULL) AND (carrier_guide_number IS NULL));

CREATE INDEX orders_name_key ON orders USING btree (workspace_id, name_key, created_at) WHERE (name_key IS NOT NULL);

CREATE INDEX orders_newest ON orders USING btree (workspace_id, created_at, id);

CREATE INDEX orders_number_cleared ON orders USING btree (workspace_id, id) WHERE ((tracking_number IS NULL) AND number_by_hand);

CREATE INDEX orders_search ON orders USING gin (search_keys(workspace_id, search_text)) WITH (gin_pending_list_limit='1024');

CREATE INDEX orders_tracking_number ON orders USING btree (workspace_id, tracking_number) WHERE (tracking_number IS NOT NULL);

CREATE INDEX outbox_published ON outbox USING btree (published_at) WHERE (published_at IS NOT NULL);

CREATE INDEX outbox_set_aside ON outbox USING btree (set_aside_at) WHERE (set_aside_at IS NOT NULL);

CREATE INDEX outbox_unpublished ON outbox USING btree (workspace_id, id) WHERE ((published_at IS NULL) AND (set_aside_at IS NULL));

CREATE INDEX robot_job_dispatches_accepted ON robot_job_dispatches USING btree (workspace_id, accepted_at) WHERE (accepted_at IS NOT NULL);

CREATE UNIQUE INDEX robot_job_dispatches_calling ON robot_job_dispatches USING btree (workspace_id) WHERE (status = 'claimed'::text);

CREATE INDEX robot_job_dispatches_deadline ON robot_job_dispatches USING btree (deadline_at) WHERE (status = ANY (ARRAY['claimed'::text, 'accepted'::text, 'unknown'::text]));

CREATE INDEX robot_job_dispatches_line ON robot_job_dispatches USING btree (workspace_id, carrier, called_at) WHERE (status = 'waiting'::text);

CREATE INDEX robot_job_dispatches_open ON robot_job_dispatches USING btree (job_id) WHERE (status <> 'closed'::text);

CREATE INDEX robot_job_dispatches_waiting ON robot_job_dispatches USING btree (workspace_id, job_id) WHERE (status = 'waiting'::text);

CREATE UNIQUE INDEX robot_job_dispatches_with_robot ON robot_job_dispatches USING btree (workspace_id, carrier) WHERE (status = ANY (ARRAY['claimed'::text, 'accepted'::text]));

CREATE INDEX robot_job_item_attempts_job ON robot_job_item_attempts USING btree (job_id, dispatch);

CREATE INDEX robot_job_item_reports_item ON robot_job_item_reports USING btree (item_id, id);

CREATE INDEX robot_job_items_failed ON robot_job_items USING btree (workspace_id, job_id, id) WHERE ((status = 'error'::text) AND (shipment = 'none'::text) AND (NOT is_lookup));

CREATE UNIQUE INDEX robot_job_items_holder ON robot_job_items USING btree (order_id) WHERE holds;

CREATE INDEX robot_job_items_in_line ON robot_job_items USING btree (job_id, last_retry_at NULLS FIRST, id) WHERE ((dispatch IS NULL) AND (status = 'pending'::text));

CREATE INDEX robot_job_items_job ON robot_job_items USING btree (job_id, id);

CREATE UNIQUE INDEX robot_job_items_lookup ON robot_job_items USING btree (order_id) WHERE (is_lookup AND (status = ANY (ARRAY['pending'::text, 'processing'::text])));

CREATE INDEX robot_job_items_oldest ON robot_job_items USING btree (COALESCE(last_retry_at, created_at)) WHERE (status = ANY (ARRAY['pending'::text, 'processing'::text]));

CREATE INDEX robot_job_items_open ON robot_job_items USING btree (job_id, dispatch) WHERE (status = ANY (ARRAY['pending'::text, 'processing'::text]));

CREATE INDEX robot_job_items_order ON robot_job_items USING btree (order_id, id);

CREATE INDEX robot_job_items_retained ON robot_job_items USING btree (workspace_id, completed_at) WHERE ((value_sent IS NOT NULL) AND (completed_at IS NOT NULL));

CREATE INDEX robot_job_items_second ON robot_job_items USING btree (workspace_id, job_id, id) WHERE (((shipment = 'second'::text) AND (voided_at IS NULL)) OR (other_numbers <> '{}'::text[]));

CREATE INDEX robot_job_items_unnumbered ON robot_job_items USING btree (workspace_id, order_id) WHERE ((shipment = ANY (ARRAY['made'::text, 'second'::text])) AND ((tracking_number IS NULL) OR (NOT holds)));

CREATE INDEX robot_job_items_unsettled ON robot_job_items USING btree (workspace_id, job_id, id) WHERE ((status = 'error'::text) AND (shipment = 'possible'::text));

CREATE UNIQUE INDEX robot_jobs_idempotency_key ON robot_jobs USING btree (workspace_id, idempotency_key) WHERE (idempotency_key IS NOT NULL);

CREATE INDEX robot_jobs_kind ON robot_jobs USING btree (workspace_id, kind, id);

CREATE INDEX robot_jobs_lookups ON robot_jobs USING btree (workspace_id, carrier, created_at) WHERE (kind = 'guide_lookup'::text);

CREATE INDEX robot_jobs_status ON robot_jobs USING btree (status, workspace_id, id);

CREATE INDEX uploads_age ON uploads USING btree (created_at);

CREATE INDEX uploads_workspace ON uploads USING btree (workspace_id, created_at);

ALTER TABLE ONLY orders
    ADD CONSTRAINT orders_contact_fkey FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts(workspace_id, id);

ALTER TABLE ONLY robot_job_dispatches
    ADD CONSTRAINT robot_job_dispatches_job_fkey FOREIGN KEY (workspace_id, job_id) REFERENCES robot_jobs(workspace_id, id);

ALTER TABLE ONLY robot_job_item_attempts
    ADD CONSTRAINT robot_job_item_attempts_item_fkey FOREIGN KEY (item_id) REFERENCES robot_job_items(id);

ALTER TABLE ONLY robot_job_item_reports
    ADD CONSTRAINT robot_job_item_reports_item_fkey FOREIGN KEY (item_id) REFERENCES robot_job_items(id);

ALTER TABLE ONLY robot_job_items
    ADD CONSTRAINT robot_job_items_job_fkey FOREIGN KEY (workspace_id, job_id) REFERENCES robot_jobs(workspace_id, id);

ALTER TABLE ONLY robot_job_items
    ADD CONSTRAINT robot_job_items_order_fkey FOREIGN KEY (workspace_id, order_id) REFERENCES orders(workspace_id, id);

ALTER TABLE activity ENABLE ROW LEVEL SECURITY;

ALTER TABLE carrier_configs ENABLE ROW LEVEL SECURITY;

ALTER TABLE client_activation ENABLE ROW LEVEL SECURITY;

ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;

CREATE POLICY every_workspace ON activity TO robot_jobs_system USING (true);

CREATE POLICY every_workspace ON carrier_configs TO robot_jobs_system USING (true);

CREATE POLICY every_workspace ON client_activation TO robot_jobs_system USING (true);

CREATE POLICY every_workspace ON contacts TO robot_jobs_system USING (true);

CREATE POLICY every_workspace ON orders TO robot_jobs_system USING (true);

CREATE POLICY every_workspace ON outbox TO robot_jobs_system USING (true);

CREATE POLICY every_workspace ON robot_job_dispatches TO robot_jobs_system USING (true);

CREATE POLICY every_workspace ON robot_job_item_attempts TO robot_jobs_system USING (true);

CREATE POLICY every_workspace ON robot_job_item_reports TO robot_jobs_system USING (true);

CREATE POLICY every_workspace ON robot_job_items TO robot_jobs_system USING (true);

CREATE POLICY every_workspace ON robot_jobs TO robot_jobs_system USING (true);

CREATE POLICY every_workspace ON uploads TO robot_jobs_system USING (true);

ALTER TABLE orders ENABLE ROW LEVEL SECURITY;

ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_workspace ON activity TO robot_jobs_app USING (((workspace_id = ( SELECT (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid AS "nullif")) IS TRUE));

CREATE POLICY own_workspace ON carrier_configs TO robot_jobs_app USING (((workspace_id = ( SELECT (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid AS "nullif")) IS TRUE));

CREATE POLICY own_workspace ON client_activation TO robot_jobs_app USING (((workspace_id = ( SELECT (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid AS "nullif")) IS TRUE));

CREATE POLICY own_workspace ON contacts TO robot_jobs_app USING (((workspace_id = ( SELECT (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid AS "nullif")) IS TRUE));

CREATE POLICY own_workspace ON orders TO robot_jobs_app USING (((workspace_id = ( SELECT (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid AS "nullif")) IS TRUE));

CREATE POLICY own_workspace ON outbox TO robot_jobs_app USING (((workspace_id = ( SELECT (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid AS "nullif")) IS TRUE));

CREATE POLICY own_workspace ON robot_job_dispatches TO robot_jobs_app USING (((workspace_id = ( SELECT (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid AS "nullif")) IS TRUE));

CREATE POLICY own_workspace ON robot_job_item_attempts TO robot_jobs_app USING (((workspace_id = ( SELECT (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid AS "nullif")) IS TRUE));

CREATE POLICY own_workspace ON robot_job_item_reports TO robot_jobs_app USING (((workspace_id = ( SELECT (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid AS "nullif")) IS TRUE));

CREATE POLICY own_workspace ON robot_job_items TO robot_jobs_app USING (((workspace_id = ( SELECT (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid AS "nullif")) IS TRUE));

CREATE POLICY own_workspace ON robot_jobs TO robot_jobs_app USING (((workspace_id = ( SELECT (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid AS "nullif")) IS TRUE));

CREATE POLICY own_workspace ON uploads TO robot_jobs_app USING (((workspace_id = ( SELECT (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid AS "nullif")) IS TRUE));

ALTER TABLE robot_job_dispatches ENABLE ROW LEVEL SECURITY;

ALTER TABLE robot_job_item_attempts ENABLE ROW LEVEL SECURITY;

ALTER TABLE robot_job_item_reports ENABLE ROW LEVEL SECURITY;

ALTER TABLE robot_job_items ENABLE ROW LEVEL SECURITY;

ALTER TABLE robot_jobs ENABLE ROW LEVEL SECURITY;

CREATE POLICY searched ON contacts FOR SELECT TO robot_jobs_search USING (true);

CREATE POLICY searched ON orders FOR SELECT TO robot_jobs_search USING (true);

CREATE POLICY searched ON robot_job_items FOR SELECT TO robot_jobs_search USING (true);

ALTER TABLE uploads ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA public TO robot_jobs_app;
GRANT USAGE ON SCHEMA public TO robot_jobs_system;
GRANT USAGE ON SCHEMA public TO robot_jobs_search;

REVOKE ALL ON FUNCTION search_orders(sought text, only_shipped boolean, only_with_guide boolean, only_stage text, before uuid, at_most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION search_orders(sought text, only_shipped boolean, only_with_guide boolean, only_stage text, before uuid, at_most integer) TO robot_jobs_app;

GRANT SELECT,INSERT ON TABLE activity TO robot_jobs_app;
GRANT SELECT ON TABLE activity TO robot_jobs_system;

GRANT UPDATE(actor) ON TABLE activity TO robot_jobs_system;

GRANT SELECT,INSERT,UPDATE ON TABLE carrier_configs TO robot_jobs_app;

GRANT SELECT(workspace_id) ON TABLE carrier_configs TO robot_jobs_system;

GRANT SELECT(carrier) ON TABLE carrier_configs TO robot_jobs_system;

GRANT SELECT(is_enabled) ON TABLE carrier_configs TO robot_jobs_system;

GRANT SELECT(personal_data_retention_days) ON TABLE carrier_configs TO robot_jobs_system;

GRANT SELECT(wave_size) ON TABLE carrier_configs TO robot_jobs_system;

GRANT SELECT(guide_lookup_hours) ON TABLE carrier_configs TO robot_jobs_system;

GRANT SELECT(guides_refused_at) ON TABLE carrier_configs TO robot_jobs_system;

GRANT SELECT ON TABLE carrier_coverage TO robot_jobs_app;

GRANT SELECT,INSERT,UPDATE ON TABLE client_activation TO robot_jobs_app;

GRANT SELECT,INSERT,UPDATE ON TABLE contacts TO robot_jobs_app;

GRANT SELECT(id) ON TABLE contacts TO robot_jobs_search;

GRANT SELECT(workspace_id) ON TABLE contacts TO robot_jobs_search;

GRANT SELECT(search_text) ON TABLE contacts TO robot_jobs_search;

GRANT SELECT,INSERT,UPDATE ON TABLE orders TO robot_jobs_app;
GRANT SELECT ON TABLE orders TO robot_jobs_system;

GRANT SELECT(id) ON TABLE orders TO robot_jobs_search;

GRANT SELECT(workspace_id) ON TABLE orders TO robot_jobs_search;

GRANT SELECT(contact_id) ON TABLE orders TO robot_jobs_search;

GRANT SELECT(tracking_number) ON TABLE orders TO robot_jobs_search;

GRANT SELECT(carrier_guide_number) ON TABLE orders TO robot_jobs_search;

GRANT SELECT(stage_id) ON TABLE orders TO robot_jobs_search;

GRANT SELECT(created_at) ON TABLE orders TO robot_jobs_search;

GRANT UPDATE(updated_at) ON TABLE orders TO robot_jobs_system;

GRANT SELECT(search_text) ON TABLE orders TO robot_jobs_search;

GRANT SELECT,INSERT,UPDATE ON TABLE outbox TO robot_jobs_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE outbox TO robot_jobs_system;

GRANT SELECT,INSERT,UPDATE ON TABLE robot_job_dispatches TO robot_jobs_app;
GRANT SELECT,INSERT,UPDATE ON TABLE robot_job_dispatches TO robot_jobs_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE robot_job_item_attempts TO robot_jobs_app;
GRANT SELECT,UPDATE ON TABLE robot_job_item_attempts TO robot_jobs_system;

GRANT SELECT,INSERT ON TABLE robot_job_item_reports TO robot_jobs_app;
GRANT SELECT,INSERT ON TABLE robot_job_item_reports TO robot_jobs_system;

GRANT SELECT,INSERT,UPDATE ON TABLE robot_job_items TO robot_jobs_app;
GRANT SELECT,INSERT,UPDATE ON TABLE robot_job_items TO robot_jobs_system;

GRANT SELECT(order_id) ON TABLE robot_job_items TO robot_jobs_search;

GRANT SELECT(shipment) ON TABLE robot_job_items TO robot_jobs_search;

GRANT SELECT,INSERT,UPDATE ON TABLE robot_jobs TO robot_jobs_app;
GRANT SELECT,INSERT,UPDATE ON TABLE robot_jobs TO robot_jobs_system;

GRANT SELECT,INSERT,DELETE ON TABLE uploads TO robot_jobs_app;
GRANT DELETE ON TABLE uploads TO robot_jobs_system;

GRANT UPDATE(mapping) ON TABLE uploads TO robot_jobs_app;

GRANT UPDATE(confirmed) ON TABLE uploads TO robot_jobs_app;

GRANT SELECT(created_at) ON TABLE uploads TO robot_jobs_system;
