-- One shipment an order: what is known of an item's shipment, and which item holds its order.
SET LOCAL lock_timeout = '10s';

ALTER TABLE robot_jobs ADD COLUMN allow_reshipment boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN robot_jobs.allow_reshipment IS
    'The job was asked to ship once more what had been shipped when it was submitted; each item says what that was.';

ALTER TABLE orders ADD COLUMN number_by_hand boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN orders.number_by_hand IS
    'tracking_number was written or cleared by a person or a program, not by a report.';
CREATE INDEX orders_tracking_number ON orders (workspace_id, tracking_number) WHERE tracking_number IS NOT NULL;

ALTER TABLE robot_job_items
    ADD COLUMN shipment text NOT NULL DEFAULT 'none'
        CONSTRAINT robot_job_items_shipment_check CHECK (shipment IN ('none', 'possible', 'made', 'second')),
    ADD COLUMN holds boolean NOT NULL DEFAULT true,
    ADD COLUMN closed_by text
        CONSTRAINT robot_job_items_closed_by_check CHECK (closed_by IN ('robot', 'person', 'deadline', 'restart', 'system')),
    ADD COLUMN other_numbers text[] NOT NULL DEFAULT '{}',
    ADD COLUMN voided_numbers text[] NOT NULL DEFAULT '{}',
    ADD COLUMN voided_at timestamptz,
    ADD COLUMN lifted uuid[],
    ADD COLUMN lifted_number text,
    ADD COLUMN has_given_value boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN robot_job_items.shipment IS 'What is known of the shipment at the carrier:

    none       pending and not claimed; or in error, and it is proven that nothing was made
    possible   claimed or with the robot; or in error, and nobody knows (the item is unsettled)
    made       it exists
    second     it exists beside an earlier one of the order that nobody asked to make twice; one has to be voided';
COMMENT ON COLUMN robot_job_items.holds IS
    'The item holds its order: no other item of it may be handed over. Only what is open, unsettled or made can hold. A made item that does not hold was released for a reshipment.';
COMMENT ON COLUMN robot_job_items.closed_by IS
    'Who closed the item: the robot''s report, a person, the deadline, the robot''s restart, or the system before any robot had it.';
COMMENT ON COLUMN robot_job_items.other_numbers IS
    'Further tracking numbers that were reported for this item: shipments beside its own, until a person has them voided.';
COMMENT ON COLUMN robot_job_items.lifted IS
    'Of a reshipment: the items of the order that had been made when it was submitted. They do not stand in its way.';
COMMENT ON COLUMN robot_job_items.lifted_number IS
    'Of a reshipment: the tracking number that the order had when it was submitted. Its own replaces it.';
COMMENT ON COLUMN robot_job_items.has_given_value IS
    'value_sent was given by the caller and is sent as it is; else it is made of the order at each hand-over.';

ALTER TABLE robot_job_dispatches ADD COLUMN robot_url text;
COMMENT ON COLUMN robot_job_dispatches.robot_url IS 'Where the hand-over went.';
ALTER TABLE robot_job_dispatches RENAME COLUMN told_at TO announced_at;

ALTER TABLE robot_job_item_reports
    ADD COLUMN source text NOT NULL DEFAULT 'robot'
        CONSTRAINT robot_job_item_reports_source_check CHECK (source IN ('robot', 'person', 'deadline', 'restart'));
COMMENT ON TABLE robot_job_item_reports IS
    'Every report about an item, whatever became of it, and what closed it without one. Only appended to.';

CREATE TABLE robot_job_item_attempts (
    item_id      uuid NOT NULL,
    dispatch     integer NOT NULL,
    job_id       uuid NOT NULL,
    workspace_id uuid NOT NULL,
    value_sent   jsonb,
    claimed_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (item_id, dispatch),
    CONSTRAINT robot_job_item_attempts_item_fkey FOREIGN KEY (item_id) REFERENCES robot_job_items (id)
);
COMMENT ON TABLE robot_job_item_attempts IS
    'What each claim sent, or may have sent, of an item. A claim that was released leaves none.';
CREATE INDEX robot_job_item_attempts_job ON robot_job_item_attempts (job_id, dispatch);
ALTER TABLE robot_job_item_attempts ENABLE ROW LEVEL SECURITY;
ALTER TABLE robot_job_item_attempts FORCE ROW LEVEL SECURITY;
CREATE POLICY own_workspace ON robot_job_item_attempts TO robot_jobs_app USING (
    (workspace_id = (SELECT nullif(current_setting('app.workspace_id', true), '')::uuid)) IS TRUE);
CREATE POLICY every_workspace ON robot_job_item_attempts TO robot_jobs_system USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON robot_job_item_attempts TO robot_jobs_app;
GRANT SELECT, UPDATE ON robot_job_item_attempts TO robot_jobs_system;

-- Who ends hand-overs locks their orders, and writes into the history by what.
GRANT UPDATE (updated_at) ON orders TO robot_jobs_system;
GRANT INSERT ON robot_job_item_reports TO robot_jobs_system;

