"""Ways to break what is known of guides, each with the rules of the audit that see it."""

from tests.functional.audit_broken import Broken

BROKEN_GUIDES = {
    "a lookup that holds its order": Broken(
        """
        ALTER TABLE robot_job_items DROP CONSTRAINT robot_job_items_lookup_check;
        UPDATE robot_job_items SET holds = true WHERE id = %(lookup_item)s
        """,
        {"kind"},
    ),
    "a guide that its order does not have": Broken(
        "UPDATE orders SET carrier_guide_number = NULL WHERE id = %(lookup_order)s", {"guide_not_on_order"}
    ),
    "a guide told twice": Broken(
        """
        INSERT INTO outbox (workspace_id, detail_type, detail)
            SELECT workspace_id, detail_type, detail FROM outbox
            WHERE detail_type = 'automation/robot.guide.found' AND detail ->> 'orderId' = %(lookup_order)s::text
        """,
        {"guide_told"},
    ),
    "a guide in the place of a number": Broken(
        "UPDATE orders SET tracking_number = 'G-1', number_by_hand = false WHERE id = %(lookup_order)s",
        {"number_of_nothing"},
    ),
}
