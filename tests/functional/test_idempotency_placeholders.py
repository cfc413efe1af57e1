"""Keys that a program sends where it has none: every caller would send the same one."""

import pytest
from psycopg import Connection

from shared.domain import CreateRobotJobParams, DomainContext, SubmitJobParams, create_robot_job, submit_job
from tests.factories import failure_of, make_carrier_config, make_orders


@pytest.mark.parametrize("key", ["undefined", "null", "None", "[object Object]", "-", " n/a "])
def test_a_placeholder_is_no_key(owner: Connection, ctx: DomainContext, key: str) -> None:
    """Naive: the first order that is sent with `undefined` uses the key up, and every later one is refused for it."""
    make_carrier_config(owner, ctx.workspace_id)
    order_ids = make_orders(owner, ctx.workspace_id)
    for refused in (
        create_robot_job(ctx, CreateRobotJobParams(order_ids, idempotency_key=key)),
        submit_job(ctx, SubmitJobParams(order_ids, idempotency_key=key)),
    ):
        assert "idempotency_key" in failure_of(refused, "INVALID", "invalid_text").error
