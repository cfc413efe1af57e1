-- Lists of orders, newest first, and the search among them.
SET LOCAL lock_timeout = '10s';

-- Text as it is searched: without case and accents.
CREATE FUNCTION folded(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(regexp_replace(normalize($1, NFKD), '[\u0300-\u036f]', '', 'g'));

-- Fields as one text, each behind a line's end, which no search has in it: none is found across two of them.
CREATE FUNCTION searchable(VARIADIC fields text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN folded(E'\n' || array_to_string(fields, E'\n'));

-- The trigrams of a text, and the first letter of each field, as a workspace has them: an entry of the index leads to
-- one workspace's rows alone, so what a search costs depends on nobody else's.
-- (A loop: it is made for each version of a row, and a query in its place takes five times as long.)
CREATE FUNCTION search_keys(workspace uuid, words text) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
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

-- What an order is found by: a further column is one more name in this list.
ALTER TABLE orders ADD COLUMN search_text text GENERATED ALWAYS AS (searchable(
    name,
    external_id,
    tracking_number,
    carrier_guide_number,
    shipping_city
)) STORED;
COMMENT ON COLUMN orders.search_text IS 'What the order is found by, without case and accents, a line a field.';
-- A phone stands there as it was written and, where that differs, as its digits without Colombia's 57.
ALTER TABLE contacts ADD COLUMN search_text text GENERATED ALWAYS AS (searchable(
    name,
    phone,
    nullif(regexp_replace(regexp_replace(phone, '\D', '', 'g'), '^57(?=\d{10}$)', ''), phone)
)) STORED;
COMMENT ON COLUMN contacts.search_text IS 'What the contact''s orders are found by, without case and accents, a line a field.';

-- A search reads the list of what is not in order yet as a whole, so it is kept short.
CREATE INDEX orders_search ON orders USING gin (search_keys(workspace_id, search_text))
    WITH (gin_pending_list_limit = 1024);
CREATE INDEX contacts_search ON contacts USING gin (search_keys(workspace_id, search_text))
    WITH (gin_pending_list_limit = 1024);
CREATE INDEX orders_contact ON orders (contact_id) WHERE contact_id IS NOT NULL;

-- Newest first: all; by whether there is a number, and a guide; the same of a stage.
CREATE INDEX orders_newest ON orders (workspace_id, created_at, id);
CREATE INDEX orders_by_numbers ON orders
    (workspace_id, (tracking_number IS NULL), (carrier_guide_number IS NULL), created_at, id);
CREATE INDEX orders_by_stage ON orders
    (workspace_id, stage_id, (tracking_number IS NULL), (carrier_guide_number IS NULL), created_at, id)
    WHERE stage_id IS NOT NULL;
-- The few orders without a number that were shipped all the same.
CREATE INDEX robot_job_items_unnumbered ON robot_job_items (workspace_id, order_id)
    WHERE shipment IN ('made', 'second') AND (tracking_number IS NULL OR NOT holds);
CREATE INDEX orders_number_cleared ON orders (workspace_id, id) WHERE tracking_number IS NULL AND number_by_hand;

-- Who searches. Under row-level security as the functions' role has it, no condition on the text could use an index: it
-- might tell of other rows before the policy has sorted them out. The function names the workspace itself.
DO $$
BEGIN
    CREATE ROLE robot_jobs_search NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
CREATE POLICY searched ON orders FOR SELECT TO robot_jobs_search USING (true);
CREATE POLICY searched ON contacts FOR SELECT TO robot_jobs_search USING (true);
CREATE POLICY searched ON robot_job_items FOR SELECT TO robot_jobs_search USING (true);
GRANT USAGE ON SCHEMA public TO robot_jobs_search;
GRANT SELECT (id, workspace_id, contact_id, created_at, tracking_number, carrier_guide_number, stage_id, search_text)
    ON orders TO robot_jobs_search;
GRANT SELECT (id, workspace_id, search_text) ON contacts TO robot_jobs_search;
GRANT SELECT (order_id, shipment) ON robot_job_items TO robot_jobs_search;

-- The newest orders of the transaction's workspace, before one of them, that have a text in a field; a text of one or
-- two characters is looked for at the beginning of fields. The other conditions hold where they are not null.
--
-- What few orders have is found by the index and sorted. What many have is soon met going back from the newest; where it
-- isn't, all of it is sorted after all.
CREATE FUNCTION search_orders(
    sought text, only_shipped boolean, only_with_guide boolean, only_stage text, before uuid, at_most integer
) RETURNS TABLE (order_id uuid, order_created_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
END $$;
COMMENT ON FUNCTION search_orders IS 'Finds orders of the transaction''s workspace alone, whatever it is asked.';
REVOKE ALL ON FUNCTION search_orders FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_orders TO robot_jobs_app;

-- Whoever gives a function away has to be able to take the new owner's role, and that owner to make functions: for this
-- moment. Who has made the role may give it to themselves.
DO $$
DECLARE
    was_member CONSTANT boolean := pg_has_role('robot_jobs_search', 'SET');
BEGIN
    IF NOT was_member THEN
        BEGIN
            GRANT robot_jobs_search TO CURRENT_USER WITH INHERIT FALSE, SET TRUE;
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE insufficient_privilege USING
                MESSAGE = 'somebody else has made the role robot_jobs_search on this server',
                HINT = format('Its maker has to run once: GRANT robot_jobs_search TO %I WITH ADMIN OPTION', current_user);
        END;
    END IF;
    GRANT CREATE ON SCHEMA public TO robot_jobs_search;
    ALTER FUNCTION search_orders OWNER TO robot_jobs_search;
    REVOKE CREATE ON SCHEMA public FROM robot_jobs_search;
    IF NOT was_member THEN
        REVOKE robot_jobs_search FROM CURRENT_USER;
    END IF;
END $$;
