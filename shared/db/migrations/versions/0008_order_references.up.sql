-- What a shop calls its order, once in a workspace; and what orders look alike by.
SET LOCAL lock_timeout = '5s';

-- Texts that a person reads as one: letters and digits without case, accents and punctuation. Null where none are left.
CREATE FUNCTION look_key(written text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN nullif(btrim(regexp_replace(
    upper(regexp_replace(normalize(left(written, 200), NFKD), '[\u0300-\u036f]', '', 'g')),
    '[^0-9A-Z]+', ' ', 'g')), '');

-- The keys are columns, since under row-level security an index of an expression is not used: `upper` is not leakproof.
-- This writes the table anew.
ALTER TABLE orders
    ADD COLUMN external_id text,
    ADD COLUMN name_key text GENERATED ALWAYS AS (look_key(name)) STORED,
    ADD COLUMN address_key text GENERATED ALWAYS AS (look_key(shipping_address)) STORED,
    ADD CONSTRAINT orders_external_id_check CHECK (length(external_id) BETWEEN 1 AND 200);
COMMENT ON COLUMN orders.external_id IS
    'What the caller''s system calls the order; where it came without an id, its id follows from this.';
COMMENT ON COLUMN orders.name_key IS 'The name as lookalikes are found by it.';
COMMENT ON COLUMN orders.address_key IS 'The address as lookalikes are found by it.';

-- The database decides: one order a workspace and externalId.
CREATE UNIQUE INDEX orders_external_id ON orders (workspace_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX orders_name_key ON orders (workspace_id, name_key, created_at) WHERE name_key IS NOT NULL;
CREATE INDEX orders_address_key ON orders (workspace_id, address_key, created_at) WHERE address_key IS NOT NULL;

-- Cities for a form that completes while a person types: by their beginnings, and by words that are alike.
CREATE INDEX carrier_coverage_beginnings ON carrier_coverage (carrier, city text_pattern_ops);
CREATE INDEX carrier_coverage_trigrams ON carrier_coverage USING gin (city gin_trgm_ops);
