"""What a column of an order can hold: its SQL type, what a new order has there, and the check of what callers say."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from shared.domain import refusal_page as page
from shared.domain.numbers import require_pesos
from shared.domain.orders.stored_json import stored_json
from shared.domain.texts import optional_sent
from shared.domain.unset import UNSET
from shared.domain.validation import require_uuid
from shared.logistics import AMOUNT_BELOW, FieldKind, id_form


@dataclass(frozen=True)
class Kind(ABC):
    """The kind of a column's values."""

    #: As the column's array is handed to `unnest`.
    sql_type: ClassVar[str]
    #: What a new order has where nothing is said; None: the column can be cleared.
    initial: ClassVar[object] = None

    @abstractmethod
    def checked(self, value: object, name: str) -> object:
        """Return the value as the column holds it; a None clears.

        Raises:
            RefusedError: the column can't hold it.
        """

    def written(self, values: Iterable[object]) -> list[object]:
        """Return values of the column as its array is sent."""
        return list(values)


@dataclass(frozen=True)
class Id(Kind):
    """A UUID."""

    sql_type = "uuid"

    def checked(self, value: object, name: str) -> object:
        return None if value is None else require_uuid(value, name)


@dataclass(frozen=True)
class Text(Kind):
    """A text of one line, of so many characters."""

    sql_type = "text"
    #: What is read in it besides its characters, if anything.
    field: FieldKind | None = None
    at_most: int = 1_000
    at_least: int = 0
    #: An order is known by it: inner white space is one space, as where an id is derived from it.
    is_reference: bool = False

    def checked(self, value: object, name: str) -> object:
        text = optional_sent(value, name, self.field, at_most=self.at_most, at_least=self.at_least)
        return id_form(text) if self.is_reference and text else text


@dataclass(frozen=True)
class Amount(Kind):
    """Pesos: an exact number from zero to under a limit; a float's noise is taken off."""

    sql_type = "numeric"
    below: ClassVar[int] = int(AMOUNT_BELOW)

    def checked(self, value: object, name: str) -> object:
        return None if value is None else require_pesos(value, name)


@dataclass(frozen=True)
class WholeNumber(Kind):
    """A count."""

    sql_type = "integer"
    least: int
    most: int

    def checked(self, value: object, name: str) -> object:
        if value is None or (type(value) is int and self.least <= value <= self.most):
            return value
        raise page.no_whole_number(name, self.least, self.most)


@dataclass(frozen=True)
class YesOrNo(Kind):
    """True or false, and never neither."""

    sql_type = "bool"
    initial = False

    def checked(self, value: object, name: str) -> object:
        if not isinstance(value, bool):
            raise page.unexpected_value(name, "true or false")
        return value


@dataclass(frozen=True)
class JsonObject(Kind):
    """An object of whatever JSON holds; a None empties it."""

    sql_type = "jsonb"
    initial: ClassVar[object] = {}
    at_most_bytes: int

    def checked(self, value: object, name: str) -> object:
        if isinstance(value, Mapping):
            value = dict(value)
        return stored_json({} if value is None else value, name, at_most_bytes=self.at_most_bytes)

    def written(self, values: Iterable[object]) -> list[object]:
        return [json.dumps(value) for value in values]


def column(kind: Kind, *, told_before: str | None = None) -> Any:  # noqa: ANN401 - a field's default has the field's type
    """Return the field of a column that callers may leave out.

    Changes of an order are told in the order of its columns, but for one that is `told_before` another.
    """
    return field(default=UNSET, metadata={"kind": kind, "told_before": told_before})


def columns_of(specification: type[Any]) -> dict[str, Kind]:
    """Return the columns that a specification has, in the order in which their changes are told."""
    names: list[str] = []
    kinds: dict[str, Kind] = {}
    for each in fields(specification):
        if "kind" in each.metadata:
            kinds[each.name] = each.metadata["kind"]
            before = each.metadata["told_before"]
            names.insert(names.index(before) if before else len(names), each.name)
    return {name: kinds[name] for name in names}


def listed(names: Iterable[str], template: str) -> str:
    """Return the names as a list in SQL, each put into the template."""
    return ", ".join(template.format(name) for name in names)


def unnested(columns: Mapping[str, Kind]) -> str:
    """Return the arguments of `unnest`: the parameter of each column, an array of its type."""
    return ", ".join(f"%({name})b::{kind.sql_type}[]" for name, kind in columns.items())
