"""What items are, in the words of statements that work on both kinds."""

#: No robot has the open item: of a shipment its `shipment` says so, of a lookup the number that was asked with.
IS_UNSENT = "coalesce(item.shipment = 'none', item.pedido_number IS NULL)"

#: What a person has to settle: a shipment that may have been made, and one beside another.
IS_UNSETTLED = "item.status = 'error' AND item.shipment = 'possible'"
IS_SECOND = (
    "((item.shipment = 'second' AND item.voided_at IS NULL) OR item.other_numbers <> '{}') AND NOT item.is_lookup"
)
