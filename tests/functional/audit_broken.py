"""What a way to break a database is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Broken:
    """Statements that break what must hold, and the rules that see it: these and no others."""

    statements: str
    seen_by: set[str]
