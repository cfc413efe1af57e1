"""On whose behalf a domain function is called."""

from dataclasses import dataclass
from uuid import UUID

#: Automations that set off automations stop here.
MAX_CASCADE_DEPTH = 3


@dataclass(frozen=True)
class DomainContext:
    """The workspace that a call is for, and where the call comes from.

    `source` names the caller (`api`, `robot`, `schedule`, …); `cascade_depth` counts the automations that led
    here; `actor` is the person, where there is one.
    """

    workspace_id: UUID
    source: str
    cascade_depth: int = 0
    actor: str | None = None
