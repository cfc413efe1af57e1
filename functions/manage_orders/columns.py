"""How the API takes and shows the columns of an order: a kind of column has one shape."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from pydantic import JsonValue, StrictBool, WithJsonSchema

from shared.domain.orders.columns import Amount, Id, JsonObject, Kind, Text, WholeNumber, YesOrNo
from shared.http import models


def taken(columns: Mapping[str, Kind]) -> dict[str, Any]:
    """Return the fields of a body: each may be left out, and be null where that clears the column."""
    return {name: _taken(kind) for name, kind in columns.items()}


def shown(columns: Mapping[str, Kind]) -> dict[str, Any]:
    """Return the fields of an answer: each is there, and null where the column can be cleared."""
    shapes = {name: _SHOWN[type(kind)] for name, kind in columns.items()}
    return {name: shape if columns[name].initial is not None else shape | None for name, shape in shapes.items()}


def _taken(kind: Kind) -> Any:  # noqa: ANN401 - a field: its type and its default
    # Types and limits are said in the description; the domain holds them, and refuses by the field's and order's name.
    match kind:
        case Id():
            return UUID | None, None
        case Text():
            least = {"minLength": kind.at_least} if kind.at_least else {}
            schema = {**models.TEXT_SCHEMA, **least, "maxLength": kind.at_most}
            return Annotated[JsonValue, WithJsonSchema(schema)] | None, None
        case Amount():
            schema = {"type": "number", "minimum": 0, "exclusiveMaximum": kind.below}
            return Annotated[JsonValue, WithJsonSchema(schema)] | None, None
        case WholeNumber():
            schema = {"type": "integer", "minimum": kind.least, "maximum": kind.most}
            return Annotated[JsonValue, models.Whole, WithJsonSchema(schema)] | None, None
        case YesOrNo():
            return StrictBool, kind.initial
        case JsonObject():
            # JsonValue ends at 255 levels, before anything else that has to walk through them does.
            return dict[str, JsonValue] | None, None
    raise TypeError(f"A body has no shape for {kind}.")


_SHOWN: dict[type[Kind], Any] = {
    Id: UUID,
    Text: str,
    Amount: models.Amount,
    WholeNumber: int,
    YesOrNo: bool,
    JsonObject: dict[str, Any],
}
