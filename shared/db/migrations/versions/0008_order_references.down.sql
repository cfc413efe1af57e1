SET LOCAL lock_timeout = '5s';

DROP INDEX carrier_coverage_beginnings;
DROP INDEX carrier_coverage_trigrams;
ALTER TABLE orders DROP COLUMN external_id, DROP COLUMN name_key, DROP COLUMN address_key;
DROP FUNCTION look_key(text);
