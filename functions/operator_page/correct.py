"""Correcting an order, where it is shown and where it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.operator_page.forms import FormError, pesos_of
from functions.operator_page.language import _, refusal_text
from functions.operator_page.visit import ctx, here
from shared import domain
from shared.http.domain_api import problem_of_failure
from shared.workflow.publish import publish_committed

if TYPE_CHECKING:
    from uuid import UUID

#: A form's field → the column that it changes.
_COLUMNS = {
    "name": "name",
    "address": "shipping_address",
    "city": "shipping_city",
    "department": "shipping_department",
    "email": "email",
}


def correct_order(order_id: UUID) -> str | None:
    """Change what the form has of an order, and return why not; None: it was changed.

    Fields are named after what they change and the order, as in `city-0198…`; what the form does not have is kept.
    """
    visit = here()
    given = {name: visit.field(f"{name}-{order_id}") for name in _COLUMNS if f"{name}-{order_id}" in visit.form}
    columns: dict[str, object] = {_COLUMNS[name]: value or None for name, value in given.items()}
    recipient, phone = visit.field(f"recipient-{order_id}"), visit.field(f"phone-{order_id}")
    if recipient:
        columns["contact"] = domain.ContactParams(recipient, phone=phone or None)
    elif phone:
        return _("A phone belongs to a recipient. Write the recipient's name, too.")
    if value := visit.field(f"value-{order_id}"):
        try:
            columns["total_value"] = pesos_of(value)
        except FormError as error:
            return str(error)
    if f"payment-{order_id}" in visit.form:
        columns["prepaid"] = visit.field(f"payment-{order_id}") == "prepaid"
    result = domain.update_order(ctx(), domain.UpdateOrderParams(order_id, **columns))  # type: ignore[arg-type] # by name
    if not result.success:
        return refusal_text(problem_of_failure(result))
    publish_committed(ctx().workspace_id)
    return None
