"""What every hand-over is worked on with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local.robot.behaviour import Behaviour
    from local.robot.journal import Journal
    from local.robot.ledger import Ledger
    from local.robot.portal import Portal
    from local.robot.reporting import Reporter


@dataclass(frozen=True)
class Desk:
    """The carrier's portal and the robot's own things, which outlive its lives."""

    portal: Portal
    ledger: Ledger
    journal: Journal
    reporter: Reporter
    behaviour: Behaviour
