"""What the demo promises: its seed's two errors, and a verdict that names each kind of fault."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from local.demo.check import find_faults
from local.demo.robot import PORTAL_ERROR_RATE, SEED

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST, SECOND = uuid4(), uuid4()
NAMES = {FIRST: "A-1", SECOND: "A-2"}


def shipped(*made: tuple[UUID, str]) -> list[dict[str, str]]:
    return [{"orderId": str(order), "trackingNumber": number} for order, number in made]


def test_the_seed_makes_two_errors_the_first_time_and_none_at_the_retry() -> None:
    chance = Random(SEED)  # noqa: S311 - the robot's own simulated luck
    luck = [chance.random() < PORTAL_ERROR_RATE for _ in range(23 + 2)]
    assert sum(luck[:23]) == 2
    assert not any(luck[23:])


def test_no_fault_when_each_order_has_the_number_of_its_one_shipment() -> None:
    assert find_faults([FIRST], shipped((FIRST, "70")), {FIRST: "70", SECOND: None}, NAMES) == []


@pytest.mark.parametrize(
    ("made", "known", "fault"),
    [
        ([], None, "A-1 has no shipment at the robot."),
        ([(FIRST, "70"), (FIRST, "71")], "70", "A-1 has 2 shipments at the robot: 70, 71."),
        ([(FIRST, "70")], None, "A-1 has no tracking number on its order, 70 at the robot."),
        ([(FIRST, "70")], "71", "A-1 has 71 on its order, 70 at the robot."),
    ],
)
def test_each_fault_is_named(made: Sequence[tuple[UUID, str]], known: str | None, fault: str) -> None:
    assert find_faults([FIRST], shipped(*made), {FIRST: known}, NAMES) == [fault]


def test_an_order_that_was_not_submitted_has_neither_shipment_nor_number() -> None:
    made = shipped((FIRST, "70"), (SECOND, "71"))
    assert find_faults([FIRST], made, {FIRST: "70", SECOND: "71"}, NAMES) == [
        "A-2 was not to be shipped, but was, as 71."
    ]
    assert find_faults([], [], {SECOND: "71"}, NAMES) == ["A-2 has 71 on its order, none at the robot."]
