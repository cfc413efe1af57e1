"""What bodies and answers have in common: camelCase, times in UTC, nothing unknown let in."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictFloat,
    StrictInt,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel


class Body(BaseModel):
    """A request's body: unknown fields are refused, and errors don't repeat what was sent."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, hide_input_in_errors=True)

    def given(self) -> dict[str, Any]:
        """Return the fields that the request has, by name: a null is given, what was left out is not."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Resource(BaseModel):
    """An answer, read from the attributes of what the domain gave."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True, frozen=True)


class PlaceSuggestion(Resource):
    """A city that the carrier serves."""

    city: str
    department: str


class Rejection(Resource):
    """One order that was left out, and what to do about it."""

    order_id: UUID
    item_id: UUID | None
    code: str
    reason: str
    #: The job that stands in the way.
    job_id: UUID | None
    #: The number that stands in the way.
    tracking_number: str | None
    #: Cities that may have been meant, where the carrier does not serve the one that was written.
    suggestions: list[PlaceSuggestion]


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _plain_number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


#: What the description says of texts and ids; the domain holds it, and refuses the others by name.
TEXT_SCHEMA = {"type": "string", "pattern": "^[^\\u0000]*$"}
Text = Annotated[str, WithJsonSchema({**TEXT_SCHEMA, "maxLength": 1_000})]
Name = Annotated[str, WithJsonSchema({**TEXT_SCHEMA, "minLength": 1, "maxLength": 1_000})]
Code = Annotated[str, WithJsonSchema({**TEXT_SCHEMA, "minLength": 1, "maxLength": 200})]
CarrierName = Annotated[str, WithJsonSchema({**TEXT_SCHEMA, "minLength": 1, "maxLength": 100})]
Ids = Annotated[list[UUID], Field(json_schema_extra={"minItems": 1, "maxItems": 10_000, "uniqueItems": True})]

#: What the shop calls its orders.
Refs = Annotated[list[Code], Field(json_schema_extra={"minItems": 1, "maxItems": 10_000, "uniqueItems": True})]

#: A JSON number, and nothing that merely reads like one; at least zero.
Number = Annotated[
    StrictInt | StrictFloat, WithJsonSchema({"type": "number", "minimum": 0, "exclusiveMaximum": 10**12})
]
#: Beside StrictInt: JSON may write a number without a fraction as 30.0, too.
Whole = BeforeValidator(_whole)
#: Exact inside, a JSON number outside.
Amount = Annotated[Decimal, PlainSerializer(_plain_number, return_type=float)]

MAX_LIMIT = 500
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many to give at most.")]
Cursor = Annotated[
    str | None, Query(description="The nextCursor of the page before.", json_schema_extra={"minLength": 1})
]
JobId = Annotated[UUID, Path(alias="jobId")]
Carrier = Annotated[str, Path(description="As in coordinadora.", json_schema_extra={"pattern": "^[a-z0-9-]{1,100}$"})]
ItemId = Annotated[UUID, Path(alias="itemId")]
OrderId = Annotated[UUID, Path(alias="orderId")]
