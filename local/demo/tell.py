"""What both demos say in the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console

CARRIER = "coordinadora"


def tell(console: Console, title: str) -> None:
    """Begin a part of the story."""
    console.print(Text(f"\n{title}", style="bold"))
