"""What an import would do, and which of its orders could be shipped then: told before anything is written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import Connection

from shared.carriers.registry import DEFAULT_CARRIER
from shared.domain.carriers.suggestions import Suggestion
from shared.domain.context import DomainContext
from shared.domain.function import domain_query
from shared.domain.jobs.parcels import Candidate, ask_candidates, build_pedidos, meant_cities
from shared.domain.orders.check import CheckedOrders, check_changes
from shared.domain.orders.models import ImportOrdersParams
from shared.domain.orders.write import OrderChange, changes_of
from shared.logistics import ShipmentDefaults, Unshippable

#: Who has more corrects these first.
_MOST_SUGGESTED = 50
#: What a workspace says of all its shipments is no reason to refuse one.
_ANY_DEFAULTS = ShipmentDefaults(Decimal(1), Decimal(1), Decimal(1), Decimal(1), Decimal(1))
#: An order that nobody has told anything of.
_BLANK = Candidate(
    order_id=UUID(int=0),
    item_id=None,
    given_value=None,
    name=None,
    total_value=None,
    prepaid=False,
    units=None,
    shipping_address=None,
    shipping_city=None,
    shipping_department=None,
    email=None,
    contact_name=None,
    contact_phone=None,
    contact_email=None,
    contact_identification=None,
    tracking_number=None,
    blocked_by=None,
    blocking_number=None,
    blocking_job_id=None,
)
_NO_CONTACT = dict.fromkeys(name for name in vars(_BLANK) if name.startswith("contact_"))


@dataclass(frozen=True)
class UnshippableOrder:
    """An order of an import, by its place there, and why it could not be shipped."""

    index: int
    why: Unshippable
    #: The cities that may have been meant; of the first orders alone.
    suggestions: Sequence[Suggestion] = ()


@dataclass(frozen=True)
class CheckedImport:
    """What an import would do, and what could be shipped after it."""

    orders: CheckedOrders
    #: Orders that could be shipped as they would be then.
    shippable: int
    unshippable: list[UnshippableOrder]
    #: The orders that the workspace has already, and that were neither shipped nor are on their way.
    waiting_ids: list[UUID]
    #: Orders that were shipped, may have been, or are in a job.
    taken: int


@domain_query
def check_import(conn: Connection, ctx: DomainContext, params: ImportOrdersParams) -> CheckedImport:
    """Tell what `import_orders` would do with these orders and which of them could be shipped then; write nothing.

    Refused: what `check_orders` refuses.
    """
    changes = changes_of(conn, ctx, params)
    asked = ask_candidates(conn, ctx, [change.order_id for change in changes], lifts_all=False)
    checked = check_changes(conn, ctx, changes)
    known = {each.order_id: each for each in asked.fetchall()}
    after = [_after(change, known.get(change.order_id)) for change in changes]
    free = [(index, each) for index, each in enumerate(after) if each.blocked_by is None]
    built = build_pedidos(conn, DEFAULT_CARRIER, [each for _, each in free], _ANY_DEFAULTS)
    refused = [(index, each, why) for index, each in free if isinstance(why := built[each.order_id], Unshippable)]
    meant = meant_cities(conn, DEFAULT_CARRIER, [(each, why) for _, each, why in refused[:_MOST_SUGGESTED]])
    waiting = [each.order_id for _, each in free if each.order_id in known]
    unshippable = [UnshippableOrder(index, why, meant.get(each.place, ())) for index, each, why in refused]
    return CheckedImport(checked, len(free) - len(refused), unshippable, waiting, len(after) - len(free))


def _after(change: OrderChange, present: Candidate | None) -> Candidate:
    """Return an order as it would be after the change."""
    before = present or replace(_BLANK, order_id=change.order_id)
    fields: dict[str, Any] = {name: value for name, value in change.fields.items() if name in vars(_BLANK)}
    if change.fields.get("contact_id", ...) is None:
        fields |= _NO_CONTACT
    if change.contact is not None:
        fields |= {f"contact_{name}": value for name, value in change.contact.fields.items()}
    return replace(before, **fields)
