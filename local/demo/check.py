"""The demo's verdict: what the robot shipped against what the orders say."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


def find_faults(
    submitted: Collection[UUID],
    shipments: Sequence[Mapping[str, Any]],
    tracking_numbers: Mapping[UUID, str | None],
    names: Mapping[UUID, str],
) -> list[str]:
    """One sentence for each order that breaks the promise.

    A submitted order has one shipment and its number; any other order has none.
    """
    numbers: dict[UUID, list[str]] = defaultdict(list)
    for shipment in shipments:
        numbers[UUID(shipment["orderId"])].append(shipment["trackingNumber"])
    faults = []
    for order, name in names.items():
        made, known = numbers[order], tracking_numbers.get(order)
        if order not in submitted and made:
            faults.append(f"{name} was not to be shipped, but was, as {', '.join(made)}.")
        elif order in submitted and not made:
            faults.append(f"{name} has no shipment at the robot.")
        elif len(made) > 1:
            faults.append(f"{name} has {len(made)} shipments at the robot: {', '.join(made)}.")
        if known not in made if made else known is not None:
            faults.append(
                f"{name} has {known or 'no tracking number'} on its order, {' or '.join(made) or 'none'} at the robot."
            )
    return faults
