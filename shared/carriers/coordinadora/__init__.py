"""Coordinadora: a portal that a robot drives, for shipments and for guides."""

from shared.carriers.carrier import Carrier
from shared.carriers.coordinadora.robot import PortalRobot
from shared.carriers.coordinadora.words import UNSURE_WORDS
from shared.logistics import build_pedido

COORDINADORA = Carrier(
    name="coordinadora",
    abilities=frozenset({"shipment", "guide_lookup"}),
    executor=PortalRobot(),
    fill_in=build_pedido,
    unsure_words=UNSURE_WORDS,
    completed_event="automation/robot.coord.completed",
)