-- The owner is under row-level security itself where it is no superuser: without this it would change no row.
ALTER TABLE robot_jobs NO FORCE ROW LEVEL SECURITY;
ALTER TABLE orders NO FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_items NO FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_dispatches NO FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_item_reports NO FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_item_attempts NO FORCE ROW LEVEL SECURITY;

-- Text that was given through create_robot_job cannot be told from text that was made of the order; both are made anew.

-- What exists, and what is with a robot.
UPDATE robot_job_items AS item
   SET shipment = CASE WHEN item.status = 'success' THEN 'made' ELSE 'possible' END
  FROM robot_job_dispatches AS dispatch
 WHERE dispatch.job_id = item.job_id AND dispatch.dispatch = item.dispatch
   AND (item.status = 'success'
        OR (item.status IN ('pending', 'processing') AND dispatch.status IN ('claimed', 'accepted', 'unknown')));

-- What was with a robot and failed is possible unless its words prove that nothing was made. Of what a robot was given
-- before a retry, nothing but its reports is known: where they prove nothing, or there is none, it is possible too.
UPDATE robot_job_items AS item
   SET closed_by = CASE
           WHEN item.error_message = 'no report from the robot' THEN 'deadline'
           WHEN item.error_message = 'ended by the operator' THEN 'person'
           WHEN EXISTS (SELECT FROM robot_job_item_reports AS report
                         WHERE report.item_id = item.id AND report.dispatch = item.dispatch
                           AND report.status = 'error' AND report.outcome = 'recorded') THEN 'robot'
           ELSE 'system'
       END,
       shipment = CASE
           WHEN dispatch.claimed_at IS NOT NULL AND item.error_type IN ('timeout', 'unknown') THEN 'possible'
           WHEN EXISTS (SELECT FROM robot_job_item_reports AS report
                         WHERE report.item_id = item.id AND report.status = 'error'
                           AND (report.error_type IN ('timeout', 'unknown')
                                OR lower(report.error_message) ~ unsure.words)) THEN 'possible'
           WHEN EXISTS (SELECT FROM robot_job_dispatches AS earlier
                         WHERE earlier.job_id = item.job_id AND earlier.dispatch < item.dispatch
                           AND item.retry_count > 0 AND earlier.claimed_at IS NOT NULL
                           AND earlier.last_error = 'no report from the robot'
                           AND NOT EXISTS (SELECT FROM robot_job_item_reports AS report
                                            WHERE report.item_id = item.id
                                              AND report.dispatch = earlier.dispatch)) THEN 'possible'
           ELSE 'none'
       END
  FROM robot_job_dispatches AS dispatch,
       -- The carrier's table as it was when this migration was written.
       (VALUES ('esperando respuesta|respuesta desconocida|error desconocido|error fatal|cread|exitos|registrad|guardad'
                '|timeout \d+ms exceeded|has been closed|target closed|crashed|detached|net::err_|econnreset'
                '|socket hang up|protocol error|execution context was destroyed|navigation failed'
                '|error de conexi[oó]n|browser not initialized|pedido ya en proceso')) AS unsure (words)
 WHERE item.status = 'error' AND dispatch.job_id = item.job_id AND dispatch.dispatch = item.dispatch;
UPDATE robot_job_items SET closed_by = 'robot' WHERE status = 'success';

-- An item that was made after another shipment of its order was known had been asked for: submitting refused it otherwise.
UPDATE robot_job_items AS item
   SET lifted = earlier.ids, lifted_number = earlier.number
  FROM (SELECT later.id, array_agg(made.id ORDER BY made.completed_at) AS ids,
               (array_agg(made.tracking_number ORDER BY made.completed_at DESC)
                FILTER (WHERE made.tracking_number IS NOT NULL))[1] AS number
          FROM robot_job_items AS made
          JOIN robot_job_items AS later
            ON later.order_id = made.order_id AND later.id <> made.id AND later.created_at > made.completed_at
         WHERE made.status = 'success'
         GROUP BY later.id) AS earlier
 WHERE item.id = earlier.id;
UPDATE robot_jobs SET allow_reshipment = true
 WHERE id IN (SELECT job_id FROM robot_job_items WHERE lifted IS NOT NULL);

-- Of several shipments of an order, those that were not asked for are second: beside the one whose number the order has,
-- else the first.
WITH made AS (
    SELECT item.id, item.order_id, coalesce(item.lifted, '{}') AS lifted,
           row_number() OVER (PARTITION BY item.order_id
                              ORDER BY (item.tracking_number = orders.tracking_number) IS TRUE DESC,
                                       item.completed_at, item.id) AS place
      FROM robot_job_items AS item
      JOIN orders ON orders.id = item.order_id
     WHERE item.status = 'success'
)
UPDATE robot_job_items AS item
   SET shipment = 'second'
  FROM made
  JOIN made AS earlier ON earlier.order_id = made.order_id AND earlier.place < made.place
 WHERE item.id = made.id AND earlier.id <> ALL (made.lifted) AND made.id <> ALL (earlier.lifted);

