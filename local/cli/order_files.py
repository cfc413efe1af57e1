"""Files of orders on this machine, and what is told of them on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from local.cli.errors import CommandError
from shared.intake import FileCode, OrderFile, RefusedFile, read_order_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from uuid import UUID


#: What `--map` helps with.
_OF_HEADINGS: Final = {FileCode.UNKNOWN_COLUMN, FileCode.AMBIGUOUS_COLUMN, FileCode.COLUMN_TWICE}


def read_orders(file: Path, workspace: UUID | None, mapping: Mapping[str, str] | None = None) -> OrderFile:
    """The orders of a file, whose ids follow from the workspace and their names where it has no ids.

    Raises:
        CommandError: the file can't be read, or is refused; each line that is wrong is named, up to 50.
    """
    read = read_whole(file, workspace, mapping)
    if isinstance(read, RefusedFile):
        raise CommandError(refusal_of(file, read))
    return read


def read_whole(file: Path, workspace: UUID | None, mapping: Mapping[str, str] | None = None) -> OrderFile | RefusedFile:
    """What a file says, or why nothing of it is taken.

    Raises:
        CommandError: the file can't be read.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} can't be read: {error.strerror}.") from error
    return read_order_file(data, workspace, mapping)


def read_mapping(options: Sequence[str]) -> dict[str, str]:
    """The column of each heading, of options like `Dir. cliente=address`.

    Raises:
        CommandError: an option says no column, or two say something of one heading.
    """
    mapping: dict[str, str] = {}
    for option in options:
        # A heading may have the sign in it, a column has none.
        heading, sign, column = option.rpartition("=")
        if not sign or not heading.strip() or not column.strip():
            raise CommandError(f"--map {option!r} says of no heading which column it is; write --map HEADING=COLUMN.")
        if heading.strip() in mapping:
            raise CommandError(f"--map says of {heading.strip()!r} twice which column it is.")
        mapping[heading.strip()] = column.strip()
    return mapping


def refusal_of(file: Path, refused: RefusedFile) -> str:
    """Why nothing of a file is taken, a line each, and what helps."""
    lines = [f"{file} is refused, and nothing of it is taken. Correct it and try again:"]
    lines += [f"  {note.sentence}" for note in refused.refusals]
    if (more := refused.total - len(refused.refusals)) > 0:
        lines.append(f"  and {more} more.")
    if any(note.code in _OF_HEADINGS for note in refused.refusals):
        lines.append('Say which column a heading is with --map "HEADING=COLUMN", or pass over it: --map "HEADING=-".')
    return "\n".join(lines)
