-- What must hold in every database, at every commit. Each branch of the last query is one rule, or a part of one; its
-- comment says it. The program runs rule by rule, each with the names before it that it needs, all in one snapshot: so
-- it may run while others work, and on a replica.
--
-- Parameters: workspace_id (null: every workspace), since (null: for ever), minutes (how long the schedules may lag),
-- are_off (whether hand-overs are), and three arrays of one length that say which members the events' details have:
-- detail_types, members, required.
--
-- With `since`, looked at are jobs that have changed since then or are open, with all that belongs to them, and of their
-- orders every item (`beside`). What is a column's own name needs none of that: plans are made for these parameters.
WITH job AS NOT MATERIALIZED (
    SELECT * FROM robot_jobs
     WHERE (%(workspace_id)s::uuid IS NULL OR workspace_id = %(workspace_id)s)
       AND (%(since)s::timestamptz IS NULL OR updated_at >= %(since)s OR status IN ('pending', 'processing'))
), item AS NOT MATERIALIZED (
    SELECT * FROM robot_job_items
     WHERE (%(workspace_id)s::uuid IS NULL OR workspace_id = %(workspace_id)s)
       AND (%(since)s::timestamptz IS NULL OR job_id IN (SELECT id FROM job))
), touched AS NOT MATERIALIZED (
    SELECT order_id FROM item
    UNION
    SELECT id FROM orders
     WHERE (%(workspace_id)s::uuid IS NULL OR workspace_id = %(workspace_id)s) AND updated_at >= %(since)s
), beside AS NOT MATERIALIZED (
    SELECT * FROM robot_job_items
     WHERE (%(workspace_id)s::uuid IS NULL OR workspace_id = %(workspace_id)s)
       AND (%(since)s::timestamptz IS NULL OR order_id IN (SELECT order_id FROM touched))
), dispatch AS NOT MATERIALIZED (
    SELECT * FROM robot_job_dispatches
     WHERE (%(workspace_id)s::uuid IS NULL OR workspace_id = %(workspace_id)s)
       AND (%(since)s::timestamptz IS NULL OR job_id IN (SELECT id FROM job))
), report AS NOT MATERIALIZED (
    -- Reports about one item are numbered under the item's lock, those with numbers for one order under the order's:
    -- their ids are the order in which they were recorded. Times are not: they are when a transaction began.
    SELECT * FROM robot_job_item_reports
     WHERE (%(workspace_id)s::uuid IS NULL OR workspace_id = %(workspace_id)s)
       AND (%(since)s::timestamptz IS NULL OR item_id IN (SELECT id FROM beside))
), reported AS NOT MATERIALIZED (
    SELECT report.*, item.job_id, item.order_id, item.status AS item_status, item.dispatch AS item_dispatch,
           item.tracking_number AS item_number, item.other_numbers || item.voided_numbers AS item_other_numbers,
           item.workspace_id AS item_workspace_id
      FROM report
      JOIN robot_job_items AS item ON item.id = report.item_id
), attempt AS NOT MATERIALIZED (
    SELECT * FROM robot_job_item_attempts
     WHERE (%(workspace_id)s::uuid IS NULL OR workspace_id = %(workspace_id)s)
       AND (%(since)s::timestamptz IS NULL OR job_id IN (SELECT id FROM job))
), event AS NOT MATERIALIZED (
    SELECT outbox.*, detail ->> 'jobId' AS job_id, detail ->> 'dispatch' AS dispatch
      FROM outbox
     WHERE (%(workspace_id)s::uuid IS NULL OR workspace_id = %(workspace_id)s)
       AND (%(since)s::timestamptz IS NULL OR created_at >= %(since)s)
), kept AS MATERIALIZED (
    -- Published events are deleted after seven days. What happened later than this has its events still; one day is
    -- left as a margin.
    SELECT greatest(statement_timestamp() - interval '6 days', %(since)s::timestamptz) AS since
), counted AS MATERIALIZED (
    SELECT job_id, count(*) AS total,
           count(*) FILTER (WHERE status = 'success') AS successes,
           count(*) FILTER (WHERE status = 'error') AS errors,
           count(*) FILTER (WHERE status IN ('pending', 'processing')) AS open
      FROM item
     GROUP BY job_id
), completed AS NOT MATERIALIZED (
    SELECT event.*, detail ->> 'status' AS status,
           CASE WHEN detail ->> 'dispatch' ~ '^[0-9]{1,9}$' THEN (detail ->> 'dispatch')::int END AS number,
           CASE WHEN detail ->> 'successCount' ~ '^[0-9]{1,9}$' THEN (detail ->> 'successCount')::int END AS successes,
           CASE WHEN detail ->> 'errorCount' ~ '^[0-9]{1,9}$' THEN (detail ->> 'errorCount')::int END AS errors
      FROM event
     WHERE detail_type = 'robot/job.completed'
), wave AS MATERIALIZED (
    -- How a wave came about. The job's next one is made in the transaction that closes the last open one, so at the very
    -- time of that closing. One that was made when all before it had been closed, a retry has made at once: nothing of
    -- the job was open then. Of others nothing is told: two transactions that waited for each other have their times
    -- crossed, and before there were waves a retry made a dispatch beside an open one. What stands for the waves that a
    -- restored database has forgotten is none.
    SELECT dispatch.*, lag(dispatch) OVER line AS before, lag(created_at) OVER line AS before_created_at,
           dispatch > 1 AND (max(closed_at) OVER earlier = created_at) IS TRUE AS is_next,
           dispatch > 1 AND (max(closed_at) OVER earlier < created_at) IS TRUE
               AND count(*) FILTER (WHERE closed_at IS NULL) OVER earlier = 0 AS is_of_retry
      FROM dispatch
     WHERE restored_to IS NULL
    WINDOW line AS (PARTITION BY job_id ORDER BY dispatch),
           earlier AS (PARTITION BY job_id ORDER BY dispatch ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), latest AS MATERIALIZED (
    SELECT job.id AS job_id, job.workspace_id, job.dispatch AS number, job.status,
           min(dispatch.dispatch) AS first,
           max(dispatch.dispatch) FILTER (WHERE dispatch.restored_to IS NULL) AS last, max(dispatch.created_at) AS created_at,
           coalesce(bool_or(dispatch.status = 'claimed'), false) AS is_calling
      FROM job
      LEFT JOIN dispatch ON dispatch.job_id = job.id
     GROUP BY job.id, job.workspace_id, job.dispatch, job.status
), ended AS MATERIALIZED (
    -- The ends of jobs that the data prove, each with the number that its event carries. A job ends at most once under
    -- a number: only a retry opens it again, and that moves the number on. What is not proven is an end before a retry
    -- whose wave is none of those told of above, unless it was announced; and one longer ago than events are kept.
    SELECT job.id AS job_id, job.workspace_id, job.dispatch
      FROM job
      JOIN counted ON counted.job_id = job.id
     CROSS JOIN kept
     WHERE counted.open = 0 AND job.completed_at > kept.since
    UNION
    -- A retry finds no wave open, so that it makes one at once, only where the job had ended. A restored database passes
    -- over a thousand numbers, once or several times.
    SELECT job_id, workspace_id, before + (dispatch - 1 - before) %% 1000
      FROM wave
     CROSS JOIN kept
     WHERE is_of_retry AND before_created_at > kept.since
    UNION
    -- A number without a wave is that of a retry after an end whose wave was not closed yet, its call being under way.
    SELECT job_id, workspace_id, before
      FROM wave
     CROSS JOIN kept
     WHERE dispatch > before + 1 AND before_created_at > kept.since
    UNION
    SELECT job_id, workspace_id, last
      FROM latest
     CROSS JOIN kept
     WHERE number > last AND created_at > kept.since
    UNION
    -- Who announces an end has its event.
    SELECT job_id, workspace_id, dispatch
      FROM dispatch
     CROSS JOIN kept
     WHERE announced_at IS NOT NULL AND created_at > kept.since
), turn AS MATERIALIZED (
    -- The wave whose turn it is before the robot of a workspace and carrier, as `call_next` chooses it. That a call of
    -- the workspace to another carrier is under way only delays the next call.
    SELECT DISTINCT ON (dispatch.workspace_id, dispatch.carrier) dispatch.*
      FROM dispatch
      JOIN job ON job.id = dispatch.job_id AND job.paused_at IS NULL
      LEFT JOIN dispatch AS out
             ON out.workspace_id = dispatch.workspace_id AND out.carrier = dispatch.carrier
            AND out.status IN ('claimed', 'accepted')
      LEFT JOIN carrier_configs AS held
             ON held.workspace_id = dispatch.workspace_id AND held.carrier = dispatch.carrier AND NOT held.is_enabled
     WHERE dispatch.status = 'waiting' AND out.job_id IS NULL AND held.workspace_id IS NULL
       AND NOT %(are_off)s::boolean
     ORDER BY dispatch.workspace_id, dispatch.carrier, (job.kind = 'shipment') DESC,
              (job.priority = 'urgent') DESC, dispatch.job_id, dispatch.dispatch
), lifted AS NOT MATERIALIZED (
    -- What was made before a reshipment that was asked for.
    SELECT item.order_id, item.id AS lifted_by, unnest(item.lifted) AS item_id
      FROM beside AS item
      JOIN robot_jobs AS job ON job.id = item.job_id
     WHERE job.allow_reshipment
), released AS MATERIALIZED (
    -- Made, and the order is free of it, though no reshipment lifts it.
    SELECT made.*
      FROM (SELECT id, workspace_id, order_id, tracking_number, holds, count(*) OVER (PARTITION BY order_id) AS made
              FROM beside
             WHERE shipment = 'made') AS made
     WHERE NOT made.holds
       AND NOT EXISTS (SELECT FROM lifted
                        WHERE lifted.item_id = made.id AND lifted.order_id = made.order_id
                          AND lifted.lifted_by <> made.id)
), claimed AS NOT MATERIALIZED (
    -- The items' hand-overs that were claimed since shipments are known. Before, no robot_url was written; what the
    -- migration made second, or found closed, has no event and no history of that.
    SELECT item.*
      FROM item
      JOIN dispatch ON dispatch.job_id = item.job_id AND dispatch.dispatch = item.dispatch
     WHERE dispatch.robot_url IS NOT NULL
), duplicated AS NOT MATERIALIZED (
    SELECT event.*, detail ->> 'itemId' AS item_id, detail ->> 'trackingNumber' AS number
      FROM event
     WHERE detail_type = 'robot/shipment.duplicated'
), number_event AS MATERIALIZED (
    -- The last change of an order's number that was told.
    SELECT DISTINCT ON (detail ->> 'entityId') detail ->> 'entityId' AS order_id, detail ->> 'newValue' AS new_value
      FROM event
     WHERE detail_type = 'automation/field.changed' AND detail ->> 'fieldName' = 'tracking_number'
     ORDER BY detail ->> 'entityId', id DESC
), shape AS NOT MATERIALIZED (
    SELECT * FROM unnest(%(detail_types)s::text[], %(members)s::text[], %(required)s::boolean[])
        AS shape (detail_type, member, required)
), finding (kind, workspace_id, subject_id, sentence) AS (

    -- Counters are what the items say.
    SELECT 'counters', job.workspace_id, job.id::text,
           concat('The job says ', job.success_count, ' + ', job.error_count, ' of ', job.total_items,
                  '; its items say ', coalesce(counted.successes, 0), ' + ', coalesce(counted.errors, 0), ' of ',
                  coalesce(counted.total, 0), '.')
      FROM job
      LEFT JOIN counted ON counted.job_id = job.id
     WHERE (job.total_items, job.success_count, job.error_count)
           IS DISTINCT FROM (counted.total, counted.successes, counted.errors)

    -- A job has ended exactly when it has no open item.
    UNION ALL
    SELECT 'end', job.workspace_id, job.id::text,
           concat('The job is ', job.status, ' and has ', counted.open, ' open items.')
      FROM job
      JOIN counted ON counted.job_id = job.id
     WHERE (job.status IN ('completed', 'failed')) <> (counted.open = 0)

    -- A job that is processing has started; so has an item.
    UNION ALL
    SELECT 'started', workspace_id, id::text, 'It is processing and has no started_at.'
      FROM (SELECT id, workspace_id FROM job WHERE status = 'processing' AND started_at IS NULL
            UNION ALL
            SELECT id, workspace_id FROM item WHERE status = 'processing' AND started_at IS NULL) AS unstarted

    -- No order is in two open items, nor in two open lookups; both kinds may be open at once.
    UNION ALL
    SELECT 'order_open_twice', workspace_id, order_id::text, concat('The order is in ', count(*), ' open items.')
      FROM beside
     WHERE status IN ('pending', 'processing')
     GROUP BY workspace_id, order_id, is_lookup
    HAVING count(*) > 1

    -- One item holds an order, as the index says.
    UNION ALL
    SELECT 'holders', workspace_id, order_id::text, concat(count(*), ' items hold the order.')
      FROM beside
     WHERE holds
     GROUP BY workspace_id, order_id
    HAVING count(*) > 1

    -- No open item holds its order beside a shipment that exists or may exist, unless it lifts it: one that does not
    -- hold has yielded, and is not handed over any more.
    UNION ALL
    SELECT 'held_beside_shipment', item.workspace_id, item.id::text,
           concat('The item is ', item.status, ' and holds its order; item ', beside.id, ' of the order is ',
                  CASE beside.status WHEN 'success' THEN 'made' ELSE 'unsettled' END, '.')
      FROM item
      JOIN beside ON beside.order_id = item.order_id
     WHERE item.status IN ('pending', 'processing') AND item.holds AND beside.id <> item.id
       AND ((beside.status = 'error' AND beside.shipment = 'possible')
            OR (beside.shipment = 'made' AND beside.id <> ALL (coalesce(item.lifted, '{}'))))

    -- Of two shipments of an order, the later one was asked for, or is second.
    UNION ALL
    SELECT 'made_twice', workspace_id, id::text,
           concat('The item was made, its number ', coalesce(tracking_number, 'unknown'), ', beside ', made - 1,
                  ' others of the order; no reshipment lifts it, and none is second.')
      FROM released
     WHERE made > 1

    -- What a reshipment released is lifted by it.
    UNION ALL
    SELECT 'released', workspace_id, id::text,
           concat('The item was made, its number ', coalesce(tracking_number, 'unknown'),
                  ', and does not hold its order; no reshipment lifts it.')
      FROM released
     WHERE made = 1

    -- What may have been made was sent. Of an item in no wave, a report that named none may say so.
    UNION ALL
    SELECT 'attempt_missing', item.workspace_id, item.id::text,
           concat('A shipment is possible, the item is ', item.status, ', and nothing says what was sent in ',
                  coalesce('dispatch ' || item.dispatch, 'no dispatch'), '.')
      FROM item
     WHERE item.shipment = 'possible'
       AND NOT EXISTS (SELECT FROM attempt WHERE attempt.item_id = item.id AND attempt.dispatch = item.dispatch)
       AND NOT EXISTS (SELECT FROM report
                        WHERE report.item_id = item.id AND item.dispatch IS NULL AND report.dispatch IS NULL
                          AND report.status = 'error' AND report.outcome = 'recorded' AND report.source = 'robot')

    -- Each second shipment is told once.
    UNION ALL
    SELECT 'duplicated_repeated', workspace_id, item_id,
           concat('The second shipment ', coalesce(number, 'without a number'), ' is told by ', count(*), ' events.')
      FROM duplicated
     GROUP BY workspace_id, item_id, number
    HAVING count(*) > 1

    -- And it is told. One that was voided may have become second by that, which nobody is told.
    UNION ALL
    SELECT 'duplicated_missing', claimed.workspace_id, claimed.id::text,
           concat('The item is a second shipment, its number ', coalesce(claimed.tracking_number, 'unknown'),
                  ', and no event tells it.')
      FROM claimed
     CROSS JOIN kept
     WHERE claimed.shipment = 'second' AND claimed.voided_at IS NULL AND claimed.completed_at > kept.since
       AND NOT EXISTS (SELECT FROM duplicated WHERE duplicated.item_id = claimed.id::text)
    UNION ALL
    SELECT 'duplicated_missing', claimed.workspace_id, claimed.id::text,
           concat('The item was shipped a second time as ', conflict.tracking_number, ', and no event tells it.')
      FROM claimed
      JOIN (SELECT item_id, tracking_number, min(received_at) AS first_at
              FROM report
             WHERE outcome = 'conflict'
             GROUP BY item_id, tracking_number) AS conflict ON conflict.item_id = claimed.id
     CROSS JOIN kept
     WHERE conflict.first_at > kept.since AND conflict.tracking_number = ANY (claimed.other_numbers)
       AND NOT claimed.is_lookup
       AND NOT EXISTS (SELECT FROM duplicated
                        WHERE duplicated.item_id = claimed.id::text AND duplicated.number = conflict.tracking_number)

    -- Only shipments that exist can be voided, and beside the one that stands.
    UNION ALL
    SELECT 'voided', workspace_id, id::text,
           concat('The item is ', status, ', its shipment ', shipment, ', voided ', coalesce(voided_at::text, 'never'),
                  ', with the further numbers ', (other_numbers || voided_numbers)::text, '.')
      FROM item
     WHERE (voided_at IS NOT NULL AND shipment IS DISTINCT FROM 'second')
        OR (other_numbers || voided_numbers <> '{}' AND status <> 'success')

    -- Each end of a job has its robot/job.completed.
    UNION ALL
    SELECT 'completed_missing', ended.workspace_id, ended.job_id::text,
           concat('The job ended in dispatch ', ended.dispatch, ' and no event tells it.')
      FROM ended
     WHERE NOT EXISTS (SELECT FROM completed
                        WHERE completed.job_id = ended.job_id::text AND completed.dispatch = ended.dispatch::text)

    -- And one only.
    UNION ALL
    SELECT 'completed_repeated', workspace_id, job_id,
           concat('The job ended once in dispatch ', dispatch, ' and ', count(*), ' events tell it.')
      FROM completed
     GROUP BY workspace_id, job_id, dispatch
    HAVING count(*) > 1

    -- No robot/job.completed without an end, and each with the numbers of that end. Later successes of a job that has
    -- ended make it completed and add to its counter, without an event. Where the wave after it was made as the job's
    -- next one, nothing had ended.
    UNION ALL
    SELECT 'completed_wrong', completed.workspace_id, completed.job_id,
           concat('An event says that the job ended in dispatch ', coalesce(completed.dispatch::text, 'none'), ' as ',
                  coalesce(completed.status, 'none'), ', ', coalesce(completed.successes::text, 'none'), ' + ',
                  coalesce(completed.errors::text, 'none'), '; ',
                  coalesce('the job is ' || job.status || ' in dispatch ' || job.dispatch || ', ' || job.success_count
                           || ' + ' || job.error_count || ' of ' || job.total_items, 'there is no such job'), '.')
      FROM completed
      LEFT JOIN job ON job.id::text = completed.job_id AND job.workspace_id = completed.workspace_id
      LEFT JOIN wave AS next ON next.job_id = job.id AND next.dispatch = completed.number + 1 AND next.is_next
     WHERE job.id IS NULL OR next.job_id IS NOT NULL
        OR (completed.successes + completed.errors = job.total_items) IS NOT TRUE
        OR completed.status NOT IN ('completed', 'failed')
        OR (completed.number BETWEEN 1 AND job.dispatch) IS NOT TRUE
        OR (completed.number = job.dispatch
            AND CASE completed.status || ' ' || job.status
                    WHEN 'completed completed' THEN job.success_count < completed.successes
                    WHEN 'failed failed' THEN job.success_count <> completed.successes
                    WHEN 'failed completed' THEN job.success_count <= completed.successes
                    ELSE true
                END)

    -- A job's first wave, and one that a retry makes at once, was asked for in the transaction that made it.
    UNION ALL
    SELECT 'submitted_missing', wave.workspace_id, wave.job_id::text,
           concat('No event asks for the hand-over of dispatch ', wave.dispatch, '.')
      FROM wave
     CROSS JOIN kept
     WHERE (wave.dispatch = 1 OR wave.is_of_retry) AND wave.created_at > kept.since
       AND NOT EXISTS (SELECT FROM event
                        WHERE event.detail_type = 'robot/job.submitted' AND event.job_id = wave.job_id::text
                          AND event.dispatch = wave.dispatch::text)

    -- Every wave was asked for when it was called.
    UNION ALL
    SELECT 'submitted_missing', dispatch.workspace_id, dispatch.job_id::text,
           concat('Dispatch ', dispatch.dispatch, ' was called at ', dispatch.called_at,
                  ', and no event since then asks for its hand-over.')
      FROM dispatch
     CROSS JOIN kept
      LEFT JOIN (SELECT job_id, dispatch, max(created_at) AS last_at
                   FROM event
                  WHERE detail_type = 'robot/job.submitted'
                  GROUP BY job_id, dispatch) AS asked
             ON asked.job_id = dispatch.job_id::text AND asked.dispatch = dispatch.dispatch::text
     WHERE dispatch.called_at > kept.since AND (asked.last_at >= dispatch.called_at) IS NOT TRUE

    -- A job that was paused was told of, and one that has ended is not paused.
    UNION ALL
    SELECT 'paused_missing', job.workspace_id, job.id::text,
           concat('The job was paused at ', job.paused_at, ' (', job.paused_reason, ') and no event tells it.')
      FROM job
     CROSS JOIN kept
      LEFT JOIN (SELECT job_id, max(created_at) AS last_at
                   FROM event
                  WHERE detail_type = 'robot/job.paused'
                  GROUP BY job_id) AS told
             ON told.job_id = job.id::text
     WHERE job.paused_at > kept.since AND (told.last_at >= job.paused_at) IS NOT TRUE
    UNION ALL
    SELECT 'paused', workspace_id, id::text, concat('The job is ', status, ' and is paused since ', paused_at, '.')
      FROM job
     WHERE status IN ('completed', 'failed') AND paused_at IS NOT NULL

    -- A job's waves are numbered from 1, and its latest is the job's. A number without a wave is one under which the
    -- job was opened again, before the answer to a call was noted; `ended` asks for the end before it.
    UNION ALL
    SELECT 'dispatch_numbers', workspace_id, job_id::text,
           concat('The job is in dispatch ', number, '; its first is ', coalesce(first::text, 'missing'),
                  ', its latest ', coalesce(last::text, 'missing'), '.')
      FROM latest
     WHERE first IS DISTINCT FROM 1 OR last > number
        OR (last < number AND status IN ('pending', 'processing') AND NOT is_calling)

    -- A wave never gains items; its claim leaves out what the guard ends there. The first one, and one that was made
    -- as the next, is no larger than its job's are; before there were waves the first had every item.
    UNION ALL
    SELECT 'dispatch_items', wave.workspace_id, wave.job_id::text,
           concat('Dispatch ', wave.dispatch, ' was made for ', wave.item_count, ' items, at most ', job.wave_size, '; ',
                  coalesce(inside.open, 0), ' are open in it, and ', coalesce(sent.items, 0), ' were sent.')
      FROM wave
      JOIN job ON job.id = wave.job_id
      LEFT JOIN (SELECT job_id, dispatch, count(*) AS open
                   FROM item
                  WHERE status IN ('pending', 'processing')
                  GROUP BY job_id, dispatch) AS inside
             ON inside.job_id = wave.job_id AND inside.dispatch = wave.dispatch
      -- What was reported of a claim that was given back was not sent by the next one.
      LEFT JOIN (SELECT attempt.job_id, attempt.dispatch, count(*) AS items
                   FROM attempt
                   JOIN dispatch ON dispatch.job_id = attempt.job_id AND dispatch.dispatch = attempt.dispatch
                                AND dispatch.claimed_at <= attempt.claimed_at
                  GROUP BY attempt.job_id, attempt.dispatch) AS sent
             ON sent.job_id = wave.job_id AND sent.dispatch = wave.dispatch
     WHERE CASE WHEN wave.claimed_at IS NULL THEN inside.open ELSE sent.items END > wave.item_count
        OR (wave.item_count > job.wave_size
            AND (wave.is_next OR (wave.dispatch = 1 AND wave.attempts = 0 AND wave.item_count <> job.total_items)))

    -- An open item in a wave is in one that is still to come (pending) or that the robot has, or may have (processing).
    UNION ALL
    SELECT 'item_dispatch', item.workspace_id, item.id::text,
           concat('The item is ', item.status, '; its dispatch ', item.dispatch, ' is ',
                  coalesce(dispatch.status, 'missing'), '.')
      FROM item
      LEFT JOIN dispatch ON dispatch.job_id = item.job_id AND dispatch.dispatch = item.dispatch
     WHERE item.dispatch IS NOT NULL
       AND (dispatch.status IS NULL
            OR (item.status = 'pending' AND dispatch.status NOT IN ('waiting', 'claimed'))
            OR (item.status = 'processing' AND dispatch.status NOT IN ('accepted', 'unknown')))

    -- An open item in no wave waits for one, and no robot has it.
    UNION ALL
    SELECT 'in_line', workspace_id, id::text,
           concat('The item is in no dispatch and ', status, ', its shipment ', shipment, '.')
      FROM item
     WHERE dispatch IS NULL
       AND (status = 'processing' OR (status = 'pending' AND NOT coalesce(shipment = 'none', pedido_number IS NULL)))

    -- What waits for a wave follows one that waits or is out.
    UNION ALL
    SELECT 'wave_missing', in_line.workspace_id, in_line.job_id::text,
           concat(in_line.items, ' items are in no dispatch, and none of the job waits or is out.')
      FROM (SELECT workspace_id, job_id, count(*) AS items
              FROM item
             WHERE dispatch IS NULL AND status IN ('pending', 'processing')
             GROUP BY workspace_id, job_id) AS in_line
     WHERE NOT EXISTS (SELECT FROM dispatch WHERE dispatch.job_id = in_line.job_id AND dispatch.status <> 'closed')

    -- A wave of which nothing is open is closed, but for one whose call is under way. So a job that has ended has none
    -- that waits or is out.
    UNION ALL
    SELECT 'wave_empty', dispatch.workspace_id, dispatch.job_id::text,
           concat('Dispatch ', dispatch.dispatch, ' is ', dispatch.status, ', and none of its items is open.')
      FROM dispatch
     WHERE dispatch.status IN ('waiting', 'accepted', 'unknown')
       AND NOT EXISTS (SELECT FROM item
                        WHERE item.job_id = dispatch.job_id AND item.dispatch = dispatch.dispatch
                          AND item.status IN ('pending', 'processing'))

    -- One wave of a job waits or is out. Beside it may be such of unknown outcome as were handed over before there
    -- were waves: none of them was ever called.
    UNION ALL
    SELECT 'waves', workspace_id, job_id::text,
           concat('Dispatches ', string_agg(concat(dispatch, ' (', status, ')'), ', ' ORDER BY dispatch),
                  ' of the job wait or are out.')
      FROM dispatch
     WHERE status <> 'closed' AND NOT (status = 'unknown' AND called_at IS NULL)
     GROUP BY workspace_id, job_id
    HAVING count(*) > 1

    -- One wave of a workspace and carrier is with the robot, and one call of a workspace is under way: as the indexes
    -- say.
    UNION ALL
    SELECT 'with_robot', workspace_id, workspace_id::text,
           concat(count(*), ' dispatches of ', carrier, ' are with the robot.')
      FROM dispatch
     WHERE status IN ('claimed', 'accepted')
     GROUP BY workspace_id, carrier
    HAVING count(*) > 1
    UNION ALL
    SELECT 'calls', workspace_id, workspace_id::text, concat(count(*), ' calls of the workspace are under way.')
      FROM dispatch
     WHERE status = 'claimed'
     GROUP BY workspace_id
    HAVING count(*) > 1

    -- No other wave is called than the one whose turn it is.
    UNION ALL
    SELECT 'turn_wrong', dispatch.workspace_id, dispatch.job_id::text,
           concat('Dispatch ', dispatch.dispatch, ' was called at ', dispatch.called_at, '; ',
                  coalesce('it is the turn of job ' || turn.job_id || '.', 'it is nobody''s turn.'))
      FROM dispatch
      LEFT JOIN turn ON turn.workspace_id = dispatch.workspace_id AND turn.carrier = dispatch.carrier
     WHERE dispatch.status = 'waiting' AND dispatch.called_at IS NOT NULL
       AND (turn.job_id, turn.dispatch) IS DISTINCT FROM (dispatch.job_id, dispatch.dispatch)

    -- And that one is called. What changes a turn calls it at once; the schedule finds what was left, unless something
    -- in this line has moved just now.
    UNION ALL
    SELECT 'turn_untold', turn.workspace_id, turn.job_id::text,
           concat('It is the turn of dispatch ', turn.dispatch, ', nothing has moved since ', moved.last_at,
                  ', and nobody called it.')
      FROM turn
      JOIN (SELECT dispatch.workspace_id, dispatch.carrier, max(greatest(dispatch.updated_at, job.updated_at)) AS last_at
              FROM dispatch
              JOIN job ON job.id = dispatch.job_id
             GROUP BY dispatch.workspace_id, dispatch.carrier) AS moved
        ON moved.workspace_id = turn.workspace_id AND moved.carrier = turn.carrier
     WHERE turn.called_at IS NULL
       AND moved.last_at < statement_timestamp() - %(minutes)s * interval '1 minute'
       AND NOT EXISTS (SELECT FROM dispatch AS calling
                        WHERE calling.workspace_id = turn.workspace_id AND calling.status = 'claimed')

    -- One that is called is tried; where its message is lost, the schedule calls it again after five minutes.
    UNION ALL
    SELECT 'turn_lost', workspace_id, job_id::text,
           concat('Dispatch ', dispatch, ' was called at ', called_at, ' and should have been tried at ',
                  coalesce(next_attempt_at, called_at), '.')
      FROM dispatch
     WHERE status = 'waiting' AND called_at IS NOT NULL
       AND coalesce(next_attempt_at, called_at) < statement_timestamp() - (%(minutes)s + 5) * interval '1 minute'

    -- The steps of a dispatch have their times, and those that it has not taken have none.
    UNION ALL
    SELECT 'dispatch_times', workspace_id, job_id::text,
           concat('Dispatch ', dispatch, ' is ', status, ', claimed ', coalesce(claimed_at::text, 'never'),
                  ', accepted ', coalesce(accepted_at::text, 'never'), ', due ', coalesce(deadline_at::text, 'never'),
                  ', closed ', coalesce(closed_at::text, 'never'), ', called ', coalesce(called_at::text, 'never'),
                  ', parked ', coalesce(parked_at::text, 'never'), ', restarted ', coalesce(restarted_at::text, 'never'),
                  '.')
      FROM dispatch
     WHERE (status = 'waiting' AND num_nonnulls(claimed_at, accepted_at, deadline_at) > 0)
        OR (status IN ('claimed', 'accepted', 'unknown') AND num_nulls(claimed_at, deadline_at) > 0)
        OR (status = 'accepted' AND accepted_at IS NULL)
        OR (status IN ('claimed', 'unknown') AND accepted_at IS NOT NULL)
        OR (status = 'closed') <> (closed_at IS NOT NULL)
        OR num_nonnulls(called_at, parked_at) > 1
        OR (restarted_at IS NOT NULL AND status <> 'closed')

    -- What a retry writes on an item agrees, and between two hand-overs of an item there was one. The item is in a wave
    -- that was made since (but for the time for which a transaction may have waited).
    UNION ALL
    SELECT 'retries', item.workspace_id, item.id::text,
           concat('The item was retried ', item.retry_count, ' times, last ', coalesce(item.last_retry_at::text, 'never'),
                  ', was sent in ', (SELECT count(*) FROM attempt WHERE attempt.item_id = item.id),
                  ' dispatches, and is in ',
                  coalesce(item.dispatch || ' of ' || dispatch.created_at::text, 'none'), '.')
      FROM item
      LEFT JOIN dispatch ON dispatch.job_id = item.job_id AND dispatch.dispatch = item.dispatch
      LEFT JOIN (SELECT attempt.item_id, count(*) AS waves
                   FROM attempt
                   LEFT JOIN dispatch AS forgotten
                          ON forgotten.job_id = attempt.job_id AND forgotten.dispatch = attempt.dispatch
                         AND forgotten.restored_to IS NOT NULL
                  WHERE forgotten.job_id IS NULL
                  GROUP BY attempt.item_id HAVING count(*) > 1) AS sent ON sent.item_id = item.id
     WHERE (item.retry_count = 0) <> (item.last_retry_at IS NULL)
        OR sent.waves > item.retry_count + 1
        OR dispatch.created_at < item.last_retry_at - interval '5 minutes'

    -- The number of the shipment that stands is the order's, unless the order's was written by hand. That has an event
    -- while events are kept; no event, and it is older. A change that automations make at the limit of their cascade
    -- has none, and is found here.
    UNION ALL
    SELECT 'number_not_on_order', orders.workspace_id, orders.id::text,
           concat('Item ', item.id, ' was shipped as ', item.tracking_number, ' and holds the order; the order says ',
                  coalesce(orders.tracking_number, 'nothing'), ', and ',
                  CASE WHEN orders.number_by_hand THEN 'no event tells why.' ELSE 'nobody wrote that by hand.' END)
      FROM beside AS item
      JOIN orders ON orders.id = item.order_id
      LEFT JOIN number_event ON number_event.order_id = orders.id::text
     WHERE item.shipment = 'made' AND item.holds AND item.tracking_number IS NOT NULL
       AND orders.tracking_number IS DISTINCT FROM item.tracking_number
       AND NOT (orders.number_by_hand
                AND (number_event.order_id IS NULL
                     OR number_event.new_value IS NOT DISTINCT FROM orders.tracking_number))

    -- An order's number is that of a shipment of it, or was written by hand.
    UNION ALL
    SELECT 'number_of_nothing', orders.workspace_id, orders.id::text,
           concat('The order says ', orders.tracking_number, '; no item of it was shipped so, and nobody wrote that by hand.')
      FROM orders
     WHERE (%(workspace_id)s::uuid IS NULL OR orders.workspace_id = %(workspace_id)s)
       AND (%(since)s::timestamptz IS NULL OR orders.id IN (SELECT order_id FROM touched))
       AND orders.tracking_number IS NOT NULL AND NOT orders.number_by_hand
       AND NOT EXISTS (SELECT FROM beside
                        WHERE beside.order_id = orders.id AND beside.tracking_number = orders.tracking_number
                          AND NOT beside.is_lookup)

    -- Every number that a report brought is its item's, or stands beside the item's as a conflict with it.
    UNION ALL
    SELECT 'number_lost', report.workspace_id, report.item_id::text,
           concat('Report ', report.id, ' (', report.outcome, ') brought the number ', report.tracking_number,
                  '; the item is ', report.item_status, ', its number ', coalesce(report.item_number, 'unknown'),
                  ', beside it ', report.item_other_numbers::text, '.')
      FROM reported AS report
     WHERE report.status = 'success' AND report.tracking_number IS NOT NULL
       AND CASE report.outcome
               WHEN 'conflict' THEN report.tracking_number <> ALL (report.item_other_numbers)
               ELSE report.item_number IS DISTINCT FROM report.tracking_number
           END

    -- A shipment that was reported exists: its item is a success for good.
    UNION ALL
    SELECT 'success_lost', report.workspace_id, report.item_id::text,
           concat('Report ', report.id, ' said success; the item is ', report.item_status, '.')
      FROM reported AS report
     WHERE report.status = 'success' AND report.item_status <> 'success'

    -- A success, and a number, came by a report that was recorded.
    UNION ALL
    SELECT 'history_missing', item.workspace_id, item.id::text,
           concat('The item is a success, its number ', coalesce(item.tracking_number, 'unknown'),
                  ', and no report in its history says so.')
      FROM item
     WHERE item.status = 'success'
       AND NOT EXISTS (SELECT FROM report
                        WHERE report.item_id = item.id AND report.status = 'success' AND report.outcome = 'recorded'
                          AND (item.tracking_number IS NULL OR report.tracking_number = item.tracking_number))

    -- Who closed an item with an error has said so in the history: the robot by a report; a person, the deadline and a
    -- restart where a robot had the item. Before shipments were known, only the robot had.
    UNION ALL
    SELECT 'error_unexplained', item.workspace_id, item.id::text,
           concat('The item failed in ', coalesce('dispatch ' || item.dispatch, 'no dispatch'), ' (',
                  coalesce(item.error_type, 'no type'), coalesce(': ' || item.error_message, ''), '), closed by the ', item.closed_by, '; its history does not say so.')
      FROM item
     WHERE item.status = 'error' AND item.closed_by IN ('robot', 'person', 'deadline', 'restart')
       AND NOT EXISTS (SELECT FROM report AS said
                        WHERE said.item_id = item.id AND coalesce(said.dispatch, 0) = coalesce(item.dispatch, 0)
                          AND said.source = item.closed_by AND said.status = 'error' AND said.outcome = 'recorded')
       AND (item.closed_by = 'robot'
            OR EXISTS (SELECT FROM claimed
                         JOIN attempt ON attempt.item_id = claimed.id AND attempt.dispatch = claimed.dispatch
                        WHERE claimed.id = item.id))

    -- An error that was recorded closed its item. One that is in no wave may have been retried since.
    UNION ALL
    SELECT 'error_lost', report.workspace_id, report.item_id::text,
           concat('Report ', report.id, ' closed the item in dispatch ', report.dispatch, '; the item is ',
                  report.item_status, ' in that dispatch.')
      FROM reported AS report
     WHERE report.status = 'error' AND report.outcome = 'recorded' AND report.dispatch = report.item_dispatch
       AND report.item_status IN ('pending', 'processing')

    -- Nothing counts twice: an item succeeds once, and gets its number once.
    UNION ALL
    SELECT 'recorded_twice', workspace_id, item_id::text,
           concat(count(*), ' reports were recorded as the same success.')
      FROM report
     WHERE outcome = 'recorded' AND status = 'success'
     GROUP BY item_id, workspace_id, tracking_number IS NULL
    HAVING count(*) > 1

    -- An item fails once in a dispatch. After that, once, a person settles it, or the robot proves that nothing was
    -- made where it had been silent. In no wave it may fail again after each retry.
    UNION ALL
    SELECT 'recorded_twice', workspace_id, item_id::text,
           concat(count(*), ' errors were recorded in dispatch ', dispatch, ', by ',
                  string_agg(source, ', ' ORDER BY id), '.')
      FROM report
      JOIN (SELECT item_id, dispatch
              FROM report
             WHERE outcome = 'recorded' AND status = 'error' AND dispatch IS NOT NULL
             GROUP BY item_id, dispatch
            HAVING count(*) > 1) AS several USING (item_id, dispatch)
     WHERE outcome = 'recorded' AND status = 'error'
     GROUP BY workspace_id, item_id, dispatch
    HAVING count(*) > 2
        OR count(*) FILTER (WHERE source = 'robot') > 1
        OR (count(*) > 1 AND (array_agg(source ORDER BY id DESC))[1] IN ('deadline', 'restart'))

    -- After a success no error counts.
    UNION ALL
    SELECT 'error_after_success', failed.workspace_id, failed.item_id::text,
           concat('Report ', failed.id, ' (error) was recorded after report ', shipped.id, ' (success).')
      FROM report AS failed
      JOIN report AS shipped ON shipped.item_id = failed.item_id AND shipped.id < failed.id
     WHERE failed.status = 'error' AND failed.outcome = 'recorded'
       AND shipped.status = 'success' AND shipped.outcome = 'recorded'

    -- Automations hear once of each item that becomes a success with a number.
    UNION ALL
    SELECT 'automation', workspace_id, order_id,
           concat('The number ', number, ' was recorded for ', sum(items), ' items of the order, and told ', sum(told),
                  ' times.')
      FROM (SELECT workspace_id, order_id::text AS order_id, number, 1 AS items, recent, 0 AS told
              FROM (SELECT item.workspace_id, item.order_id, item.tracking_number AS number,
                           max((report.received_at > (SELECT since FROM kept))::int)
                               FILTER (WHERE report.tracking_number = item.tracking_number) AS recent
                      FROM beside AS item
                      JOIN robot_jobs AS job ON job.id = item.job_id AND job.carrier = 'coordinadora'
                      JOIN report ON report.item_id = item.id
                     WHERE NOT item.is_lookup AND report.outcome = 'recorded' AND report.tracking_number IS NOT NULL
                     GROUP BY item.id, item.workspace_id, item.order_id, item.tracking_number) AS recorded
             WHERE recent IS NOT NULL
            UNION ALL
            SELECT workspace_id, detail ->> 'orderId', detail ->> 'trackingNumber', 0, 0, 1
              FROM event
             WHERE detail_type = 'automation/robot.coord.completed') AS told
     GROUP BY workspace_id, order_id, number
    HAVING sum(items) > 0 AND sum(told) NOT BETWEEN sum(recent) AND sum(items)

    -- A job's items are of its kind; a lookup makes no shipment and holds no order.
    UNION ALL
    SELECT 'kind', item.workspace_id, item.id::text,
           concat('The job is a ', job.kind, '; its item''s shipment is ', coalesce(item.shipment, 'none of any'), '.')
      FROM item
      JOIN job ON job.id = item.job_id
     WHERE (job.kind = 'guide_lookup') <> item.is_lookup OR item.is_lookup <> (item.shipment IS NULL)
        OR (item.is_lookup AND item.holds)

    -- A guide that was found is the order's, unless it stands beside the item's, or was removed or replaced by hand.
    UNION ALL
    SELECT 'guide_not_on_order', item.workspace_id, item.order_id::text,
           concat('Lookup ', item.id, ' found the guide ', item.tracking_number, '; the order has none, and no event',
                  ' says that it was removed.')
      FROM item
      JOIN orders ON orders.id = item.order_id
     CROSS JOIN kept
     WHERE item.is_lookup AND item.tracking_number IS NOT NULL AND item.tracking_number <> ALL (item.other_numbers)
       AND item.completed_at > kept.since AND orders.carrier_guide_number IS NULL
       AND NOT EXISTS (SELECT FROM event
                        WHERE event.detail_type = 'automation/field.changed'
                          AND event.detail ->> 'entityId' = item.order_id::text
                          AND event.detail ->> 'fieldName' = 'carrier_guide_number'
                          AND event.detail ->> 'newValue' IS NULL)

    -- And is told once an order.
    UNION ALL
    SELECT 'guide_told', workspace_id, detail ->> 'orderId', concat('The order''s guide was told ', count(*), ' times.')
      FROM event
     WHERE detail_type = 'automation/robot.guide.found'
     GROUP BY workspace_id, detail ->> 'orderId'
    HAVING count(*) > 1

    -- History and events stay in the workspace of what they are about.
    UNION ALL
    SELECT 'workspace', workspace_id, item_id::text, concat('Report ', id, ' is in another workspace than its item.')
      FROM reported AS report
     WHERE workspace_id <> item_workspace_id
    UNION ALL
    SELECT 'workspace', workspace_id, id::text,
           concat('The event ', detail_type, ' names the workspace ', coalesce(detail ->> 'workspaceId', 'of nobody'), '.')
      FROM event
     WHERE detail ->> 'workspaceId' IS DISTINCT FROM workspace_id::text

    -- Events get out: none waits for longer than the schedules take, none is set aside.
    UNION ALL
    SELECT 'unpublished', workspace_id, id::text,
           concat('The event ', detail_type, ' has been waiting since ', created_at, ': ',
                  coalesce(last_error, 'nobody has tried to publish it'), '.')
      FROM event
     WHERE published_at IS NULL AND set_aside_at IS NULL
       AND created_at < statement_timestamp() - %(minutes)s * interval '1 minute'
    UNION ALL
    SELECT 'set_aside', workspace_id, id::text,
           concat('The event ', detail_type, ' was set aside: ', coalesce(last_error, 'nobody said why'), '.')
      FROM event
     WHERE set_aside_at IS NOT NULL

    -- Deadlines are kept, and lost claims found.
    UNION ALL
    SELECT 'overdue', workspace_id, job_id::text,
           concat('Dispatch ', dispatch, ' is ', status, ' and should have ended at ', deadline_at, '.')
      FROM dispatch
     WHERE status IN ('claimed', 'accepted', 'unknown')
       AND deadline_at < statement_timestamp() - %(minutes)s * interval '1 minute'
    UNION ALL
    SELECT 'claim_lost', workspace_id, job_id::text,
           concat('Dispatch ', dispatch, ' was claimed at ', claimed_at, ', and nothing came of it.')
      FROM dispatch
     WHERE status = 'claimed' AND claimed_at < statement_timestamp() - (%(minutes)s + 2) * interval '1 minute'

    -- Every event is of a known type and has the members of its type.
    UNION ALL
    SELECT 'event_type', workspace_id, id::text, concat('Nobody knows events of type ', detail_type, '.')
      FROM event
     WHERE detail_type NOT IN (SELECT shape.detail_type FROM shape)
    UNION ALL
    SELECT 'event_member', event.workspace_id, event.id::text,
           concat('The event ', event.detail_type, CASE WHEN is_missing THEN ' lacks ' ELSE ' has ' END, member,
                  CASE WHEN is_missing THEN '.' ELSE ', which its type does not.' END)
      FROM event
      JOIN (SELECT detail_type, array_agg(member) AS known, array_agg(member) FILTER (WHERE required) AS required
              FROM shape
             GROUP BY detail_type) AS type ON type.detail_type = event.detail_type
      -- Taken apart once, by each of the processes that share the table: they share no subquery with an OFFSET.
     CROSS JOIN LATERAL unnest(
           ARRAY[CASE WHEN json_typeof(event.detail) = 'object' THEN event.detail::jsonb ELSE '{}' END]) AS given
     CROSS JOIN LATERAL (
           SELECT member, true AS is_missing FROM unnest(type.required) AS member WHERE NOT given ? member
           UNION ALL
           SELECT member, false FROM jsonb_object_keys(given - type.known) AS member) AS wrong
     WHERE NOT (given ?& type.required AND given - type.known = '{}')
)
SELECT kind, workspace_id, subject_id, sentence FROM finding ORDER BY kind, workspace_id, subject_id, sentence
