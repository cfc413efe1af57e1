"""An order's columns, and what is read and written of orders and their contacts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, Never, TypeVar
from uuid import UUID

from shared.domain.cursor import DEFAULT_PAGE
from shared.domain.orders.columns import Amount, Id, JsonObject, Text, WholeNumber, YesOrNo, column, columns_of
from shared.domain.unset import UNSET, Unset
from shared.logistics import MAX_UNITS, FieldKind
from shared.words import ItemStatus, Shipment

#: Orders in one import.
MAX_IMPORT = 1_000
#: A name has few spellings.
MAX_FORMER_IDS = 10

#: An index holds it.
MAX_REFERENCE = 200
#: What the caller's system calls an order.
_REFERENCE = Text(FieldKind.NUMBER, at_least=1, at_most=MAX_REFERENCE, is_reference=True)
#: A number of the carrier's; its digits stand as they are.
_NUMBER = Text(FieldKind.TEXT, at_least=1, at_most=200)

#: What a column may be beside its values: Unset where an order is written, nothing where it is read.
Absent = TypeVar("Absent", bound=Unset)


@dataclass(frozen=True, kw_only=True)
class ImportableColumns(Generic[Absent]):
    """The columns that an import sets, and a change, too: a new one is a line here, a migration and a test.

    Checks, statements, events, params, and the bodies and answers of the API come from these lines.
    """

    external_id: str | Absent | None = column(_REFERENCE)
    name: str | Absent | None = column(Text(FieldKind.NAME))
    total_value: Decimal | float | Absent | None = column(Amount())
    prepaid: bool | Absent = column(YesOrNo())
    units: int | Absent | None = column(WholeNumber(least=1, most=MAX_UNITS))
    carrier: str | Absent | None = column(Text(at_most=100))
    shipping_address: str | Absent | None = column(Text(FieldKind.TEXT))
    shipping_city: str | Absent | None = column(Text(FieldKind.TEXT))
    shipping_department: str | Absent | None = column(Text(FieldKind.NUMBER))
    email: str | Absent | None = column(Text(FieldKind.TEXT))
    stage_id: str | Absent | None = column(Text())
    custom_fields: Mapping[str, Any] | Absent | None = column(JsonObject(at_most_bytes=50_000))


@dataclass(frozen=True, kw_only=True)
class OrderColumns(ImportableColumns[Absent], Generic[Absent]):
    """All columns that can change: those of imports, and those that only `update_order` sets."""

    contact_id: UUID | Absent | None = column(Id(), told_before="name")
    tracking_number: str | Absent | None = column(_NUMBER, told_before="shipping_address")
    carrier_guide_number: str | Absent | None = column(_NUMBER, told_before="shipping_address")


IMPORTABLE = columns_of(ImportableColumns)
COLUMNS = columns_of(OrderColumns)


@dataclass(frozen=True)
class Contact:
    """Who an order is shipped to."""

    id: UUID
    name: str | None
    phone: str | None
    email: str | None
    identification: str | None
    is_client: bool


@dataclass(frozen=True, kw_only=True)
class Order(OrderColumns[Never]):
    """What is to be shipped, and to whom."""

    id: UUID
    workspace_id: UUID
    total_value: Decimal | None
    custom_fields: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    #: Numbers of further shipments of the order that stand beside its own.
    other_numbers: list[str]
    contact: Contact | None


@dataclass(frozen=True)
class OrderShipment:
    """A shipment of an order that exists or may exist, and the item that it was made for."""

    job_id: UUID
    item_id: UUID
    carrier: str
    tracking_number: str | None
    shipment: Shipment
    #: When it was reported; of one that is with the robot, when it was handed over.
    at: datetime


@dataclass(frozen=True)
class OrderItem:
    """Where an order is an item: of which job, and how that stands."""

    job_id: UUID
    item_id: UUID
    status: ItemStatus
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class OrderInDetail(Order):
    """An order, read alone."""

    shipments: list[OrderShipment]
    items: list[OrderItem]
    #: When a robot was last asked for its guide, and answered.
    guide_asked_at: datetime | None


@dataclass(frozen=True)
class ListOrdersParams:
    """Which orders, and which page of them (1 to 500 a page); a None asks for nothing."""

    #: Part of a name, number, guide or city, or of the contact's name or phone; under three characters its beginning.
    search: str | None = None
    #: Whether a shipment exists: the order has a number, or an item of it was made.
    shipped: bool | None = None
    has_guide: bool | None = None
    stage_id: str | None = None
    limit: int = DEFAULT_PAGE
    cursor: str | None = None
    #: How far the orders of all pages are counted, 1 to 10,000; None: not at all.
    count_to: int | None = None
    #: Of those without a shipment: only what no job has, and none may have shipped. A search passes over this.
    is_free: bool = False


@dataclass(frozen=True)
class OrderPage:
    """Orders, newest first, and the cursor of the next page (None: this was the last)."""

    orders: list[Order]
    next_cursor: str | None
    #: How many all pages have, where that was asked for; one more than was to be counted: there are more.
    total: int | None = None


@dataclass(frozen=True)
class ContactParams:
    """A contact to write. Without an id it is the one that the order has, or else a new one; UNSET keeps a field."""

    name: str
    id: UUID | None = None
    phone: str | Unset | None = UNSET
    email: str | Unset | None = UNSET
    identification: str | Unset | None = UNSET


@dataclass(frozen=True)
class UpdateOrderParams(OrderColumns[Unset]):
    """What to change about an order: UNSET keeps a field, None clears it."""

    order_id: UUID
    #: Writes the contact itself; `contact_id` names another one.
    contact: ContactParams | Unset | None = UNSET
    #: Whether the tracking number may be one that another order has.
    allow_shared_number: bool = False


@dataclass(frozen=True)
class ImportOrder(ImportableColumns[Unset]):
    """An order to make, or to change where the workspace has it: UNSET keeps a field, None clears it.

    Without an id it is the order of its `external_id`, and a new one's id follows from that.
    """

    id: UUID | None = None
    #: Ids that it may have had before: where the workspace has an order of one of them, the first is its id.
    former_ids: Sequence[UUID] = ()
    contact: ContactParams | Unset | None = UNSET


@dataclass(frozen=True)
class ImportOrdersParams:
    """One to 1,000 orders."""

    orders: Sequence[ImportOrder]


@dataclass(frozen=True)
class ImportedOrders:
    """How many orders were made or changed, or were already as the import says."""

    imported: int
