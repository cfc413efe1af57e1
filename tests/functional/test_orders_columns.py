"""An order's columns stand in one specification: the table, the statements, the events and the API have the same."""

from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection
from pydantic.alias_generators import to_camel

from functions.manage_orders.app import handler
from shared.domain import DomainContext, UpdateOrderParams, update_order
from shared.domain.orders import columns
from shared.domain.orders.models import COLUMNS, IMPORTABLE
from tests.factories import data_of, events_of, failure_of, make_orders
from tests.functional.conftest import Bus
from tests.http_client import Answer, call

#: A value of each kind that no order has by itself.
SAMPLES: dict[type[columns.Kind], Any] = {
    columns.Text: "Otro",
    columns.Amount: 12.5,
    columns.WholeNumber: 7,
    columns.YesOrNo: True,
    columns.JsonObject: {"a": [1, None]},
}
#: What an order has beside the columns that callers set.
OWN = {
    "id": ("uuid", "NO"),
    "workspace_id": ("uuid", "NO"),
    "created_at": ("timestamp with time zone", "NO"),
    "updated_at": ("timestamp with time zone", "NO"),
    "number_by_hand": ("boolean", "NO"),
    "name_key": ("text", "YES"),
    "address_key": ("text", "YES"),
    "search_text": ("text", "YES"),
}


#: The most characters of each text; the fewest of those that may not be empty.
MOST = {
    "external_id": 200,
    "name": 1_000,
    "carrier": 100,
    "tracking_number": 200,
    "carrier_guide_number": 200,
    "shipping_address": 1_000,
    "shipping_city": 1_000,
    "shipping_department": 1_000,
    "email": 1_000,
    "stage_id": 1_000,
}
LEAST = {"external_id": 1, "tracking_number": 1, "carrier_guide_number": 1}


@pytest.fixture
def order(owner: Connection, workspace: UUID) -> str:
    return str(make_orders(owner, workspace, prepaid=False)[0])


def ask(method: str, path: str, workspace: UUID, body: object = None) -> Answer:
    answer = call(handler, method, path, body=body, workspace=workspace)
    assert answer.status == 200, answer.json
    return answer


def test_the_table_has_the_specified_columns_and_no_other(owner: Connection) -> None:
    """Fails for a migration without its line in the specification, and for a line without its migration."""
    found = owner.execute(
        "SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_name = 'orders'"
    )
    table = {name: (type_, nullable) for name, type_, nullable in found}
    types = {"bool": "boolean"}
    specified = {
        name: (types.get(kind.sql_type, kind.sql_type), "YES" if kind.initial is None else "NO")
        for name, kind in COLUMNS.items()
    }
    assert table == specified | OWN


def test_changes_are_told_in_the_order_of_the_columns() -> None:
    assert list(IMPORTABLE) == [name for name in COLUMNS if name in IMPORTABLE]
    assert set(COLUMNS) - set(IMPORTABLE) == {"contact_id", "tracking_number", "carrier_guide_number"}
    places = [list(COLUMNS).index(name) for name in ("contact_id", "name", "tracking_number", "carrier_guide_number")]
    assert places == sorted(places)
    assert list(COLUMNS).index("carrier_guide_number") + 1 == list(COLUMNS).index("shipping_address")


@pytest.mark.usefixtures("database", "bus")
@pytest.mark.parametrize("name", IMPORTABLE)
def test_each_importable_column_is_imported_and_shown(name: str, order: str, workspace: UUID) -> None:
    value = SAMPLES[type(IMPORTABLE[name])]
    body = {"orders": [{"id": order, to_camel(name): value}]}
    assert ask("GET", f"/orders/{order}", workspace).json[to_camel(name)] != value
    ask("POST", "/orders", workspace, body)
    assert ask("GET", f"/orders/{order}", workspace).json[to_camel(name)] == value


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", COLUMNS)
def test_each_column_is_changed_told_and_cleared(
    name: str, order: str, owner: Connection, workspace: UUID, bus: Bus
) -> None:
    kind, path = COLUMNS[name], f"/orders/{order}"
    if isinstance(kind, columns.Id):
        make_orders(owner, workspace)
        [(value,)] = owner.execute(
            "SELECT contact_id::text FROM orders WHERE workspace_id = %s AND id <> %s", [workspace, order]
        ).fetchall()
    else:
        value = SAMPLES[type(kind)]
    assert ask("PATCH", path, workspace, {to_camel(name): value}).json[to_camel(name)] == value
    empty: object = False if isinstance(kind, columns.YesOrNo) else None
    cleared = ask("PATCH", path, workspace, {to_camel(name): empty}).json[to_camel(name)]
    assert cleared == kind.initial
    told = [
        (event["fieldName"], event["newValue"]) for event in events_of(owner, workspace, "automation/field.changed")
    ]
    assert told == [(name, value), (name, cleared)]
    assert bus.received("automation/field.changed")


def test_each_text_has_its_bounds(ctx: DomainContext, order: str) -> None:
    assert MOST.keys() == {name for name, kind in COLUMNS.items() if isinstance(kind, columns.Text)}
    for name, most in MOST.items():
        longest: dict[str, Any] = {name: "ñ" * most}
        assert (
            getattr(data_of(update_order(ctx, UpdateOrderParams(order_id=UUID(order), **longest))), name) == "ñ" * most
        )
        least = LEAST.get(name, 0)
        for length in {least - 1, most + 1} - {-1}:
            wrong: dict[str, Any] = {name: "ñ" * length}
            refused = failure_of(
                update_order(ctx, UpdateOrderParams(order_id=UUID(order), **wrong)), "INVALID", "invalid_text"
            )
            assert refused.error == f"{name} must have {least} to {most} characters; it has {length}."


def test_custom_fields_have_fifty_thousand_bytes(ctx: DomainContext, order: str) -> None:
    largest = {"x": "y" * (50_000 - len('{"x": ""}'))}
    changed = update_order(ctx, UpdateOrderParams(order_id=UUID(order), custom_fields=largest))
    assert data_of(changed).custom_fields == largest
    larger = UpdateOrderParams(order_id=UUID(order), custom_fields={"x": largest["x"] + "y"})
    said = "custom_fields has 50001 bytes; at most 50000 are allowed."
    assert failure_of(update_order(ctx, larger), "INVALID", "invalid_value").error == said
