-- Waves: a job is handed over in parts; of a workspace and carrier one is with the robot at a time.
SET LOCAL lock_timeout = '10s';

ALTER TABLE carrier_configs
    ADD COLUMN wave_size integer NOT NULL DEFAULT 25
        CONSTRAINT carrier_configs_wave_size_check CHECK (wave_size BETWEEN 1 AND 500),
    ADD COLUMN stop_after_errors integer NOT NULL DEFAULT 5
        CONSTRAINT carrier_configs_stop_after_errors_check CHECK (stop_after_errors BETWEEN 0 AND 100),
    ADD COLUMN disabled_at timestamptz;
COMMENT ON COLUMN carrier_configs.wave_size IS 'Items that a robot is given at once, where a job does not say its own.';
COMMENT ON COLUMN carrier_configs.stop_after_errors IS
    'So many errors in a row with the same words pause a job; 0: none do.';
COMMENT ON COLUMN carrier_configs.disabled_at IS 'Since when is_enabled holds all waves back.';

ALTER TABLE robot_jobs
    ADD COLUMN priority text NOT NULL DEFAULT 'normal'
        CONSTRAINT robot_jobs_priority_check CHECK (priority IN ('normal', 'urgent')),
    ADD COLUMN wave_size integer NOT NULL DEFAULT 25
        CONSTRAINT robot_jobs_wave_size_check CHECK (wave_size BETWEEN 1 AND 500),
    ADD COLUMN paused_at timestamptz,
    ADD COLUMN paused_reason text
        CONSTRAINT robot_jobs_paused_reason_check CHECK (paused_reason IN ('operator', 'errors')),
    ADD COLUMN paused_message text,
    ADD COLUMN errors_in_a_row integer NOT NULL DEFAULT 0,
    ADD COLUMN words_in_a_row text,
    ADD CONSTRAINT robot_jobs_paused_check CHECK (
        (paused_at IS NULL) = (paused_reason IS NULL)
        AND (paused_at IS NULL OR status IN ('pending', 'processing')));
COMMENT ON COLUMN robot_jobs.dispatch IS 'The number of the latest wave.';
COMMENT ON COLUMN robot_jobs.paused_at IS 'Since when no further wave starts; what the robot has goes on.';
COMMENT ON COLUMN robot_jobs.paused_message IS 'The robot''s words that paused the job.';
COMMENT ON COLUMN robot_jobs.errors_in_a_row IS 'Errors that the robot reported last, one after the other, with words_in_a_row.';
COMMENT ON COLUMN robot_jobs.words_in_a_row IS 'The words of the last errors, digits aside; null: the last report was none.';

ALTER TABLE robot_job_items ALTER COLUMN dispatch DROP NOT NULL, ALTER COLUMN dispatch DROP DEFAULT;
COMMENT ON COLUMN robot_job_items.dispatch IS
    'The wave that the item is in now; null until one is made for it. An error of an earlier one changes nothing; a success always counts.';
ALTER TABLE robot_job_item_reports ALTER COLUMN dispatch DROP NOT NULL;
COMMENT ON COLUMN robot_job_item_reports.dispatch IS 'The wave that was reported about; null: none was, and the item was in none.';

ALTER TABLE robot_job_dispatches
    ADD COLUMN called_at timestamptz,
    ADD COLUMN parked_at timestamptz,
    ADD COLUMN restarted_at timestamptz;
COMMENT ON TABLE robot_job_dispatches IS 'One wave of a job: what goes to the robot at once. It is handed over at most once.

    waiting ──► claimed ──► accepted ──► closed   the robot took it; reports, the deadline or a restart end it
       ▲           │  └───► unknown ───► closed   nobody knows; never sent again
       └─ released ┤                              refused for now: busy or not reachable
                   └──────────────────► closed   refused for good, or nothing was left to send
    waiting ──► closed                            given up, or its items were closed otherwise

    A wave that waits is called when its turn has come (called_at), and parked when it gives way (parked_at).';
COMMENT ON COLUMN robot_job_dispatches.called_at IS 'When the event that asks for the hand-over went out for this turn; null: it is not its turn.';
COMMENT ON COLUMN robot_job_dispatches.parked_at IS 'Since when it is not its turn; that time does not count to giving up.';
COMMENT ON COLUMN robot_job_dispatches.restarted_at IS 'When it was found that the robot had restarted, so that it works on the wave no more.';

-- The owner is under row-level security itself where it is no superuser: without this it would change no row.
ALTER TABLE robot_jobs NO FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_items NO FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_dispatches NO FORCE ROW LEVEL SECURITY;
ALTER TABLE carrier_configs NO FORCE ROW LEVEL SECURITY;

