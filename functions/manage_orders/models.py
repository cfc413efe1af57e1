"""What the routes of orders and of the activation of clients take and give."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from pydantic import Field, StrictBool, WithJsonSchema, create_model

from functions.manage_orders.columns import shown, taken
from shared.domain.activation import MAX_STAGES
from shared.domain.orders.lookalikes import LookalikeCode
from shared.domain.orders.models import COLUMNS, IMPORTABLE, MAX_FORMER_IDS, MAX_IMPORT
from shared.http.models import TEXT_SCHEMA, Body, Name, Resource, Text
from shared.words import ItemStatus, Shipment

FormerIds = Annotated[
    tuple[UUID, ...], Field(json_schema_extra={"minItems": 0, "maxItems": MAX_FORMER_IDS, "uniqueItems": True})
]
#: A text with something to see in it: what is made of spaces and signs without a shape is no name.
_SHAPELESS = (
    "\\u0000\\u0009-\\u000d\\u001c-\\u0020\\u0085\\u00a0\\u00ad\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u1680\\u180e"
    "\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2066-\\u206f\\u3000\\ufeff\\ufff9-\\ufffb\\ufffd"
)
PersonName = Annotated[
    str,
    WithJsonSchema(
        {**TEXT_SCHEMA, "pattern": f"^[^\\u0000]*[^{_SHAPELESS}][^\\u0000]*$", "minLength": 1, "maxLength": 1_000}
    ),
]


class ContactBody(Body):
    """Who an order is shipped to; without an id it is the contact that the order has, or else a new one."""

    id: UUID | None = None
    name: PersonName
    phone: Text | None = None
    email: Text | None = None
    identification: Text | None = None


class _Owned(Resource):
    id: UUID
    workspace_id: UUID


if TYPE_CHECKING:
    # Nothing reads these fields one by one; their types are the columns'.
    _Importable = Body
    _Changeable = Body
    _Shown = _Owned
else:
    _Importable = create_model("_Importable", __base__=Body, **taken(IMPORTABLE))
    _Changeable = create_model("_Changeable", __base__=Body, **taken(COLUMNS))
    _Shown = create_model("_Shown", __base__=_Owned, **shown(COLUMNS))


class ImportOrderBody(_Importable):
    """One order, with an id of the caller's or its externalId alone; what is left out is kept, a null clears."""

    #: Left out, it is the order that has the externalId; a new one's id follows from the workspace and the externalId.
    id: UUID | None = None
    #: Ids that the order may have had before: the first that the workspace has an order of is its id.
    former_ids: FormerIds = ()
    contact: ContactBody | None = None


class ImportOrdersBody(Body):
    """The orders to make, or to change."""

    orders: Annotated[list[ImportOrderBody], Field(json_schema_extra={"minItems": 1, "maxItems": MAX_IMPORT})]


class UpdateOrderBody(_Changeable):
    """The fields to change; what is left out is kept, a null clears."""

    contact: ContactBody | None = None
    #: Whether the tracking number may be one that another order has.
    allow_shared_number: StrictBool = False


class ImportedOrdersResource(Resource):
    """How many orders are now as the import says."""

    imported: int


class LookalikeResource(Resource):
    """A new order that looks like one which is on its way, or was shipped in the last 30 days."""

    #: Its place in the request, 0 being the first.
    index: int
    #: The id that it would get.
    order_id: UUID
    code: LookalikeCode
    reason: str
    #: The order that it looks like, and what is known of its shipment.
    like_order_id: UUID
    job_id: UUID | None
    tracking_number: str | None


class CheckedOrdersResource(Resource):
    """What an import of these orders would do; nothing was written."""

    new: int
    changed: int
    unchanged: int
    lookalikes: list[LookalikeResource]


class ContactResource(Resource):
    """Who an order is shipped to."""

    id: UUID
    name: str | None
    phone: str | None
    email: str | None
    identification: str | None
    is_client: bool


class OrderResource(_Shown):
    """What is to be shipped, and to whom."""

    #: Numbers of further shipments of the order that stand beside its own.
    other_numbers: list[str]
    contact: ContactResource | None
    created_at: datetime
    updated_at: datetime


class ShipmentResource(Resource):
    """A shipment of an order that exists or may exist; one that was voided at the carrier does not."""

    job_id: UUID
    item_id: UUID
    carrier: str
    tracking_number: str | None
    shipment: Shipment
    #: When it was reported; of one that is with the robot, when it was handed over.
    at: datetime


class OrderItemResource(Resource):
    """Where the order is, or was, an item."""

    job_id: UUID
    item_id: UUID
    status: ItemStatus
    created_at: datetime


class OrderDetail(OrderResource):
    """An order with its shipments, and with where it is an item, each oldest first."""

    shipments: list[ShipmentResource]
    items: list[OrderItemResource]
    #: When the robot was last asked for its guide, and answered.
    guide_asked_at: datetime | None


class OrderList(Resource):
    """A page of orders, newest first."""

    orders: list[OrderResource]
    next_cursor: str | None


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
