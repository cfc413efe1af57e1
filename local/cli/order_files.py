"""Files of orders on this machine, and what is told of them on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.cli.errors import CommandError
from shared.intake import OrderFile, RefusedFile, read_order_file

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID


def read_orders(file: Path, workspace: UUID | None) -> OrderFile:
    """The orders of a file, whose ids follow from the workspace and their names where it has no ids.

    Raises:
        CommandError: the file can't be read, or is refused; each line that is wrong is named, up to 50.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} can't be read: {error.strerror}.") from error
    read = read_order_file(data, workspace)
    if isinstance(read, RefusedFile):
        raise CommandError(_refusal(file, read))
    return read


def _refusal(file: Path, refused: RefusedFile) -> str:
    lines = [f"{file} is refused, and nothing of it is taken. Correct it and try again:"]
    lines += [f"  {note.sentence}" for note in refused.refusals]
    if (more := refused.total - len(refused.refusals)) > 0:
        lines.append(f"  and {more} more.")
    return "\n".join(lines)
