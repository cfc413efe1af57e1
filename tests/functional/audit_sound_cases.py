"""Worlds that look nearly broken, in which the audit finds nothing."""

SOUND = {
    "an order in a new job after it failed": """
        UPDATE robot_job_items SET order_id = (SELECT order_id FROM robot_job_items WHERE id = %(ended_error)s)
            WHERE id = %(waiting_item)s
        """,
    "a second shipment from before shipments were known, beside others that were not": """
        UPDATE robot_job_dispatches SET robot_url = NULL
            WHERE job_id = (SELECT job_id FROM robot_job_items WHERE id = %(second)s);
        DELETE FROM outbox WHERE detail_type = 'robot/shipment.duplicated' AND detail ->> 'itemId' = %(second)s::text
        """,
    "a further number that was voided, which nobody is told": """
        DELETE FROM outbox WHERE detail_type = 'robot/shipment.duplicated'
            AND detail ->> 'itemId' = %(conflict_voided)s::text
        """,
    "a further number that was told long ago, and is reported again": """
        UPDATE robot_job_item_reports SET received_at = now() - interval '8 days' WHERE item_id = %(conflict)s;
        INSERT INTO robot_job_item_reports (workspace_id, item_id, dispatch, status, tracking_number, outcome)
            VALUES (%(workspace)s, %(conflict)s, 1, 'success', 'C-2', 'conflict');
        DELETE FROM outbox WHERE detail_type = 'robot/shipment.duplicated' AND detail ->> 'itemId' = %(conflict)s::text
        """,
    "errors that did not count: of an open item, after a success, and of a settled item": """
        INSERT INTO robot_job_item_reports (workspace_id, item_id, dispatch, status, error_type, outcome)
            SELECT %(workspace)s, item_id, 1, 'error', 'portal', outcome
              FROM (VALUES (%(open_item)s::uuid, 'stale'), (%(shipped)s, 'stale'), (%(settled)s, 'duplicate'))
                AS said (item_id, outcome)
        """,
    "a second pause that was told as the first was": """
        UPDATE robot_jobs SET paused_at = clock_timestamp() WHERE id = %(paused)s;
        INSERT INTO outbox (workspace_id, detail_type, detail, created_at)
            SELECT workspace_id, detail_type, detail, clock_timestamp() FROM outbox
             WHERE detail_type = 'robot/job.paused' AND detail ->> 'jobId' = %(paused)s::text
        """,
    "a turn that passes over the wave of an older job that is paused": """
        UPDATE robot_jobs SET paused_at = now() - interval '7 days', paused_reason = 'operator' WHERE id = %(called)s;
        UPDATE robot_job_dispatches SET called_at = NULL WHERE job_id = %(called)s;
        UPDATE robot_job_dispatches SET called_at = created_at, parked_at = NULL WHERE job_id = %(parked)s
        """,
    "a carrier that is on, beside others that are off": """
        INSERT INTO carrier_configs
              (workspace_id, carrier, is_enabled, robot_url, portal_username, portal_password_sealed)
            SELECT workspace_id, 'elsewhere', is_enabled, robot_url, portal_username, portal_password_sealed
              FROM carrier_configs WHERE workspace_id = %(workspace)s AND carrier = 'coordinadora';
        INSERT INTO carrier_configs (workspace_id, carrier, is_enabled)
            VALUES (%(workspace)s, 'another', false), (%(other_workspace)s, 'elsewhere', false)
        """,
    "a turn that was told before everything in its line stood still": """
        UPDATE robot_job_dispatches SET updated_at = now() - interval '1 day' WHERE workspace_id = %(workspace)s;
        UPDATE robot_jobs SET updated_at = now() - interval '1 day' WHERE workspace_id = %(workspace)s
        """,
    "a first wave from before there were waves, which has every item": """
        UPDATE robot_jobs SET wave_size = 1 WHERE id = %(waiting)s
        """,
    "a first wave that was given back, and is larger than its job's are now": """
        UPDATE robot_jobs SET wave_size = 1 WHERE id = %(waiting)s;
        UPDATE robot_job_dispatches SET item_count = 3, attempts = 1 WHERE job_id = %(waiting)s
        """,
    "a call that is under way, for as long as the schedules may take": """
        UPDATE robot_job_dispatches SET status = 'claimed', claimed_at = now() - interval '16 minutes',
            deadline_at = now() - interval '14 minutes' WHERE job_id = %(called)s
        """,
    "times that are long ago of what is over, and of what a robot has": """
        UPDATE robot_job_dispatches SET deadline_at = now() - interval '1 day', restarted_at = now()
            WHERE job_id = %(in_waves)s;
        UPDATE robot_job_dispatches SET claimed_at = claimed_at - interval '1 day' WHERE job_id = %(open)s
        """,
    "a wave that is called, for as long as the schedules may take": """
        UPDATE robot_job_dispatches SET called_at = now() - interval '19 minutes 30 seconds' WHERE job_id = %(called)s;
        UPDATE robot_job_dispatches SET next_attempt_at = now() - interval '1 day' WHERE job_id = %(parked)s
        """,
    "an event that was published long ago": """
        UPDATE outbox SET published_at = now(), created_at = now() - interval '1 hour'
            WHERE detail_type = 'robot/job.completed' AND workspace_id = %(workspace)s
        """,
    "a retry that waited for as long as a transaction may": """
        UPDATE robot_job_items AS item SET last_retry_at = wave.created_at + interval '5 minutes'
          FROM robot_job_dispatches AS wave
         WHERE item.id = %(retried_item)s AND wave.job_id = item.job_id AND wave.dispatch = item.dispatch
        """,
    "a guide that stands beside the order's, which has none now": """
        UPDATE orders SET carrier_guide_number = NULL FROM robot_job_items AS item
            WHERE item.order_id = orders.id AND item.workspace_id = %(workspace)s AND item.tracking_number = 'G-3'
        """,
}
