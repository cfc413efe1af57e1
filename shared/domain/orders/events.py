"""What automations are told of an order that was changed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from psycopg import Connection

from shared.domain.context import MAX_CASCADE_DEPTH, DomainContext
from shared.domain.orders.models import COLUMNS
from shared.events import FieldChanged, OrderStageChanged

Row = Mapping[str, object]


def changed_columns(before: Row, after: Row) -> list[str]:
    """Return the columns whose values differ."""
    return [column for column in COLUMNS if _comparable(before[column]) != _comparable(after[column])]


def emit_changes(conn: Connection, ctx: DomainContext, changes: Sequence[tuple[UUID, Row, Row]]) -> None:
    """Tell of every change (order, before, after): one field.changed a field, and stage_changed for the stage.

    An event carries the depth of the call that made the change. An automation that it sets off calls with one more;
    at depth 3 nothing is told, which ends the chain.
    """
    if ctx.cascade_depth >= MAX_CASCADE_DEPTH:
        return
    events = [event for order_id, before, after in changes for event in _events(ctx, order_id, before, after)]
    if events:
        row = {
            "workspace_id": ctx.workspace_id,
            "detail_types": [detail_type for detail_type, _ in events],
            "details": [json.dumps(detail) for _, detail in events],
        }
        conn.execute(_INSERT, row)


def _events(ctx: DomainContext, order_id: UUID, before: Row, after: Row) -> Iterator[tuple[str, dict[str, object]]]:
    ending: dict[str, object] = {} if after["contact_id"] is None else {"contactId": str(after["contact_id"])}
    ending["cascadeDepth"] = ctx.cascade_depth
    for column in changed_columns(before, after):
        yield (
            FieldChanged.detail_type,
            {
                "workspaceId": str(ctx.workspace_id),
                "entityType": "order",
                "entityId": str(order_id),
                "fieldName": column,
                "previousValue": _plain(before[column]),
                "newValue": _plain(after[column]),
            }
            | ending,
        )
        if column == "stage_id":
            yield (
                OrderStageChanged.detail_type,
                {
                    "workspaceId": str(ctx.workspace_id),
                    "orderId": str(order_id),
                    "previousStageId": before[column],
                    "newStageId": after[column],
                }
                | ending,
            )


def _plain(value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _comparable(value: object) -> object:
    """Return a value that is equal to another's just when JSON's values are: to Python, true is 1."""
    if isinstance(value, dict):
        return {key: _comparable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_comparable(inner) for inner in value]
    return ("boolean", value) if isinstance(value, bool) else value


# Events, in the order in which they are given.
_INSERT = """
INSERT INTO outbox (workspace_id, detail_type, detail)
SELECT %(workspace_id)s, event.detail_type, event.detail::json
  FROM unnest(%(detail_types)b::text[], %(details)b::text[]) WITH ORDINALITY AS event (detail_type, detail, position)
 ORDER BY event.position
"""
