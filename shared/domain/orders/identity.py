"""Which order of the workspace a caller means: by its id, by one that it had before, or by its externalId."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection

from shared.domain import refusal_page as page
from shared.domain.context import DomainContext
from shared.domain.orders.models import IMPORTABLE, MAX_FORMER_IDS, MAX_IMPORT, ImportOrder
from shared.domain.refusals import RefusedError
from shared.domain.validation import require_uuids
from shared.logistics import clean_line, derived_order_id, known_order_ids, quoted


@dataclass(frozen=True)
class Reference:
    """An externalId in the form in which it is stored, and every id that an order of it may have."""

    external_id: str
    known_ids: tuple[UUID, ...]
    derived_id: UUID

    @classmethod
    def of(cls, workspace: UUID, external_id: str, written: str) -> "Reference":
        """Return the reference of a text that was read; `written` is it as it came."""
        known = known_order_ids(workspace, external_id, written)
        return cls(external_id, known, derived_order_id(workspace, external_id))


@dataclass(frozen=True)
class KnownOrders:
    """The orders that a workspace has of those that were asked for."""

    external_ids: Mapping[UUID, str | None]
    by_external_id: Mapping[str, UUID]

    def first_of(self, order_ids: Iterable[UUID]) -> UUID | None:
        """Return the first of these ids that the workspace has an order of."""
        return next((id_ for id_ in order_ids if id_ in self.external_ids), None)

    def id_of(self, reference: Reference) -> UUID | None:
        """Return the id of the order that is meant, if the workspace has it.

        That is the order which has the externalId; else one that was imported by this name before orders had any.
        """
        if reference.external_id in self.by_external_id:
            return self.by_external_id[reference.external_id]
        return next((id_ for id_ in reference.known_ids if self.external_ids.get(id_, "") is None), None)


def identified(conn: Connection, ctx: DomainContext, orders: Sequence[ImportOrder]) -> list[UUID]:
    """Return the id under which each order of an import is written.

    Raises:
        RefusedError: there are none or too many; one has neither id nor externalId; an order or an externalId is there
            twice, or is another order's.
    """
    if len(orders) > MAX_IMPORT:
        raise page.too_many_ids("orders", len(orders), MAX_IMPORT)
    given = [order.id for order in orders if order.id is not None]
    if given or not orders:
        require_uuids(given, "orders", at_most=MAX_IMPORT)
    external_ids = [_external_id(*each) for each in enumerate(orders)]
    former = [_former_ids(order) for order in orders]
    references = [
        Reference.of(ctx.workspace_id, external_id, str(order.external_id)) if external_id else None
        for external_id, order in zip(external_ids, orders, strict=True)
    ]
    derived = [each.known_ids for each, order in zip(references, orders, strict=True) if each and order.id is None]
    asked = {*given, *(id_ for ids in (*former, *derived) for id_ in ids)}
    known = read_known(conn, ctx, asked, [each for each in external_ids if each])
    found = [
        known.first_of(before) or order.id or (reference and (known.id_of(reference) or reference.derived_id))
        for order, before, reference in zip(orders, former, references, strict=True)
    ]
    order_ids = require_uuids(found, "orders", at_most=MAX_IMPORT)
    _refuse_used(
        order_ids, references, known, {id_ for order, id_ in zip(orders, order_ids, strict=True) if not order.id}
    )
    return order_ids


def refuse_external_id_in_use(conn: Connection, ctx: DomainContext, order_id: UUID, external_id: str) -> None:
    """Refuse an externalId that another order of the workspace has.

    Raises:
        RefusedError: another order has it.
    """
    holder = read_known(conn, ctx, [], [external_id]).by_external_id.get(external_id, order_id)
    if holder != order_id:
        raise _in_use([(holder, external_id)])


def read_known(
    conn: Connection, ctx: DomainContext, order_ids: Iterable[UUID], external_ids: Sequence[str]
) -> KnownOrders:
    """Return which of these orders the workspace has, by id and by externalId."""
    row = {"workspace_id": ctx.workspace_id, "order_ids": sorted(order_ids), "external_ids": list(external_ids)}
    found = conn.execute(_SELECT_KNOWN, row).fetchall() if row["order_ids"] or external_ids else []
    return KnownOrders(dict(found), {external_id: id_ for id_, external_id in found if external_id is not None})


def label_of(order: ImportOrder, order_id: UUID | None) -> str:
    """Return what an order of a list is called in a refusal: its name, what its caller calls it, or its id."""
    for text in (order.name, order.external_id):
        name = clean_line(text) if isinstance(text, str) else ""
        if name and isinstance(name, str):
            return quoted(name)
    return str(order_id)


def _external_id(position: int, order: ImportOrder) -> str | None:
    try:
        # Absent is not a text, and stands for itself.
        value = order.external_id if isinstance(order.external_id, str) else None
        external_id = IMPORTABLE["external_id"].checked(value, "external_id")
    except RefusedError as error:
        raise error.within(f"orders.{position}", page.OF_ORDER, order=label_of(order, order.id)) from error
    if order.id is None and external_id is None:
        raise page.missing_id(f"orders.{position}")
    return external_id if isinstance(external_id, str) else None


def _former_ids(order: ImportOrder) -> Sequence[UUID]:
    return require_uuids(order.former_ids, "former_ids", at_most=MAX_FORMER_IDS) if order.former_ids else ()


def _refuse_used(
    order_ids: Sequence[UUID], references: Sequence[Reference | None], known: KnownOrders, derived: set[UUID]
) -> None:
    named = [(id_, each.external_id) for id_, each in zip(order_ids, references, strict=True) if each]
    counts = Counter(external_id for _, external_id in named)
    if twice := [text for text, count in counts.items() if count > 1]:
        raise page.duplicate_refs("orders", refs=twice)
    holders = [(known.by_external_id.get(external_id, id_), id_, external_id) for id_, external_id in named]
    if taken := [(holder, external_id) for holder, id_, external_id in holders if holder != id_]:
        raise _in_use(taken)
    # An order that came by another externalId and has a new one since is not written over.
    moved = [
        id_ for id_, external_id in named if id_ in derived and known.external_ids.get(id_) not in {None, external_id}
    ]
    if moved:
        raise page.derived_ids_taken(order_ids=moved)


def _in_use(taken: Sequence[tuple[UUID, str]]) -> RefusedError:
    return page.external_id_in_use(
        [f"{external_id} (order {order_id})" for order_id, external_id in taken],
        orders=[{"order_id": order_id, "external_id": external_id} for order_id, external_id in taken],
    )


# The orders that the workspace has of these ids and externalIds.
_SELECT_KNOWN = """
SELECT id, external_id
  FROM orders
 WHERE id = ANY(%(order_ids)b::uuid[]) AND workspace_id = %(workspace_id)s
 UNION
SELECT id, external_id
  FROM orders
 WHERE external_id = ANY(%(external_ids)b::text[]) AND workspace_id = %(workspace_id)s
"""
