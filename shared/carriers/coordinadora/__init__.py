"""Coordinadora: a portal that a robot drives, for shipments and for guides."""

from shared.carriers.carrier import Carrier
from shared.carriers.coordinadora.robot import PortalRobot
from shared.carriers.coordinadora.words import UNSURE_WORDS
from shared.logistics import build_pedido
from shared.words import JOB_KINDS

COORDINADORA = Carrier(
    name="coordinadora",
    title="Coordinadora",
    # The list of what was shipped. It has no address that looks one reference up.
    # Source: where the robots for this portal read its order numbers and guides.
    portal_url="https://ff.coordinadora.com/panel/pedidos",
    abilities=frozenset(JOB_KINDS),
    executor=PortalRobot(),
    fill_in=build_pedido,
    unsure_words=UNSURE_WORDS,
    completed_event="automation/robot.coord.completed",
)
