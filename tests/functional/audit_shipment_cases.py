"""Ways to break what is known of shipments, each with the rules of the audit that see it."""

from tests.functional.audit_broken import Broken

BROKEN_SHIPMENTS = {
    "an order with two holders": Broken(
        """
        DROP INDEX robot_job_items_holder;
        UPDATE robot_job_items SET holds = true WHERE id = %(released)s
        """,
        {"holders", "number_not_on_order"},
    ),
    "an item that yielded and holds again": Broken(
        """
        DROP INDEX robot_job_items_holder;
        UPDATE robot_job_items SET holds = true WHERE id = %(yielded)s
        """,
        {"held_beside_shipment", "holders"},
    ),
    "an order that is handed over beside an unsettled item": Broken(
        """
        UPDATE robot_job_items SET holds = false WHERE id = %(unsettled)s;
        UPDATE robot_job_items SET order_id = %(unsettled_order)s WHERE id = %(waiting_item)s
        """,
        {"held_beside_shipment"},
    ),
    "a reshipment beside a shipment that it does not lift": Broken(
        """
        UPDATE robot_jobs SET allow_reshipment = true WHERE id = %(waiting)s;
        UPDATE robot_job_items SET holds = false WHERE id = %(reshipped)s;
        UPDATE robot_job_items SET order_id = %(reshipped_order)s, lifted = ARRAY[%(reshipped)s::uuid]
            WHERE id = %(waiting_item)s
        """,
        {"held_beside_shipment"},
    ),
    "a shipment made twice": Broken(
        "UPDATE robot_job_items SET lifted = NULL WHERE id = %(reshipped)s", {"made_twice"}
    ),
    "a reshipment that nobody asked for": Broken(
        "UPDATE robot_jobs SET allow_reshipment = false WHERE id = %(reshipping)s", {"made_twice"}
    ),
    "a second shipment that is not said to be second": Broken(
        "UPDATE robot_job_items SET shipment = 'made' WHERE id = %(second)s", {"made_twice"}
    ),
    "a shipment that does not hold its order": Broken(
        "UPDATE robot_job_items SET holds = false WHERE id = %(shipped)s", {"released"}
    ),
    "a shipment that only itself lifts": Broken(
        """
        UPDATE robot_jobs SET allow_reshipment = true WHERE id = %(ended)s;
        UPDATE robot_job_items SET holds = false, lifted = ARRAY[id] WHERE id = %(shipped)s
        """,
        {"released"},
    ),
    "an unsettled item that was never sent": Broken(
        "DELETE FROM robot_job_item_attempts WHERE item_id = %(unsettled)s", {"attempt_missing"}
    ),
    "an item with the robot that was sent in another hand-over": Broken(
        "UPDATE robot_job_item_attempts SET dispatch = 2 WHERE item_id = %(open_item)s", {"attempt_missing"}
    ),
    "a second shipment told twice": Broken(
        """
        INSERT INTO outbox (workspace_id, detail_type, detail)
            SELECT workspace_id, detail_type, detail FROM outbox
            WHERE detail_type = 'robot/shipment.duplicated' AND detail ->> 'itemId' = %(second)s::text
        """,
        {"duplicated_repeated"},
    ),
    "a second shipment without a number told twice": Broken(
        """
        INSERT INTO outbox (workspace_id, detail_type, detail)
            SELECT workspace_id, detail_type, detail::jsonb - 'trackingNumber'
              FROM outbox CROSS JOIN generate_series(1, 2)
             WHERE detail_type = 'robot/shipment.duplicated' AND detail ->> 'itemId' = %(second)s::text
        """,
        {"duplicated_repeated"},
    ),
    "a second shipment that nobody was told": Broken(
        """
        DELETE FROM outbox WHERE detail_type = 'robot/shipment.duplicated'
            AND detail ->> 'itemId' = %(second)s::text
        """,
        {"duplicated_missing"},
    ),
    "a second number that nobody was told": Broken(
        """
        UPDATE outbox SET detail = jsonb_set(detail::jsonb, '{trackingNumber}', '"X"')
            WHERE detail_type = 'robot/shipment.duplicated' AND detail ->> 'itemId' = %(conflict)s::text
        """,
        {"duplicated_missing"},
    ),
    "a voided shipment that stands": Broken(
        "UPDATE robot_job_items SET voided_at = now() WHERE id = %(shipped)s", {"voided"}
    ),
    "a number beside one that was never made": Broken(
        "UPDATE robot_job_items SET other_numbers = '{X}' WHERE id = %(unsettled)s", {"voided"}
    ),
    "a voided number of what was never made": Broken(
        "UPDATE robot_job_items SET voided_numbers = '{X}' WHERE id = %(unsettled)s", {"voided"}
    ),
    "a number that came from nowhere": Broken(
        "UPDATE orders SET tracking_number = 'X' WHERE id = %(waiting_order)s", {"number_of_nothing"}
    ),
    "a number that is another order's shipment": Broken(
        "UPDATE orders SET tracking_number = 'T-1' WHERE id = %(waiting_order)s", {"number_of_nothing"}
    ),
    "a second's number on the order": Broken(
        """
        UPDATE orders SET tracking_number = 'S-2' FROM robot_job_items AS item
            WHERE item.id = %(first)s AND orders.id = item.order_id
        """,
        {"number_not_on_order"},
    ),
    "a further number that is forgotten": Broken(
        "UPDATE robot_job_items SET other_numbers = '{}' WHERE id = %(conflict)s", {"number_lost"}
    ),
    "a voided number that is forgotten": Broken(
        "UPDATE robot_job_items SET voided_numbers = '{}' WHERE id = %(conflict_voided)s", {"number_lost"}
    ),
    "an end by a person that no history tells": Broken(
        "DELETE FROM robot_job_item_reports WHERE item_id = %(ended_by_hand)s", {"error_unexplained"}
    ),
    "an error that is put down to the robot": Broken(
        "UPDATE robot_job_items SET closed_by = 'robot' WHERE id = %(ended_by_hand)s", {"error_unexplained"}
    ),
    "an end by a person that is put down to the deadline": Broken(
        "UPDATE robot_job_items SET closed_by = 'deadline' WHERE id = %(ended_by_hand)s", {"error_unexplained"}
    ),
    "a deadline after the robot's error": Broken(
        """
        INSERT INTO robot_job_item_reports (workspace_id, item_id, dispatch, status, error_type, outcome, source)
            VALUES (%(workspace)s, %(open_error)s, 1, 'error', 'timeout', 'recorded', 'deadline')
        """,
        {"recorded_twice"},
    ),
    "an item settled twice": Broken(
        """
        INSERT INTO robot_job_item_reports (workspace_id, item_id, dispatch, status, error_type, outcome, source)
            VALUES (%(workspace)s, %(settled)s, 1, 'error', 'timeout', 'recorded', 'person')
        """,
        {"recorded_twice"},
    ),
    "an error proven twice": Broken(
        """
        INSERT INTO robot_job_item_reports (workspace_id, item_id, dispatch, status, error_type, outcome)
            VALUES (%(workspace)s, %(proven)s, 1, 'error', 'portal', 'recorded')
        """,
        {"recorded_twice"},
    ),
    "a success recorded twice": Broken(
        """
        INSERT INTO robot_job_item_reports (workspace_id, item_id, dispatch, status, tracking_number, outcome)
            VALUES (%(workspace)s, %(shipped)s, 1, 'success', 'T-1', 'recorded')
        """,
        {"recorded_twice"},
    ),
    "a hand-over given back with fewer items than wait in it": Broken(
        "UPDATE robot_job_dispatches SET attempts = 1, item_count = 1 WHERE job_id = %(waiting)s", {"dispatch_items"}
    ),
    "a reshipment that lifts something else": Broken(
        "UPDATE robot_job_items SET lifted = ARRAY[gen_random_uuid()] WHERE id = %(reshipped)s", {"made_twice"}
    ),
    "a shipment that only another order's reshipment lifts": Broken(
        """
        UPDATE robot_job_items SET lifted = NULL WHERE id = %(reshipped)s;
        UPDATE robot_jobs SET allow_reshipment = true WHERE id = %(ended)s;
        UPDATE robot_job_items SET lifted = ARRAY[%(released)s::uuid] WHERE id = %(shipped)s
        """,
        {"made_twice"},
    ),
    "a second number told of another item": Broken(
        """
        UPDATE outbox SET detail = jsonb_set(detail::jsonb, '{itemId}', to_jsonb(%(second)s::text))
            WHERE detail_type = 'robot/shipment.duplicated' AND detail ->> 'itemId' = %(conflict)s::text
        """,
        {"duplicated_missing"},
    ),
    "an end by a person of what was never sent": Broken(
        """
        DELETE FROM robot_job_item_attempts WHERE item_id = %(ended_by_hand)s;
        DELETE FROM robot_job_item_reports WHERE item_id = %(ended_by_hand)s
        """,
        {"attempt_missing"},
    ),
    "a restart after the robot's error": Broken(
        """
        INSERT INTO robot_job_item_reports (workspace_id, item_id, dispatch, status, error_type, outcome, source)
            VALUES (%(workspace)s, %(open_error)s, 1, 'error', 'timeout', 'recorded', 'restart')
        """,
        {"recorded_twice"},
    ),
}
