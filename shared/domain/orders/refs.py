"""Orders by what their shop calls them: the ids of externalIds."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from psycopg import Connection

from shared.domain import refusal_page as page
from shared.domain.context import DomainContext
from shared.domain.function import domain_query
from shared.domain.ids import uuid7
from shared.domain.orders.identity import Reference, read_known
from shared.domain.orders.models import MAX_REFERENCE
from shared.domain.texts import require_sent
from shared.logistics import FieldKind, id_form

#: As many as a job can have.
MAX_REFS = 10_000


@domain_query
def find_refs(conn: Connection, ctx: DomainContext, order_refs: Sequence[str]) -> list[UUID]:
    """Return the id of the order of each externalId, in their order.

    Where the workspace has no such order it is an id that no order has. Refused: no list of texts, none or more than
    10,000, one twice in any spelling (`INVALID`).
    """
    if not isinstance(order_refs, list | tuple):
        raise page.no_list_of_refs("order_refs")
    if not order_refs:
        raise page.no_ids("order_refs")
    if len(order_refs) > MAX_REFS:
        raise page.too_many_ids("order_refs", len(order_refs), MAX_REFS)
    references = [
        Reference.of(ctx.workspace_id, _checked(position, text), text) for position, text in enumerate(order_refs)
    ]
    known = read_known(
        conn, ctx, {id_ for each in references for id_ in each.known_ids}, [each.external_id for each in references]
    )
    counts = Counter(each.external_id for each in references)
    if twice := [text for text, count in counts.items() if count > 1]:
        raise page.duplicate_refs("order_refs", refs=twice)
    return [known.id_of(each) or uuid7() for each in references]


def _checked(position: int, text: object) -> str:
    name = f"order_refs.{position}"
    return id_form(require_sent(text, name, FieldKind.NUMBER, at_least=1, at_most=MAX_REFERENCE))
