"""What a verdict is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Mapping, Sequence

    from local.chaos.database import Database
    from local.chaos.work import Work

#: lost: a number, a job or an event; doubled: a hand-over, a shipment or an event; stuck: what does not end.
Harm = Literal["lost", "doubled", "stuck", "wrong"]


@dataclass(frozen=True)
class Finding:
    """Something that must never be so."""

    harm: Harm
    sentence: str


@dataclass(frozen=True)
class Evidence:
    """Everything that the verdict looks at; the operators never saw the ledger nor the journal."""

    database: Database
    works: Sequence[Work]
    shipments: Sequence[Mapping[str, Any]]
    #: Numbers of shipments that were voided at the carrier.
    voided: frozenset[str]
    journal: Mapping[str, Any]
    arrived: Counter[tuple[str, str]]
