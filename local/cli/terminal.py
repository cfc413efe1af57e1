"""Where the commands print to."""

from __future__ import annotations

from rich.console import Console

#: Wide enough that a table's lines stay whole in a file or a pipe.
WIDTH_WITHOUT_TERMINAL = 160


def make_console() -> Console:
    """Standard output: as wide as its terminal, or wide enough where there is none."""
    # What comes from outside is shown as it is, never read as markup.
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = WIDTH_WITHOUT_TERMINAL
    return console
