"""Whoever calls a domain function may hand in anything: a value of another kind is refused, and nothing is written."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from shared.domain import (
    DomainContext,
    DomainResult,
    ImportOrder,
    ImportOrdersParams,
    SettleItemsParams,
    Settlement,
    SubmitJobParams,
    SubmitRefsParams,
    UpsertCarrierConfigParams,
    ValidateCitiesParams,
    get_client_activation,
    import_coverage,
    import_orders,
    look_up_guides,
    settle_items,
    submit_job,
    submit_refs,
    update_job_item_result,
    update_order,
    upsert_carrier_config,
    upsert_client_activation,
    validate_cities,
    validate_city,
)
from tests.factories import data_of, failure_of, make_orders, rows_of

SOME_ID = UUID("0198c0de-0000-7000-8000-000000000001")
#: What has every field of any of them, and is none.
LOOKALIKE = SimpleNamespace(
    city="Cali", department="Valle", order_id=None, carrier="coordinadora", cities=[], csv_text="", orders=[],
    order_ids=[SOME_ID], idempotency_key=None, allow_reshipment=False, id=SOME_ID, item_id=SOME_ID, status="success",
    dispatch=None,
)  # fmt: skip
OTHERS: list[Any] = [None, "Cali", 7, [], {}, {"city": "Cali", "department": "Valle"}, LOOKALIKE, SOME_ID]
Call = Callable[[DomainContext, Any], DomainResult[Any]]
CALLS: dict[str, Call] = {
    "submit_job": submit_job,
    "submit_refs": submit_refs,
    "look_up_guides": look_up_guides,
    "validate_city": validate_city,
    "validate_cities": validate_cities,
    "import_coverage": import_coverage,
    "update_order": update_order,
    "import_orders": import_orders,
    "upsert_carrier_config": upsert_carrier_config,
    "upsert_client_activation": upsert_client_activation,
    "update_job_item_result": update_job_item_result,
}
#: Where nothing, or an empty one, would be right.
WRONG: Any = "x"
#: Right themselves, of parts that are not.
PARTS: dict[str, Call] = {
    "cities": lambda ctx, value: validate_cities(ctx, ValidateCitiesParams([value])),
    "a list of cities": lambda ctx, value: validate_cities(ctx, ValidateCitiesParams(value or WRONG)),
    "orders": lambda ctx, value: import_orders(ctx, ImportOrdersParams([value])),
    "a list of orders": lambda ctx, value: import_orders(ctx, ImportOrdersParams(value or WRONG)),
    "one order of several": lambda ctx, value: import_orders(ctx, ImportOrdersParams([ImportOrder(SOME_ID), value])),
    "settlements": lambda ctx, value: settle_items(ctx, SettleItemsParams(SOME_ID, [value])),
    "a list of settlements": lambda ctx, value: settle_items(ctx, SettleItemsParams(SOME_ID, value or WRONG)),
    "one settlement of several": lambda ctx, value: settle_items(
        ctx, SettleItemsParams(SOME_ID, [Settlement(SOME_ID, shipped=False), value])
    ),
    "contact": lambda ctx, value: import_orders(
        ctx, ImportOrdersParams([ImportOrder(SOME_ID, contact=value or WRONG)])
    ),
    "is_enabled": lambda ctx, value: upsert_carrier_config(
        ctx, UpsertCarrierConfigParams("coordinadora", is_enabled=value or WRONG)
    ),
    "shipment_defaults": lambda ctx, value: upsert_carrier_config(
        ctx, UpsertCarrierConfigParams("coordinadora", shipment_defaults=value or WRONG)
    ),
    "a job of references": lambda ctx, value: submit_refs(ctx, SubmitRefsParams(["A-1"], value)),
    "allow_reshipment": lambda ctx, value: submit_job(ctx, SubmitJobParams([SOME_ID], allow_reshipment=value)),
}


@pytest.mark.parametrize("value", OTHERS, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("name", CALLS)
def test_parameters_of_another_kind_are_refused(
    ctx: DomainContext, owner: Connection, workspace: UUID, name: str, value: Any
) -> None:
    """Naive: the first attribute that is missing is an error of ours, 500 and a page to somebody at night."""
    make_orders(owner, workspace)
    before = rows_of(owner, workspace)
    failure = failure_of(CALLS[name](ctx, value), "INVALID", "invalid_value")
    assert "must be" in failure.error
    assert rows_of(owner, workspace) == before
    assert data_of(get_client_activation(ctx)).is_enabled is False


@pytest.mark.parametrize("value", OTHERS, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("name", PARTS)
def test_a_part_of_another_kind_is_refused(ctx: DomainContext, name: str, value: Any) -> None:
    failure_of(PARTS[name](ctx, value), "INVALID", "invalid_value")
