"""What the routes of carriers take and give."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field, SecretStr, StrictBool, StrictInt, WithJsonSchema

from shared.domain.carriers.accounts import (
    MAX_GUIDE_LOOKUP_HOURS,
    MAX_RETENTION_DAYS,
    MAX_STOP_AFTER_ERRORS,
    MAX_WAVE_SIZE,
)
from shared.domain.carriers.cities import MAX_SEARCH
from shared.domain.carriers.coverage import MAX_CITIES
from shared.http.models import Amount, Body, Code, Number, PlaceSuggestion, Resource, Text, Whole
from shared.logistics import MAX_UNITS

#: KMS seals at most 4,096 bytes.
Password = Annotated[SecretStr, Field(min_length=1, max_length=500)]
Search = Annotated[
    str,
    Query(description="What was typed of a city's name.", json_schema_extra={"minLength": 1, "maxLength": MAX_SEARCH}),
]
Reference = Annotated[str, WithJsonSchema({"type": "string", "maxLength": 200, "pattern": "^[^\\u0000]*$"})]
RobotUrl = Annotated[
    str, WithJsonSchema({"type": "string", "format": "uri", "pattern": "^https?://[^?#@\\\\\\s]+$", "maxLength": 2_000})
]
Weight = Annotated[Number, WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 10**5})]
Length = Annotated[Number, WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 10**6})]
RetentionDays = Annotated[StrictInt, Field(ge=1, le=MAX_RETENTION_DAYS), Whole]
WaveSize = Annotated[StrictInt, Field(ge=1, le=MAX_WAVE_SIZE), Whole]
StopAfterErrors = Annotated[StrictInt, Field(ge=0, le=MAX_STOP_AFTER_ERRORS), Whole]
GuideLookupHours = Annotated[StrictInt, Field(ge=0, le=MAX_GUIDE_LOOKUP_HOURS), Whole]
Units = Annotated[StrictInt, Field(ge=1, le=MAX_UNITS), Whole]


class ShipmentDefaultsBody(Body):
    """What each shipment of the workspace has in common: pesos, kilograms, centimetres; an empty text ends what was."""

    declared_value: Number | None = None
    weight_kg: Weight | None = None
    height_cm: Length | None = None
    length_cm: Length | None = None
    width_cm: Length | None = None
    reference: Reference | None = None
    units: Units | None = None
    #: Where neither the order nor its contact has one.
    email: Text | None = None


class CarrierConfigBody(Body):
    """The fields to set; what is left out stays as it is."""

    portal_username: Code | None = None
    portal_password: Password | None = None
    robot_url: RobotUrl | None = None
    is_enabled: StrictBool | None = None
    #: How long what was sent for an order is kept after its end.
    personal_data_retention_days: RetentionDays | None = None
    #: Orders that the robot is given at once, where a job does not say its own.
    wave_size: WaveSize | None = None
    #: So many errors in a row with the same words pause a job; 0: none do.
    stop_after_errors: StopAfterErrors | None = None
    #: Guides are looked up every so many hours while orders lack one; 0: never by itself.
    guide_lookup_hours: GuideLookupHours | None = None
    shipment_defaults: ShipmentDefaultsBody | None = None


class ShipmentDefaultsResource(Resource):
    """What each shipment of the workspace has in common: pesos, kilograms, centimetres."""

    declared_value: Amount
    weight_kg: Amount
    height_cm: Amount
    length_cm: Amount
    width_cm: Amount
    reference: str | None
    units: int
    email: str | None


class CarrierConfigResource(Resource):
    """How the workspace ships with a carrier; the password is never given."""

    carrier: str
    portal_username: str | None
    has_password: bool
    robot_url: str | None
    is_enabled: bool
    personal_data_retention_days: int
    wave_size: int
    stop_after_errors: int
    guide_lookup_hours: int
    #: Since when guides are not looked up by themselves, because the robot refused it; any change lets it go on.
    guides_refused_at: datetime | None
    shipment_defaults: ShipmentDefaultsResource
    created_at: datetime
    updated_at: datetime


class CoverageStatsResource(Resource):
    """How many cities the carrier's list has."""

    total_cities: int
    cod_cities: int
    active_cities: int


class FoundCityResource(Resource):
    """A city that the carrier serves."""

    city: str
    department: str
    department_abbrev: str
    supports_cod: bool


class FoundCitiesResource(Resource):
    """Up to 20 cities that may be meant, the best first."""

    cities: list[FoundCityResource]


class CityBody(Body):
    """A city as an order names it."""

    city: Text
    department: Text
    order_id: UUID | None = None


class ValidateCitiesBody(Body):
    """The cities to look up."""

    cities: Annotated[list[CityBody], Field(json_schema_extra={"maxItems": MAX_CITIES})]


class CityResource(Resource):
    """What the carrier's list says of one city."""

    city: str
    department: str
    order_id: UUID | None
    is_valid: bool
    carrier_city: str | None
    department_abbrev: str | None
    supports_cod: bool
    #: Why it is not valid, as of a rejected order.
    code: str | None
    reason: str | None
    suggestions: list[PlaceSuggestion]


class ValidatedCitiesResource(Resource):
    """A result for each city, in the order in which they were sent."""

    results: list[CityResource]
    valid_count: int
    invalid_count: int
