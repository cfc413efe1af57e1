"""A run whose short spans were too short for the machine does not count."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from local.chaos.pace import DEADLINE_BASE_S, DEADLINE_ITEM_S
from local.chaos.soundness import made_after_over

if TYPE_CHECKING:
    from local.chaos.findings import Evidence

OVER_S = 2 * (DEADLINE_BASE_S + DEADLINE_ITEM_S)


@pytest.mark.parametrize(("after_s", "late"), [(OVER_S - 5, []), (OVER_S + 5, ["T-1"])])
def test_a_shipment_after_the_end_of_its_hand_over(evidence: Evidence, after_s: float, late: list[str]) -> None:
    [made] = evidence.shipments
    at = datetime.now(UTC) + timedelta(seconds=after_s)
    moved = replace(evidence, shipments=[{**made, "createdAt": at.isoformat()}])
    assert made_after_over(moved) == late
