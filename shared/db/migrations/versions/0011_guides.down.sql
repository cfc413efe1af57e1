-- Lookups go: the program of before knows shipments alone.
SET LOCAL lock_timeout = '5s';

REVOKE INSERT ON robot_jobs, robot_job_items FROM robot_jobs_system;
REVOKE SELECT (guide_lookup_hours, guides_refused_at, wave_size) ON carrier_configs FROM robot_jobs_system;

-- The owner is under row-level security itself where it is no superuser: without this it would change no row.
ALTER TABLE robot_jobs NO FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_items NO FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_dispatches NO FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_item_reports NO FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_item_attempts NO FORCE ROW LEVEL SECURITY;
DELETE FROM robot_job_item_reports AS report
 USING robot_job_items AS item WHERE item.id = report.item_id AND item.is_lookup;
DELETE FROM robot_job_item_attempts AS attempt
 USING robot_job_items AS item WHERE item.id = attempt.item_id AND item.is_lookup;
DELETE FROM robot_job_items WHERE is_lookup;
DELETE FROM robot_job_dispatches AS dispatch
 USING robot_jobs AS job WHERE job.id = dispatch.job_id AND job.kind = 'guide_lookup';
DELETE FROM robot_jobs WHERE kind = 'guide_lookup';
ALTER TABLE robot_jobs FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_items FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_dispatches FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_item_reports FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_item_attempts FORCE ROW LEVEL SECURITY;

DROP INDEX orders_lacking_guide, robot_job_items_lookup, robot_jobs_kind, robot_jobs_lookups;
ALTER TABLE robot_job_items
    DROP CONSTRAINT robot_job_items_lookup_check,
    DROP COLUMN pedido_number,
    DROP COLUMN is_lookup,
    ALTER COLUMN shipment SET NOT NULL;
ALTER TABLE robot_jobs DROP COLUMN is_automatic, DROP COLUMN kind;
ALTER TABLE carrier_configs DROP COLUMN guides_refused_at, DROP COLUMN guide_lookup_hours;
