"""What differs by the kind of an item, where statements work on both kinds."""

#: No robot has the open item: of a shipment its `shipment` says so, of a lookup the number that was asked with.
IS_UNSENT = "coalesce(item.shipment = 'none', item.pedido_number IS NULL)"