-- Numbers that were reported beside an item's own.
UPDATE robot_job_items AS item
   SET other_numbers = beside.numbers
  FROM (SELECT report.item_id, array_agg(DISTINCT report.tracking_number) AS numbers
          FROM robot_job_item_reports AS report
         WHERE report.outcome = 'conflict' AND report.tracking_number IS NOT NULL
         GROUP BY report.item_id) AS beside
 WHERE item.id = beside.item_id;

-- One holder an order, chosen in this order: what is open, unless a shipment that it does not lift is made, or may be; the
-- last that was made, before those that it released; what is unsettled, the latest.
UPDATE robot_job_items AS item SET holds = coalesce(holder.id = item.id, false)
  FROM (SELECT DISTINCT id FROM orders) AS every
  LEFT JOIN LATERAL (
      SELECT candidate.id
        FROM robot_job_items AS candidate
       WHERE candidate.order_id = every.id
         AND (candidate.shipment = 'made' OR candidate.status IN ('pending', 'processing')
              OR (candidate.status = 'error' AND candidate.shipment = 'possible'))
       ORDER BY CASE
                    WHEN candidate.status IN ('pending', 'processing')
                         AND NOT EXISTS (SELECT FROM robot_job_items AS beside
                                          WHERE beside.order_id = candidate.order_id
                                            AND ((beside.shipment = 'made'
                                                  AND beside.id <> ALL (coalesce(candidate.lifted, '{}')))
                                                 OR (beside.status = 'error' AND beside.shipment = 'possible'))) THEN 1
                    WHEN candidate.shipment = 'made' THEN 2
                    ELSE 3
                END,
                candidate.completed_at DESC NULLS LAST, candidate.id DESC
       LIMIT 1) AS holder ON true
 WHERE item.order_id = every.id;

-- What was sent, where it may have been.
INSERT INTO robot_job_item_attempts (item_id, dispatch, job_id, workspace_id, value_sent, claimed_at)
SELECT item.id, item.dispatch, item.job_id, item.workspace_id, item.value_sent,
       coalesce(dispatch.claimed_at, dispatch.accepted_at, dispatch.created_at)
  FROM robot_job_items AS item
  JOIN robot_job_dispatches AS dispatch ON dispatch.job_id = item.job_id AND dispatch.dispatch = item.dispatch
 WHERE item.shipment <> 'none';

-- A number that no report wrote was written by hand.
UPDATE orders SET number_by_hand = true
 WHERE tracking_number IS NOT NULL
   AND NOT EXISTS (SELECT FROM robot_job_items AS item
                    WHERE item.order_id = orders.id AND item.tracking_number = orders.tracking_number);

ALTER TABLE robot_jobs FORCE ROW LEVEL SECURITY;
ALTER TABLE orders FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_items FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_dispatches FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_item_reports FORCE ROW LEVEL SECURITY;
ALTER TABLE robot_job_item_attempts FORCE ROW LEVEL SECURITY;

DROP INDEX robot_job_items_open_order;
DROP INDEX robot_job_items_unnumbered;
-- The database decides: one holder an order.
CREATE UNIQUE INDEX robot_job_items_holder ON robot_job_items (order_id) WHERE holds;
CREATE INDEX robot_job_items_order ON robot_job_items (order_id, id);
CREATE INDEX robot_job_items_open ON robot_job_items (job_id) WHERE status IN ('pending', 'processing');
-- Whether the same robot has taken a later hand-over.
CREATE INDEX robot_job_dispatches_accepted ON robot_job_dispatches (workspace_id, accepted_at)
    WHERE accepted_at IS NOT NULL;
-- What a person has to settle.
CREATE INDEX robot_job_items_unsettled ON robot_job_items (workspace_id, job_id, id)
    WHERE status = 'error' AND shipment = 'possible';
CREATE INDEX robot_job_items_second ON robot_job_items (workspace_id, job_id, id)
    WHERE (shipment = 'second' AND voided_at IS NULL) OR other_numbers <> '{}';

ALTER TABLE robot_job_items
    ADD CONSTRAINT robot_job_items_known_check CHECK (
        (status = 'success') = (shipment IN ('made', 'second')) AND (shipment <> 'second' OR NOT holds)),
    ADD CONSTRAINT robot_job_items_holds_check CHECK (
        NOT holds OR shipment = 'made' OR status IN ('pending', 'processing')
        OR (status = 'error' AND shipment = 'possible')),
    ADD CONSTRAINT robot_job_items_who_closed_check CHECK ((closed_by IS NOT NULL) = (completed_at IS NOT NULL));

-- What a shipment has where the order says nothing.
ALTER TABLE carrier_configs
    ADD COLUMN default_units integer NOT NULL DEFAULT 1
        CONSTRAINT carrier_configs_units_check CHECK (default_units BETWEEN 1 AND 999),
    ADD COLUMN default_email text;
