"""Ways to break a database, each with the rules of the audit that see it."""

from tests.functional.audit_broken import Broken

BROKEN = {
    "a success counted twice": Broken("UPDATE robot_jobs SET success_count = 1 WHERE id = %(open)s", {"counters"}),
    "an error not counted": Broken("UPDATE robot_jobs SET error_count = 0 WHERE id = %(open)s", {"counters"}),
    "a job without its items": Broken(
        "DELETE FROM robot_job_items WHERE job_id = %(waiting)s", {"counters", "wave_empty"}
    ),
    "an ended job with an open item": Broken(
        """
        ALTER TABLE robot_jobs DROP CONSTRAINT robot_jobs_ended_check,
            DROP CONSTRAINT robot_jobs_completed_at_check;
        UPDATE robot_jobs SET error_count = 2, status = 'failed', completed_at = now()
            WHERE id = %(open)s
        """,
        {"counters", "end"},
    ),
    "a job without open items that has not ended": Broken(
        """
        ALTER TABLE robot_jobs DROP CONSTRAINT robot_jobs_ended_check,
            DROP CONSTRAINT robot_jobs_completed_at_check;
        UPDATE robot_jobs SET status = 'pending', completed_at = NULL WHERE id = %(failed)s
        """,
        {"completed_wrong", "end"},
    ),
    "a job that is processing and never started": Broken(
        "UPDATE robot_jobs SET started_at = NULL WHERE id = %(open)s", {"started"}
    ),
    "an item that is processing and never started": Broken(
        "UPDATE robot_job_items SET started_at = NULL WHERE id = %(open_item)s", {"started"}
    ),
    "an order in two open items": Broken(
        """
        UPDATE robot_job_items SET order_id = %(open_order)s, holds = false WHERE id = %(waiting_item)s
        """,
        {"order_open_twice"},
    ),
    "an end that nobody was told": Broken(
        """
        DELETE FROM outbox WHERE detail_type = 'robot/job.completed'
            AND detail ->> 'jobId' = %(ended)s::text
        """,
        {"completed_missing"},
    ),
    "an end before a retry of everything that nobody was told": Broken(
        """
        DELETE FROM outbox WHERE detail_type = 'robot/job.completed'
            AND detail ->> 'jobId' = %(retried)s::text AND detail ->> 'dispatch' = '1'
        """,
        {"completed_missing"},
    ),
    "an end told twice": Broken(
        """
        INSERT INTO outbox (workspace_id, detail_type, detail)
            SELECT workspace_id, detail_type, detail FROM outbox
            WHERE detail_type = 'robot/job.completed' AND detail ->> 'jobId' = %(ended)s::text
        """,
        {"completed_repeated"},
    ),
    "an end told of a job that has not ended": Broken(
        """
        UPDATE outbox SET detail = jsonb_set(detail::jsonb, '{jobId}', to_jsonb(%(open)s::text))
            WHERE detail_type = 'robot/job.completed' AND detail ->> 'jobId' = %(ended)s::text
        """,
        {"completed_missing", "completed_wrong"},
    ),
    "an end told with other numbers": Broken(
        """
        UPDATE outbox SET detail = detail::jsonb || '{"successCount": 2, "errorCount": 0}'
            WHERE detail_type = 'robot/job.completed' AND detail ->> 'jobId' = %(ended)s::text
        """,
        {"completed_wrong"},
    ),
    "an end told with the numbers of another job": Broken(
        """
        UPDATE outbox SET detail = jsonb_set(detail::jsonb, '{errorCount}', '7')
            WHERE detail_type = 'robot/job.completed' AND detail ->> 'jobId' = %(failed)s::text
        """,
        {"completed_wrong"},
    ),
    "a job that failed and was told as completed": Broken(
        """
        UPDATE outbox SET detail = jsonb_set(detail::jsonb, '{status}', '"completed"')
            WHERE detail_type = 'robot/job.completed' AND detail ->> 'jobId' = %(failed)s::text
        """,
        {"completed_wrong"},
    ),
    "a late success that left its job failed": Broken(
        """
        UPDATE outbox SET detail = detail::jsonb || '{"successCount": 0, "errorCount": 2}'
            WHERE detail_type = 'robot/job.completed' AND detail ->> 'jobId' = %(by_hand)s::text
        """,
        {"completed_wrong"},
    ),
    "a job that nobody asked to hand over": Broken(
        """
        DELETE FROM outbox WHERE detail_type = 'robot/job.submitted'
            AND detail ->> 'jobId' = %(waiting)s::text
        """,
        {"submitted_missing"},
    ),
    "a retry that nobody asked to hand over": Broken(
        """
        DELETE FROM outbox WHERE detail_type = 'robot/job.submitted'
            AND detail ->> 'jobId' = %(retried)s::text AND detail ->> 'dispatch' = '2'
        """,
        {"submitted_missing"},
    ),
    "a retry without a hand-over": Broken(
        "DELETE FROM robot_job_dispatches WHERE job_id = %(retried)s AND dispatch = 2",
        {"item_dispatch"},
    ),
    "a hand-over of more items than it was made for": Broken(
        "UPDATE robot_job_dispatches SET item_count = 2 WHERE job_id = %(open)s", {"dispatch_items"}
    ),
    "a first hand-over that is larger than its job's are": Broken(
        """
        UPDATE robot_jobs SET wave_size = 1 WHERE id = %(waiting)s;
        UPDATE robot_job_dispatches SET item_count = 3 WHERE job_id = %(waiting)s
        """,
        {"dispatch_items"},
    ),
    "an open item in a closed hand-over": Broken(
        """
        UPDATE robot_job_dispatches SET status = 'closed', closed_at = now() WHERE job_id = %(open)s
        """,
        {"item_dispatch"},
    ),
    "an item that waits although the robot has it": Broken(
        "UPDATE robot_job_items SET status = 'pending' WHERE id = %(open_item)s", {"item_dispatch"}
    ),
    "an item that is processing although the robot was not called": Broken(
        """
        UPDATE robot_job_items SET status = 'processing', started_at = now() WHERE id = %(waiting_item)s
        """,
        {"item_dispatch"},
    ),
    "a waiting hand-over that was claimed": Broken(
        "UPDATE robot_job_dispatches SET claimed_at = now() WHERE job_id = %(waiting)s", {"dispatch_times"}
    ),
    "a waiting hand-over with a deadline": Broken(
        """
        ALTER TABLE robot_job_dispatches DROP CONSTRAINT robot_job_dispatches_deadline_check;
        UPDATE robot_job_dispatches SET deadline_at = now() WHERE job_id = %(waiting)s
        """,
        {"dispatch_times"},
    ),
    "an accepted hand-over without a deadline": Broken(
        """
        ALTER TABLE robot_job_dispatches DROP CONSTRAINT robot_job_dispatches_deadline_check;
        UPDATE robot_job_dispatches SET deadline_at = NULL WHERE job_id = %(open)s
        """,
        {"dispatch_times"},
    ),
    "an accepted hand-over that nobody accepted": Broken(
        "UPDATE robot_job_dispatches SET accepted_at = NULL WHERE job_id = %(open)s", {"dispatch_times"}
    ),
    "a retry that was not counted": Broken(
        "UPDATE robot_job_items SET retry_count = 0 WHERE id = %(retried_item)s", {"retries"}
    ),
    "a number that is not on its order": Broken(
        """
        UPDATE orders SET tracking_number = NULL, updated_at = now() + interval '1 s'
            WHERE id = %(shipped_order)s
        """,
        {"number_not_on_order"},
    ),
    "another number on the order, and nobody was told why": Broken(
        """
        UPDATE orders SET tracking_number = 'X', updated_at = now() + interval '1 s'
            WHERE id = %(shipped_order)s
        """,
        {"number_not_on_order", "number_of_nothing"},
    ),
    "an old number that never was on its order": Broken(
        """
        UPDATE robot_job_item_reports SET received_at = now() - interval '30 days'
            WHERE item_id = %(shipped)s;
        UPDATE orders SET tracking_number = NULL, updated_at = now() - interval '31 days'
            WHERE id = %(shipped_order)s
        """,
        {"number_not_on_order"},
    ),
    "a number that was reported and is not the item's": Broken(
        "UPDATE robot_job_items SET tracking_number = 'X' WHERE id = %(shipped)s",
        {"history_missing", "number_lost", "number_not_on_order", "number_of_nothing"},
    ),
    "a number that its item has lost": Broken(
        "UPDATE robot_job_items SET tracking_number = NULL WHERE id = %(shipped)s",
        {"number_lost", "number_of_nothing"},
    ),
    "a conflict about the item's own number": Broken(
        """
        UPDATE robot_job_item_reports SET outcome = 'conflict' WHERE item_id = %(shipped)s
        """,
        {"history_missing", "number_lost"},
    ),
    "an error in the place of a shipment": Broken(
        """
        ALTER TABLE robot_job_items DROP CONSTRAINT robot_job_items_number_check,
            DROP CONSTRAINT robot_job_items_error_check, DROP CONSTRAINT robot_job_items_completed_at_check,
            DROP CONSTRAINT robot_job_items_known_check;
        UPDATE robot_job_items SET status = 'error', error_type = 'timeout' WHERE id = %(shipped)s;
        UPDATE robot_jobs SET success_count = 0, error_count = 2 WHERE id = %(ended)s
        """,
        {"completed_wrong", "error_unexplained", "success_lost"},
    ),
    "a shipment that is shipped again": Broken(
        """
        ALTER TABLE robot_job_items DROP CONSTRAINT robot_job_items_number_check,
            DROP CONSTRAINT robot_job_items_error_check, DROP CONSTRAINT robot_job_items_completed_at_check,
            DROP CONSTRAINT robot_job_items_known_check;
        ALTER TABLE robot_jobs DROP CONSTRAINT robot_jobs_ended_check,
            DROP CONSTRAINT robot_jobs_completed_at_check;
        UPDATE robot_job_items SET status = 'pending', tracking_number = NULL
            WHERE id = %(retried_item)s;
        UPDATE robot_jobs SET success_count = 0, status = 'pending', completed_at = NULL
            WHERE id = %(retried)s
        """,
        {"completed_wrong", "item_dispatch", "number_lost", "number_of_nothing", "success_lost", "voided"},
    ),
    "a success without a report": Broken(
        "DELETE FROM robot_job_item_reports WHERE item_id = %(shipped)s", {"history_missing"}
    ),
    "an error without a report": Broken(
        "DELETE FROM robot_job_item_reports WHERE item_id = %(open_error)s", {"error_unexplained"}
    ),
    "an error that did not close its item": Broken(
        """
        UPDATE robot_job_items SET status = 'processing', started_at = now(), completed_at = NULL,
            error_type = NULL, closed_by = NULL WHERE id = %(open_error)s;
        UPDATE robot_jobs SET error_count = 0 WHERE id = %(open)s
        """,
        {"error_lost"},
    ),
    "an error recorded twice": Broken(
        """
        UPDATE robot_job_item_reports SET outcome = 'recorded' WHERE item_id = %(ended_error)s
        """,
        {"recorded_twice"},
    ),
    "an error recorded after a success": Broken(
        """
        INSERT INTO robot_job_item_reports (workspace_id, item_id, dispatch, status, error_type,
            outcome) VALUES (%(workspace)s, %(shipped)s, 1, 'error', 'portal', 'recorded')
        """,
        {"error_after_success"},
    ),
    "an automation that fires twice": Broken(
        """
        INSERT INTO outbox (workspace_id, detail_type, detail)
            SELECT workspace_id, detail_type, detail FROM outbox
            WHERE detail_type = 'automation/robot.coord.completed'
            AND detail ->> 'orderId' = %(shipped_order)s::text
        """,
        {"automation"},
    ),
    "an automation that never fires": Broken(
        """
        DELETE FROM outbox WHERE detail_type = 'automation/robot.coord.completed'
            AND detail ->> 'orderId' = %(shipped_order)s::text
        """,
        {"automation"},
    ),
    "a report in another workspace than its item": Broken(
        """
        INSERT INTO robot_job_item_reports (workspace_id, item_id, dispatch, status, outcome)
            VALUES (%(workspace)s, %(other_item)s, 1, 'error', 'stale')
        """,
        {"workspace"},
    ),
    "an event that names another workspace": Broken(
        """
        UPDATE outbox SET detail = jsonb_set(detail::jsonb, '{workspaceId}',
            to_jsonb(%(other_workspace)s::text)) WHERE detail_type = 'robot/job.completed'
            AND detail ->> 'jobId' = %(ended)s::text
        """,
        {"workspace"},
    ),
    "an event that nobody publishes": Broken(
        """
        UPDATE outbox SET created_at = now() - interval '16 minutes'
            WHERE detail_type = 'robot/job.completed' AND workspace_id = %(workspace)s
        """,
        {"unpublished"},
    ),
    "an event that was set aside": Broken(
        """
        UPDATE outbox SET set_aside_at = now(), created_at = now() - interval '16 minutes'
            WHERE detail_type = 'robot/job.completed' AND workspace_id = %(workspace)s
        """,
        {"set_aside"},
    ),
    "a deadline that nobody keeps": Broken(
        """
        UPDATE robot_job_dispatches SET deadline_at = now() - interval '15 minutes 1 second'
            WHERE job_id = %(open)s
        """,
        {"overdue"},
    ),
    "a claim that nothing came of": Broken(
        """
        UPDATE robot_job_dispatches SET status = 'claimed', claimed_at = now() - interval '17 minutes 30 seconds',
            deadline_at = now() WHERE job_id = %(called)s
        """,
        {"claim_lost"},
    ),
    "an event of a type that nobody knows": Broken(
        """
        UPDATE outbox SET detail_type = 'robot/job.vanished'
            WHERE detail_type = 'automation/field.changed'
        """,
        {"event_type"},
    ),
    "an event without a member": Broken(
        """
        UPDATE outbox SET detail = detail::jsonb - 'cascadeDepth'
            WHERE detail_type = 'automation/robot.coord.completed' AND workspace_id = %(workspace)s
        """,
        {"event_member"},
    ),
    "an event with a member that its type does not have": Broken(
        """
        UPDATE outbox SET detail = detail::jsonb || '{"password": "x"}'
            WHERE detail_type = 'robot/job.submitted' AND workspace_id = %(workspace)s
        """,
        {"event_member"},
    ),
    "an event that is no object": Broken(
        """
        INSERT INTO outbox (workspace_id, detail_type, detail)
            VALUES (%(workspace)s, 'robot/job.completed', '[1]')
        """,
        {"completed_wrong", "event_member", "workspace"},
    ),
    "an end told as failed though as much had been shipped": Broken(
        """
        UPDATE outbox SET detail = jsonb_set(detail::jsonb, '{status}', '"failed"')
            WHERE detail_type = 'robot/job.completed' AND detail ->> 'jobId' = %(ended)s::text
        """,
        {"completed_wrong"},
    ),
    "an error that was recorded of an item that waits": Broken(
        """
        INSERT INTO robot_job_item_reports (workspace_id, item_id, dispatch, status, error_type, outcome)
            VALUES (%(workspace)s, %(waiting_item)s, 1, 'error', 'portal', 'recorded')
        """,
        {"error_lost"},
    ),
    "an error that only another dispatch's history tells": Broken(
        "UPDATE robot_job_item_reports SET dispatch = 2 WHERE item_id = %(open_error)s", {"error_unexplained"}
    ),
    "an error of which only a report that did not count tells": Broken(
        "UPDATE robot_job_item_reports SET outcome = 'stale' WHERE item_id = %(open_error)s", {"error_unexplained"}
    ),
    "a success whose report said that it failed": Broken(
        """
        UPDATE robot_job_item_reports SET status = 'error', error_type = 'portal' WHERE item_id = %(shipped)s
        """,
        {"history_missing"},
    ),
    "a success without a number and without a report": Broken(
        """
        DELETE FROM robot_job_item_reports WHERE item_id = %(shipped)s;
        UPDATE robot_job_items SET tracking_number = NULL WHERE id = %(shipped)s
        """,
        {"history_missing", "number_of_nothing"},
    ),
}
