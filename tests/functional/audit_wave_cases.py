"""Ways to break waves and whose turn it is, each with the rules of the audit that see it."""

from tests.functional.audit_broken import Broken

BROKEN_WAVES = {
    "an ended job that is paused": Broken(
        """
        ALTER TABLE robot_jobs DROP CONSTRAINT robot_jobs_paused_check;
        UPDATE robot_jobs SET paused_at = now() - interval '7 days', paused_reason = 'operator' WHERE id = %(ended)s
        """,
        {"paused"},
    ),
    "a pause that nobody was told": Broken(
        """
        DELETE FROM outbox WHERE detail_type = 'robot/job.paused' AND detail ->> 'jobId' = %(paused)s::text
        """,
        {"paused_missing"},
    ),
    "a second pause that nobody was told": Broken(
        "UPDATE robot_jobs SET paused_at = clock_timestamp() WHERE id = %(paused)s", {"paused_missing"}
    ),
    "an open wave of an ended job": Broken(
        """
        UPDATE robot_job_dispatches SET status = 'unknown', accepted_at = NULL, closed_at = NULL
            WHERE job_id = %(calling)s AND dispatch = 3
        """,
        {"wave_empty"},
    ),
    "an open wave without open items": Broken(
        """
        UPDATE robot_job_dispatches SET status = 'waiting', closed_at = NULL, called_at = NULL
            WHERE job_id = %(cancelled)s
        """,
        {"wave_empty"},
    ),
    "an item in line that is processing": Broken(
        "UPDATE robot_job_items SET status = 'processing', started_at = now() WHERE id = %(in_line)s", {"in_line"}
    ),
    "an item in line that a robot has": Broken(
        """
        UPDATE robot_job_items SET shipment = 'possible' WHERE id = %(in_line)s
        """,
        {"attempt_missing", "in_line"},
    ),
    "items in line behind nothing": Broken(
        """
        UPDATE robot_job_items SET dispatch = NULL WHERE id = %(called_wave_item)s;
        UPDATE robot_job_dispatches SET status = 'closed', closed_at = now(), called_at = NULL
            WHERE job_id = %(called)s
        """,
        {"wave_missing"},
    ),
    "two open waves of a job": Broken(
        """
        INSERT INTO robot_job_dispatches (job_id, dispatch, workspace_id, carrier, item_count)
            SELECT id, 2, workspace_id, carrier, 1 FROM robot_jobs WHERE id = %(called)s;
        UPDATE robot_job_items SET dispatch = 2 WHERE id = %(in_line)s;
        UPDATE robot_jobs SET dispatch = 2 WHERE id = %(called)s
        """,
        {"waves"},
    ),
    "two waves with the robot": Broken(
        """
        DROP INDEX robot_job_dispatches_with_robot;
        UPDATE robot_job_dispatches SET status = 'accepted', claimed_at = now(), accepted_at = now(),
            deadline_at = now() + interval '1 hour' WHERE job_id = %(waiting)s;
        UPDATE robot_job_items SET status = 'processing', started_at = now() WHERE job_id = %(waiting)s;
        UPDATE robot_jobs SET status = 'processing', started_at = now() WHERE id = %(waiting)s
        """,
        {"with_robot"},
    ),
    "two calls of a workspace": Broken(
        """
        DROP INDEX robot_job_dispatches_calling;
        UPDATE robot_job_dispatches SET status = 'claimed', accepted_at = NULL WHERE job_id = %(open)s;
        UPDATE robot_job_items SET status = 'pending' WHERE job_id = %(open)s AND status = 'processing';
        UPDATE robot_job_dispatches SET status = 'claimed', claimed_at = now(),
            deadline_at = now() + interval '1 hour' WHERE job_id = %(called)s
        """,
        {"calls"},
    ),
    "a wave called while another is with the robot": Broken(
        """
        UPDATE robot_job_dispatches SET called_at = created_at, parked_at = NULL WHERE job_id = %(waiting)s
        """,
        {"turn_wrong"},
    ),
    "two waves called": Broken(
        """
        UPDATE robot_job_dispatches SET called_at = created_at, parked_at = NULL WHERE job_id = %(parked)s
        """,
        {"turn_wrong"},
    ),
    "a wave called before an urgent one": Broken(
        "UPDATE robot_jobs SET priority = 'urgent' WHERE id = %(parked)s", {"turn_wrong"}
    ),
    "a wave called before that of an older job": Broken(
        """
        UPDATE robot_job_dispatches SET called_at = NULL WHERE job_id = %(called)s;
        UPDATE robot_job_dispatches SET called_at = created_at, parked_at = NULL WHERE job_id = %(parked)s
        """,
        {"turn_wrong"},
    ),
    "a wave called of a paused job": Broken(
        """
        UPDATE robot_job_dispatches SET called_at = NULL WHERE job_id = %(called)s;
        UPDATE robot_job_dispatches SET called_at = created_at, parked_at = NULL WHERE job_id = %(paused)s
        """,
        {"turn_wrong"},
    ),
    "a wave called while all are held": Broken(
        """
        INSERT INTO carrier_configs (workspace_id, carrier, is_enabled) VALUES (%(workspace)s, 'elsewhere', false)
        """,
        {"turn_wrong"},
    ),
    "a turn that nobody was told of": Broken(
        """
        UPDATE robot_job_dispatches SET called_at = NULL, updated_at = now() - interval '16 minutes'
            WHERE workspace_id = %(workspace)s AND carrier = 'elsewhere';
        UPDATE robot_jobs SET updated_at = now() - interval '16 minutes'
            WHERE workspace_id = %(workspace)s AND carrier = 'elsewhere'
        """,
        {"turn_untold"},
    ),
    "a wave that was called and never tried": Broken(
        """
        UPDATE robot_job_dispatches SET called_at = now() - interval '20 minutes 30 seconds' WHERE job_id = %(called)s
        """,
        {"turn_lost"},
    ),
    "a wave that was refused and never tried again": Broken(
        """
        UPDATE robot_job_dispatches SET next_attempt_at = now() - interval '20 minutes 30 seconds'
            WHERE job_id = %(called)s
        """,
        {"turn_lost"},
    ),
    "a wave that is called and parked": Broken(
        "UPDATE robot_job_dispatches SET parked_at = now() WHERE job_id = %(called)s", {"dispatch_times"}
    ),
    "a wave that goes on though its robot has restarted": Broken(
        "UPDATE robot_job_dispatches SET restarted_at = now() WHERE job_id = %(open)s", {"dispatch_times"}
    ),
    "a later wave that nobody asked to hand over": Broken(
        """
        DELETE FROM outbox WHERE detail_type = 'robot/job.submitted'
            AND detail ->> 'jobId' = %(in_waves)s::text AND detail ->> 'dispatch' = '3'
        """,
        {"submitted_missing"},
    ),
    "a wave that was called again and nobody asked to hand over": Broken(
        "UPDATE robot_job_dispatches SET called_at = clock_timestamp() WHERE job_id = %(called)s",
        {"submitted_missing"},
    ),
    "a next wave that is larger than its job's are": Broken(
        "UPDATE robot_job_dispatches SET item_count = 2 WHERE job_id = %(in_waves)s AND dispatch = 3",
        {"dispatch_items"},
    ),
    "a job that is ahead of its waves": Broken(
        "UPDATE robot_jobs SET dispatch = 2 WHERE id = %(called)s", {"completed_missing", "dispatch_numbers"}
    ),
    "a job that is behind its waves": Broken(
        "UPDATE robot_jobs SET dispatch = 3 WHERE id = %(in_waves)s",
        {"completed_missing", "completed_wrong", "dispatch_numbers"},
    ),
    "a job without its first wave": Broken(
        "DELETE FROM robot_job_dispatches WHERE job_id = %(failed)s", {"dispatch_numbers", "item_dispatch"}
    ),
    "an end before a retry during a call that nobody was told": Broken(
        """
        DELETE FROM outbox WHERE detail_type = 'robot/job.completed'
            AND detail ->> 'jobId' = %(calling)s::text AND detail ->> 'dispatch' = '1'
        """,
        {"completed_missing"},
    ),
    "an end that was announced and has no event": Broken(
        "UPDATE robot_job_dispatches SET announced_at = now() WHERE job_id = %(open)s", {"completed_missing"}
    ),
    "an end told of a wave that another one followed": Broken(
        """
        INSERT INTO outbox (workspace_id, detail_type, detail)
            SELECT workspace_id, detail_type, detail::jsonb || '{"dispatch": 2}' FROM outbox
            WHERE detail_type = 'robot/job.completed' AND detail ->> 'jobId' = %(in_waves)s::text
        """,
        {"completed_wrong"},
    ),
    "an item that was sent twice and retried never": Broken(
        """
        INSERT INTO robot_job_item_attempts (item_id, dispatch, job_id, workspace_id)
            VALUES (%(open_item)s, 2, %(open)s, %(workspace)s)
        """,
        {"retries"},
    ),
    "an item that was sent twice and retried never, and not in the wave that was forgotten": Broken(
        """
        INSERT INTO robot_job_item_attempts (item_id, dispatch, job_id, workspace_id)
            VALUES (%(open_item)s, 2, %(open)s, %(workspace)s);
        INSERT INTO robot_job_dispatches (job_id, dispatch, workspace_id, carrier, item_count, status, closed_at,
                                          restored_to)
            VALUES (%(open)s, 3, %(workspace)s, 'coordinadora', 1, 'closed', now(), now())
        """,
        {"retries"},
    ),
    "a retry in the wave that was before it": Broken(
        """
        UPDATE robot_job_items AS item SET last_retry_at = wave.created_at + interval '5 minutes 1 second'
          FROM robot_job_dispatches AS wave
         WHERE item.id = %(retried_item)s AND wave.job_id = item.job_id AND wave.dispatch = item.dispatch
        """,
        {"retries"},
    ),
    "a failed job that is paused": Broken(
        """
        ALTER TABLE robot_jobs DROP CONSTRAINT robot_jobs_paused_check;
        UPDATE robot_jobs SET paused_at = now() - interval '7 days', paused_reason = 'operator' WHERE id = %(failed)s
        """,
        {"paused"},
    ),
    "a second pause for which other things were told": Broken(
        """
        UPDATE robot_jobs SET paused_at = clock_timestamp() WHERE id = %(paused)s;
        INSERT INTO outbox (workspace_id, detail_type, detail, created_at)
            SELECT workspace_id, detail_type, detail, clock_timestamp() FROM outbox
             WHERE detail_type = 'robot/job.submitted' AND detail ->> 'jobId' = %(paused)s::text;
        INSERT INTO outbox (workspace_id, detail_type, detail, created_at)
            SELECT workspace_id, detail_type, jsonb_set(detail::jsonb, '{jobId}', to_jsonb(%(waiting)s::text)),
                   clock_timestamp()
              FROM outbox WHERE detail_type = 'robot/job.paused' AND detail ->> 'jobId' = %(paused)s::text
        """,
        {"paused_missing"},
    ),
    "a wave that was called again, for which an end was told": Broken(
        """
        UPDATE robot_job_dispatches SET called_at = clock_timestamp() WHERE job_id = %(called)s;
        INSERT INTO outbox (workspace_id, detail_type, detail, created_at)
            SELECT workspace_id, detail_type, jsonb_set(detail::jsonb, '{jobId}', to_jsonb(%(called)s::text)),
                   clock_timestamp()
              FROM outbox WHERE detail_type = 'robot/job.completed' AND detail ->> 'jobId' = %(failed)s::text
        """,
        {"completed_wrong", "submitted_missing"},
    ),
    "an end told of the first wave, which another one followed": Broken(
        """
        INSERT INTO outbox (workspace_id, detail_type, detail)
            SELECT workspace_id, detail_type, detail::jsonb || '{"dispatch": 1}' FROM outbox
            WHERE detail_type = 'robot/job.completed' AND detail ->> 'jobId' = %(in_waves)s::text
        """,
        {"completed_wrong"},
    ),
    "a job at the robot that is ahead of its waves": Broken(
        "UPDATE robot_jobs SET dispatch = 2 WHERE id = %(open)s", {"completed_missing", "dispatch_numbers"}
    ),
    "a wave without open items beside items in line": Broken(
        "UPDATE robot_job_items SET dispatch = NULL WHERE id = %(called_wave_item)s", {"wave_empty"}
    ),
    "a wave at the robot without open items": Broken(
        """
        UPDATE robot_job_items SET dispatch = NULL WHERE id = %(called_wave_item)s;
        UPDATE robot_job_dispatches SET status = 'accepted', claimed_at = now(), accepted_at = now(),
            deadline_at = now() + interval '1 hour' WHERE job_id = %(called)s
        """,
        {"wave_empty"},
    ),
    "a call beside a wave with the robot": Broken(
        """
        DROP INDEX robot_job_dispatches_with_robot;
        UPDATE robot_job_dispatches SET status = 'claimed', claimed_at = now(),
            deadline_at = now() + interval '1 hour' WHERE job_id = %(waiting)s
        """,
        {"with_robot"},
    ),
    "a wave called during the call of another": Broken(
        """
        UPDATE robot_job_dispatches SET status = 'claimed', claimed_at = now(),
            deadline_at = now() + interval '1 hour' WHERE job_id = %(called)s;
        UPDATE robot_job_dispatches SET called_at = created_at, parked_at = NULL WHERE job_id = %(parked)s
        """,
        {"turn_wrong"},
    ),
    "a lookup's wave called before that of a shipment": Broken(
        """
        UPDATE robot_jobs SET kind = 'guide_lookup' WHERE id = %(called)s;
        UPDATE robot_job_items SET is_lookup = true, shipment = NULL, holds = false WHERE job_id = %(called)s
        """,
        {"turn_wrong"},
    ),
    "a call whose deadline nobody keeps": Broken(
        """
        UPDATE robot_job_dispatches SET status = 'claimed', claimed_at = now(),
            deadline_at = now() - interval '16 minutes' WHERE job_id = %(called)s
        """,
        {"overdue"},
    ),
    "a wave of unknown outcome whose deadline nobody keeps": Broken(
        """
        UPDATE robot_job_dispatches SET status = 'unknown', accepted_at = NULL,
            deadline_at = now() - interval '16 minutes' WHERE job_id = %(open)s
        """,
        {"overdue"},
    ),
    "a call that was never begun": Broken(
        """
        UPDATE robot_job_dispatches SET status = 'claimed', deadline_at = now() + interval '1 hour'
            WHERE job_id = %(called)s
        """,
        {"dispatch_times"},
    ),
    "a wave of unknown outcome without a deadline": Broken(
        """
        ALTER TABLE robot_job_dispatches DROP CONSTRAINT robot_job_dispatches_deadline_check;
        UPDATE robot_job_dispatches SET status = 'unknown', accepted_at = NULL, deadline_at = NULL
            WHERE job_id = %(open)s
        """,
        {"dispatch_times"},
    ),
    "a call that was accepted and is still under way": Broken(
        """
        UPDATE robot_job_dispatches SET status = 'claimed', claimed_at = now(), accepted_at = now(),
            deadline_at = now() + interval '1 hour' WHERE job_id = %(called)s
        """,
        {"dispatch_times"},
    ),
    "a wave of unknown outcome that was accepted": Broken(
        "UPDATE robot_job_dispatches SET status = 'unknown' WHERE job_id = %(open)s", {"dispatch_times"}
    ),
    "an item in line with a retry that was never made": Broken(
        "UPDATE robot_job_items SET retry_count = 1 WHERE id = %(in_line)s", {"retries"}
    ),
}