UPDATE carrier_configs SET disabled_at = updated_at WHERE NOT is_enabled;

-- What closes the last item of a wave closes the wave, from now on; what was left open by then is closed here.
UPDATE robot_job_dispatches AS dispatch
   SET status = 'closed', closed_at = now()
 WHERE dispatch.status <> 'closed'
   AND NOT EXISTS (SELECT FROM robot_job_items AS item
                    WHERE item.job_id = dispatch.job_id AND item.dispatch = dispatch.dispatch
                      AND item.status IN ('pending', 'processing'));

-- Of what is with the robot of a workspace and carrier the latest counts as that; whether the others still are, nobody
-- knows, and they wait for their reports or their deadline as before.
WITH dispatch AS (
    UPDATE robot_job_dispatches AS dispatch
       SET status = 'unknown', accepted_at = NULL, updated_at = now()
     WHERE dispatch.status IN ('claimed', 'accepted')
       AND EXISTS (SELECT FROM robot_job_dispatches AS later
                    WHERE later.workspace_id = dispatch.workspace_id AND later.carrier = dispatch.carrier
                      AND later.status IN ('claimed', 'accepted')
                      AND (later.claimed_at, later.job_id, later.dispatch)
                          > (dispatch.claimed_at, dispatch.job_id, dispatch.dispatch))
    RETURNING dispatch.job_id, dispatch.dispatch
), item AS (
    UPDATE robot_job_items AS item
       SET status = 'processing', started_at = coalesce(item.started_at, now()), updated_at = now()
      FROM dispatch
     WHERE item.job_id = dispatch.job_id AND item.dispatch = dispatch.dispatch AND item.status = 'pending'
)
UPDATE robot_jobs
   SET status = 'processing', started_at = coalesce(started_at, now()), updated_at = now()
 WHERE id IN (SELECT job_id FROM dispatch) AND status = 'pending';

-- Of several hand-overs of a job that wait, the first is its wave; the items of the others are in line behind it.
WITH behind AS (
    UPDATE robot_job_dispatches AS dispatch
       SET status = 'closed', closed_at = now(), last_error = 'merged into waves'
     WHERE dispatch.status = 'waiting'
       AND EXISTS (SELECT FROM robot_job_dispatches AS first
                    WHERE first.job_id = dispatch.job_id AND first.status <> 'closed'
                      AND first.dispatch <> dispatch.dispatch
                      AND (first.status <> 'waiting' OR first.dispatch < dispatch.dispatch))
    RETURNING dispatch.job_id, dispatch.dispatch
)
UPDATE robot_job_items AS item
   SET dispatch = NULL
  FROM behind
 WHERE item.job_id = behind.job_id AND item.dispatch = behind.dispatch AND item.status = 'pending'
   AND item.shipment = 'none';

-- Whose turn it is, is found by the schedule, which has its minutes from now on.
UPDATE robot_job_dispatches SET updated_at = now() WHERE status = 'waiting';

ALTER TABLE robot_jobs FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_items FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_dispatches FORCE ROW LEVEL SECURITY;
ALTER TABLE carrier_configs FORCE ROW LEVEL SECURITY;

-- The database decides: of a workspace and carrier one wave is with the robot, as far as we know; of a workspace one call
-- is under way; of a job one wave waits or is out.
CREATE UNIQUE INDEX robot_job_dispatches_with_robot ON robot_job_dispatches (workspace_id, carrier)
    WHERE status IN ('claimed', 'accepted');
CREATE UNIQUE INDEX robot_job_dispatches_calling ON robot_job_dispatches (workspace_id) WHERE status = 'claimed';
DROP INDEX robot_job_dispatches_waiting;
CREATE INDEX robot_job_dispatches_waiting ON robot_job_dispatches (workspace_id, job_id) WHERE status = 'waiting';
-- Waves that are open, of a job and of a workspace.
CREATE INDEX robot_job_dispatches_open ON robot_job_dispatches (job_id) WHERE status <> 'closed';
-- What is open of a wave.
DROP INDEX robot_job_items_open;
CREATE INDEX robot_job_items_open ON robot_job_items (job_id, dispatch) WHERE status IN ('pending', 'processing');
-- What no wave was made for yet, in the order in which it will be.
CREATE INDEX robot_job_items_in_line ON robot_job_items (job_id, last_retry_at NULLS FIRST, id)
    WHERE dispatch IS NULL AND status = 'pending';

-- Who ends waves makes the next ones, and has to know which are held.
GRANT INSERT ON robot_job_dispatches TO robot_jobs_system;
GRANT SELECT (is_enabled) ON carrier_configs TO robot_jobs_system;
