SET LOCAL lock_timeout = '5s';

-- Reference data, imported ones too: whoever comes up again imports them again.
DELETE FROM carrier_coverage;
ALTER TABLE carrier_coverage DROP COLUMN carrier_city;
COMMENT ON COLUMN carrier_coverage.city IS NULL;
DROP INDEX robot_job_items_unnumbered;
