"""Orders that failed, and that a person has to correct: nobody shipped them, and no later job has them."""

#: Days after which they are no longer shown: they were left so.
FAILED_DAYS = 14

# An item that ended so; robot_job_items_failed is the index of these.
IS_FAILED = "item.status = 'error' AND item.shipment = 'none' AND NOT item.is_lookup"

# Its order (orders) is still to be shipped.
IS_LEFT = """
orders.tracking_number IS NULL
AND NOT EXISTS (SELECT FROM robot_job_items AS later
                 WHERE later.order_id = item.order_id AND later.id > item.id AND NOT later.is_lookup)
"""
