"""Correcting an order, where it is shown and where it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from functions.operator_page.forms import FormError, pesos_of, units_of
from functions.operator_page.language import _, refusal_text
from functions.operator_page.named import called_by_name, orders_of
from functions.operator_page.visit import ctx, here
from shared import domain
from shared.http.domain_api import data_of, problem_of_failure
from shared.sentences import NAMED
from shared.workflow.publish import publish_committed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: A form's field → the column that it changes.
_COLUMNS = {
    "address": "shipping_address",
    "city": "shipping_city",
    "department": "shipping_department",
    "email": "email",
    "number": "tracking_number",
}
_FIELDS = (*_COLUMNS, "recipient", "phone", "value", "payment", "units")


def correct_order(order_id: UUID) -> str | None:
    """Change what the form has of an order, and return why not; None: it was changed.

    Fields are named after what they change and the order, as in `city-0198…`; what the form does not have is kept, and
    what it showed (`was-city-0198…`) and got back, too.
    """
    typed = _typed(order_id)
    columns: dict[str, object] = {_COLUMNS[name]: value or None for name, value in typed.items() if name in _COLUMNS}
    try:
        _require_number(typed)
        if contact := _contact(order_id, typed):
            columns["contact"] = contact
        if "value" in typed and (typed["value"] or _shown("value", order_id)):
            columns["total_value"] = _value(typed["value"])
        if "units" in typed:
            columns["units"] = units_of(typed["units"])
    except FormError as error:
        return str(error)
    if "payment" in typed:
        columns["prepaid"] = typed["payment"] == "prepaid"
    shared = bool(here().field("shared"))
    params = domain.UpdateOrderParams(order_id, allow_shared_number=shared, **columns)  # type: ignore[arg-type] # by name
    result = domain.update_order(ctx(), params)
    if not result.success:
        problem = problem_of_failure(result)
        return refusal_text(called_by_name(problem, _names(orders_of(problem))))
    publish_committed(ctx().workspace_id)
    return None


def _names(orders: Sequence[Mapping[str, object]]) -> dict[UUID, str]:
    """Return what people call the first of these orders."""
    ids = [id_ for each in orders[:NAMED] if isinstance(id_ := each["order_id"], UUID)]
    found = (data_of(domain.get_order(ctx(), id_)) for id_ in ids)
    return {order.id: name for order in found if (name := order.name or order.external_id)}


def was_typed_in(order_id: UUID) -> bool:
    """Tell whether the form has something else of the order than it showed."""
    return bool(_typed(order_id))


def _typed(order_id: UUID) -> dict[str, str]:
    visit = here()
    given = {name: visit.field(f"{name}-{order_id}") for name in _FIELDS if f"{name}-{order_id}" in visit.form}
    return {name: value for name, value in given.items() if value != _shown(name, order_id)}


def _shown(name: str, order_id: UUID) -> str | None:
    """Return what the form showed in a field; None: it does not say, so that what it has is meant."""
    visit = here()
    was = f"was-{name}-{order_id}"
    return visit.field(was) if was in visit.form else None


def _contact(order_id: UUID, typed: dict[str, str]) -> domain.ContactParams | None:
    """Return the recipient to write; None: nothing of it was typed."""
    recipient, phone = here().field(f"recipient-{order_id}"), here().field(f"phone-{order_id}")
    # An e-mail that is taken away is the recipient's, where the order had none of its own.
    loses_email = typed.get("email") == ""
    if not (typed.keys() & {"recipient", "phone"} or loses_email):
        return None
    if recipient:
        params: dict[str, str | None] = {"email": None} if loses_email else {}
        return domain.ContactParams(recipient, phone=phone or None, **params)  # type: ignore[arg-type] # by name
    if phone:
        raise FormError(_("A phone belongs to a recipient. Write the recipient's name, too."))
    if _shown("recipient", order_id):
        raise FormError(_("The recipient has no name. Add it."))
    return None


def _value(text: str) -> object:
    if not text:
        raise FormError(_("The order needs a value. Write it; 0 is one."))
    return pesos_of(text)


def _require_number(typed: Mapping[str, str]) -> None:
    if typed.get("number") == "":
        raise FormError(_("Without its number the order could be shipped once more. Write the right one."))
