"""Check what callers say about orders and contacts, and bring it into the form of the columns."""

import json
from collections.abc import Mapping
from uuid import UUID

from shared.domain import refusal_page as page
from shared.domain.numbers import require_number
from shared.domain.orders.models import ContactParams, ImportOrder, UpdateOrderParams
from shared.domain.unset import UNSET
from shared.domain.validation import json_text, optional_text, require_text, require_uuid

#: The columns of an order that can change, in the order in which their changes are told.
COLUMNS = (
    "contact_id",
    "name",
    "total_value",
    "prepaid",
    "carrier",
    "tracking_number",
    "carrier_guide_number",
    "shipping_address",
    "shipping_city",
    "shipping_department",
    "email",
    "stage_id",
    "custom_fields",
)
_MAX_TEXT = {
    "name": 1_000,
    "carrier": 100,
    "shipping_address": 1_000,
    "shipping_city": 1_000,
    "shipping_department": 1_000,
    "email": 1_000,
    "stage_id": 1_000,
}
_MAX_NUMBER = 200
#: The column has 14 digits, two of them decimals.
_TOTAL_BELOW = 10**12
_MAX_CUSTOM_BYTES = 50_000
_MAX_CONTACT_TEXT = 1_000


def checked_order(params: UpdateOrderParams | ImportOrder) -> dict[str, object]:
    """Return the columns that the params set, with their values.

    Raises:
        RefusedError: a value can't be one of its column.
    """
    given = {column: getattr(params, column, UNSET) for column in COLUMNS}
    return {column: _checked(column, value) for column, value in given.items() if value is not UNSET}


def checked_contact(contact: object) -> tuple[UUID | None, dict[str, str | None]]:
    """Return the contact's id, if it names one, and the columns that it sets.

    Raises:
        RefusedError: it is no contact, or a value can't be one of its column.
    """
    if not isinstance(contact, ContactParams):
        raise page.unexpected_value("contact", "ContactParams")
    name = require_text(contact.name, "contact.name", at_least=1, at_most=_MAX_CONTACT_TEXT)
    given = {"phone": contact.phone, "email": contact.email, "identification": contact.identification}
    fields: dict[str, str | None] = {"name": name}
    for column, value in given.items():
        if value is not UNSET:
            fields[column] = optional_text(value, f"contact.{column}", at_most=_MAX_CONTACT_TEXT)
    return None if contact.id is None else require_uuid(contact.id, "contact.id"), fields


def _checked(column: str, value: object) -> object:
    if column == "contact_id":
        return None if value is None else require_uuid(value, column)
    if column == "total_value":
        return None if value is None else require_number(value, column, decimals=2, below=_TOTAL_BELOW)
    if column == "prepaid":
        if not isinstance(value, bool):
            raise page.unexpected_value("prepaid", "true or false")
        return value
    if column == "custom_fields":
        return _checked_custom_fields(value)
    if column in _MAX_TEXT:
        return optional_text(value, column, at_most=_MAX_TEXT[column])
    return optional_text(value, column, at_least=1, at_most=_MAX_NUMBER)


def _checked_custom_fields(value: object) -> object:
    if isinstance(value, Mapping):
        value = dict(value)
    # As JSON has them: keys are texts, tuples are lists.
    return json.loads(json_text({} if value is None else value, "custom_fields", at_most_bytes=_MAX_CUSTOM_BYTES))
