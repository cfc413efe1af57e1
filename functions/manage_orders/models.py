"""What the routes of orders and of the activation of clients take and give."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, JsonValue, StrictBool, WithJsonSchema

from shared.domain.activation import MAX_STAGES
from shared.domain.orders.models import MAX_IMPORT
from shared.http.models import Amount, Body, Code, Name, Number, Resource, Text

CarrierLabel = Annotated[str, WithJsonSchema({"type": "string", "maxLength": 100, "pattern": "^[^\\u0000]*$"})]


class ContactBody(Body):
    """Who an order is shipped to; without an id it is the contact that the order has, or else a new one."""

    id: UUID | None = None
    name: Name
    phone: Text | None = None
    email: Text | None = None
    identification: Text | None = None


class _OrderFields(Body):
    name: Text | None = None
    total_value: Number | None = None
    prepaid: StrictBool = False
    carrier: CarrierLabel | None = None
    shipping_address: Text | None = None
    shipping_city: Text | None = None
    shipping_department: Text | None = None
    email: Text | None = None
    stage_id: Text | None = None
    #: JsonValue ends at 255 levels, before anything else that has to walk through them does.
    custom_fields: dict[str, JsonValue] | None = None
    contact: ContactBody | None = None


class ImportOrderBody(_OrderFields):
    """One order, with an id of the caller's; what is left out is kept, a null clears."""

    id: UUID


class ImportOrdersBody(Body):
    """The orders to make, or to change."""

    orders: Annotated[list[ImportOrderBody], Field(json_schema_extra={"minItems": 1, "maxItems": MAX_IMPORT})]


class UpdateOrderBody(_OrderFields):
    """The fields to change; what is left out is kept, a null clears."""

    contact_id: UUID | None = None
    tracking_number: Code | None = None
    carrier_guide_number: Code | None = None


class ImportedOrdersResource(Resource):
    """How many orders are now as the import says."""

    imported: int


class ContactResource(Resource):
    """Who an order is shipped to."""

    id: UUID
    name: str | None
    phone: str | None
    email: str | None
    identification: str | None
    is_client: bool


class OrderResource(Resource):
    """What is to be shipped, and to whom."""

    id: UUID
    workspace_id: UUID
    name: str | None
    total_value: Amount | None
    prepaid: bool
    carrier: str | None
    tracking_number: str | None
    carrier_guide_number: str | None
    shipping_address: str | None
    shipping_city: str | None
    shipping_department: str | None
    email: str | None
    stage_id: str | None
    custom_fields: dict[str, Any]
    contact_id: UUID | None
    contact: ContactResource | None
    created_at: datetime
    updated_at: datetime


class ClientActivationBody(Body):
    """The fields to set; what is left out stays as it is."""

    is_enabled: StrictBool | None = None
    all_are_clients: StrictBool | None = None
    activation_stage_ids: Annotated[list[Name], Field(json_schema_extra={"maxItems": MAX_STAGES})] | None = None


class ClientActivationResource(Resource):
    """When contacts become clients: all of them, or those whose orders reach one of the stages."""

    is_enabled: bool
    all_are_clients: bool
    activation_stage_ids: list[str]
    created_at: datetime | None
    updated_at: datetime | None
