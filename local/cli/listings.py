"""What a listing is printed as: a table for people, JSON or CSV for programs."""

from __future__ import annotations

import csv
import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from local.cli.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic import BaseModel

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV, for a spreadsheet.")]

#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def require_one_form(*, as_json: bool, as_csv: bool) -> None:
    """Check that not both forms are asked for.

    Raises:
        CommandError: they are.
    """
    if as_json and as_csv:
        raise CommandError("Give --json or --csv, not both.")


def print_json(value: BaseModel | Sequence[BaseModel]) -> None:
    """Print answers of the API as it names their fields."""
    if isinstance(value, list | tuple):
        plain: object = [each.model_dump(mode="json", by_alias=True) for each in value]
    else:
        plain = value.model_dump(mode="json", by_alias=True)  # type: ignore[union-attr] # no sequence
    print(json.dumps(plain, ensure_ascii=False, indent=2))


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows of cells under their columns; no cell is a formula."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([harmless(cell) for cell in row] for row in rows)


def harmless(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula: what begins like one begins with an apostrophe."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
