"""Orders as they are read, and what can be changed about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared.domain.unset import UNSET, Unset

#: Orders in one import.
MAX_IMPORT = 1_000


@dataclass(frozen=True)
class Contact:
    """Who an order is shipped to."""

    id: UUID
    name: str | None
    phone: str | None
    email: str | None
    identification: str | None
    is_client: bool


@dataclass(frozen=True)
class Order:
    """What is to be shipped, and to whom."""

    id: UUID
    workspace_id: UUID
    contact_id: UUID | None
    name: str | None
    total_value: Decimal | None
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
    created_at: datetime
    updated_at: datetime
    contact: Contact | None


@dataclass(frozen=True)
class ContactParams:
    """A contact to write. Without an id it is the one that the order has, or else a new one; UNSET keeps a field."""

    name: str
    id: UUID | None = None
    phone: str | Unset | None = UNSET
    email: str | Unset | None = UNSET
    identification: str | Unset | None = UNSET


@dataclass(frozen=True)
class UpdateOrderParams:
    """What to change about an order: UNSET keeps a field, None clears it."""

    order_id: UUID
    contact_id: UUID | Unset | None = UNSET
    name: str | Unset | None = UNSET
    total_value: Decimal | float | Unset | None = UNSET
    prepaid: bool | Unset = UNSET
    carrier: str | Unset | None = UNSET
    tracking_number: str | Unset | None = UNSET
    carrier_guide_number: str | Unset | None = UNSET
    shipping_address: str | Unset | None = UNSET
    shipping_city: str | Unset | None = UNSET
    shipping_department: str | Unset | None = UNSET
    email: str | Unset | None = UNSET
    stage_id: str | Unset | None = UNSET
    custom_fields: Mapping[str, Any] | Unset | None = UNSET
    #: Writes the contact itself; `contact_id` names another one.
    contact: ContactParams | Unset | None = UNSET


@dataclass(frozen=True)
class ImportOrder:
    """An order to make, or to change where the workspace has it: UNSET keeps a field, None clears it."""

    id: UUID
    name: str | Unset | None = UNSET
    total_value: Decimal | float | Unset | None = UNSET
    prepaid: bool | Unset = UNSET
    carrier: str | Unset | None = UNSET
    shipping_address: str | Unset | None = UNSET
    shipping_city: str | Unset | None = UNSET
    shipping_department: str | Unset | None = UNSET
    email: str | Unset | None = UNSET
    stage_id: str | Unset | None = UNSET
    custom_fields: Mapping[str, Any] | Unset | None = UNSET
    contact: ContactParams | Unset | None = UNSET


@dataclass(frozen=True)
class ImportOrdersParams:
    """One to 1,000 orders."""

    orders: Sequence[ImportOrder]


@dataclass(frozen=True)
class ImportedOrders:
    """How many orders were made or changed, or were already as the import says."""

    imported: int
