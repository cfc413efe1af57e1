"""What the routes of orders and of the activation of clients take and give."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import JsonValue, StrictBool

from shared.http.models import Amount, Body, Number, Resource


class ContactBody(Body):
    """Who an order is shipped to; without an id it is the contact that the order has, or else a new one."""

    id: UUID | None = None
    name: str
    phone: str | None = None
    email: str | None = None
    identification: str | None = None


class _OrderFields(Body):
    name: str | None = None
    total_value: Number | None = None
    prepaid: StrictBool = False
    carrier: str | None = None
    shipping_address: str | None = None
    shipping_city: str | None = None
    shipping_department: str | None = None
    email: str | None = None
    stage_id: str | None = None
    #: JsonValue ends at 255 levels, before anything else that has to walk through them does.
    custom_fields: dict[str, JsonValue] | None = None
    contact: ContactBody | None = None


class ImportOrderBody(_OrderFields):
    """One order, with an id of the caller's; what is left out is kept, a null clears."""

    id: UUID


class ImportOrdersBody(Body):
    """The orders to make, or to change."""

    orders: list[ImportOrderBody]


class UpdateOrderBody(_OrderFields):
    """The fields to change; what is left out is kept, a null clears."""

    contact_id: UUID | None = None
    tracking_number: str | None = None
    carrier_guide_number: str | None = None


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
    activation_stage_ids: list[str] | None = None


class ClientActivationResource(Resource):
    """When contacts become clients: all of them, or those whose orders reach one of the stages."""

    is_enabled: bool
    all_are_clients: bool
    activation_stage_ids: list[str]
    created_at: datetime | None
    updated_at: datetime | None
