"""Records that outlive the process: one JSON object a line, each written when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic import BaseModel, ValidationError

if TYPE_CHECKING:
    from pathlib import Path

R = TypeVar("R", bound=BaseModel)


class UnreadableFileError(ValueError):
    """A line of the file is none of its records."""


class KeptLines(Generic[R]):
    """A file of records of one kind, or nothing but memory where there is no file."""

    def __init__(self, file: Path | None, record: type[R], name: str) -> None:
        self._file = file
        self._record = record
        self._name = name

    def read(self) -> list[R]:
        """Every record, in the order in which they were written.

        Raises:
            UnreadableFileError: naming the line that is no such record.
        """
        if self._file is None or not self._file.exists():
            return []
        records = []
        for number, line in enumerate(self._file.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                records.append(self._record.model_validate_json(line))
            except ValidationError as error:
                raise UnreadableFileError(f"{self._file} line {number} is no {self._name}") from error
        return records

    def write(self, record: R) -> None:
        """Write one more record down."""
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as out:
                out.write(record.model_dump_json(by_alias=True) + "\n")
