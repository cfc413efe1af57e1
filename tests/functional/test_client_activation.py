"""Client activation: who counts as a client, from now on and by backfill."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from shared.domain import (
    ContactParams,
    DomainContext,
    ImportOrder,
    ImportOrdersParams,
    UpdateOrderParams,
    UpsertClientActivationParams,
    backfill_clients,
    get_client_activation,
    get_order,
    import_orders,
    update_order,
    upsert_client_activation,
)
from shared.domain.ids import uuid7
from tests.factories import data_of, make_orders
from tests.racing import Pause, results, two_racers
from tests.statements import statements_of


def activate(ctx: DomainContext, **params: Any) -> None:
    data_of(upsert_client_activation(ctx, UpsertClientActivationParams(is_enabled=True, **params)))


def is_client(ctx: DomainContext, order_id: UUID) -> bool:
    contact = data_of(get_order(ctx, order_id)).contact
    assert contact
    return contact.is_client


def test_without_a_rule_activation_is_disabled(ctx: DomainContext) -> None:
    activation = data_of(get_client_activation(ctx))
    assert (activation.is_enabled, activation.all_are_clients, list(activation.activation_stage_ids)) == (
        False,
        False,
        [],
    )


def test_what_is_left_out_is_kept(ctx: DomainContext) -> None:
    activate(ctx, activation_stage_ids=["won", "paid", "won"])
    first = data_of(get_client_activation(ctx))
    data_of(upsert_client_activation(ctx, UpsertClientActivationParams(all_are_clients=True)))
    activation = data_of(get_client_activation(ctx))
    assert first.updated_at
    assert activation.updated_at
    assert (activation.created_at, activation.updated_at > first.updated_at) == (first.created_at, True)
    assert (activation.is_enabled, activation.all_are_clients, activation.activation_stage_ids) == (
        True,
        True,
        ["won", "paid"],
    )
    data_of(upsert_client_activation(ctx, UpsertClientActivationParams(activation_stage_ids=[])))
    assert data_of(get_client_activation(ctx)).activation_stage_ids == []


def test_as_many_stages_as_a_rule_may_have_are_kept_in_their_order(ctx: DomainContext) -> None:
    stages = [f"{number}-{'x' * 996}" for number in range(100, 300)]
    activate(ctx, activation_stage_ids=stages)
    assert data_of(get_client_activation(ctx)).activation_stage_ids == stages


def test_backfill_marks_the_contacts_of_orders_in_an_activation_stage_and_counts_them(
    ctx: DomainContext, owner: Connection, workspace: UUID
) -> None:
    won = make_orders(owner, workspace, 3, stage_id="won")
    [lost] = make_orders(owner, workspace, stage_id="lost")
    activate(ctx, activation_stage_ids=["won"])
    assert data_of(backfill_clients(ctx)).marked_count == 1
    assert (is_client(ctx, won[0]), is_client(ctx, lost)) == (True, False)
    contacts = "SELECT is_client, updated_at > created_at FROM contacts WHERE workspace_id = %s ORDER BY is_client"
    assert owner.execute(contacts, [workspace]).fetchall() == [(False, False), (True, True)]
    assert data_of(backfill_clients(ctx)).marked_count == 0


def test_backfill_marks_every_contact_where_all_are_clients(
    ctx: DomainContext, owner: Connection, workspace: UUID
) -> None:
    orders = [make_orders(owner, workspace)[0] for _ in range(2)]
    activate(ctx, all_are_clients=True)
    assert data_of(backfill_clients(ctx)).marked_count == 2
    assert all(is_client(ctx, order_id) for order_id in orders)


def test_backfill_marks_nobody_where_activation_is_disabled(
    ctx: DomainContext, owner: Connection, workspace: UUID
) -> None:
    [order_id] = make_orders(owner, workspace, stage_id="won")
    params = UpsertClientActivationParams(is_enabled=False, all_are_clients=True, activation_stage_ids=["won"])
    data_of(upsert_client_activation(ctx, params))
    assert data_of(backfill_clients(ctx)).marked_count == 0
    assert not is_client(ctx, order_id)


def test_backfill_leaves_other_workspaces_alone(ctx: DomainContext, owner: Connection) -> None:
    other = DomainContext(uuid7(), "test")
    [theirs] = make_orders(owner, other.workspace_id)
    activate(other, activation_stage_ids=["won"])
    activate(ctx, all_are_clients=True)
    assert data_of(backfill_clients(ctx)).marked_count == 0
    assert not is_client(other, theirs)


def test_an_order_that_reaches_an_activation_stage_makes_its_contact_a_client_for_good(
    ctx: DomainContext, owner: Connection, workspace: UUID
) -> None:
    [order_id] = make_orders(owner, workspace)
    activate(ctx, activation_stage_ids=["won"])
    data_of(update_order(ctx, UpdateOrderParams(order_id, stage_id="open")))
    assert not is_client(ctx, order_id)
    data_of(update_order(ctx, UpdateOrderParams(order_id, stage_id="won")))
    assert is_client(ctx, order_id)
    data_of(update_order(ctx, UpdateOrderParams(order_id, stage_id="open")))
    assert is_client(ctx, order_id)


def test_a_rule_that_is_disabled_makes_nobody_a_client(ctx: DomainContext, owner: Connection, workspace: UUID) -> None:
    [order_id] = make_orders(owner, workspace)
    activate(ctx, activation_stage_ids=["won"], all_are_clients=True)
    data_of(upsert_client_activation(ctx, UpsertClientActivationParams(is_enabled=False)))
    data_of(update_order(ctx, UpdateOrderParams(order_id, stage_id="won")))
    assert not is_client(ctx, order_id)


def test_imported_orders_make_clients_too(ctx: DomainContext) -> None:
    activate(ctx, activation_stage_ids=["won"])
    stages = {uuid7(): stage for stage in ("won", "open", None)}
    orders = [ImportOrder(id_, stage_id=stage, contact=ContactParams("Ana")) for id_, stage in stages.items()]
    data_of(import_orders(ctx, ImportOrdersParams(orders)))
    assert [is_client(ctx, id_) for id_ in stages] == [True, False, False]


def marked(ctx: DomainContext, _order_id: UUID) -> int:
    return data_of(backfill_clients(ctx)).marked_count


def marked_by_import(ctx: DomainContext, order_id: UUID) -> int:
    data_of(import_orders(ctx, ImportOrdersParams([ImportOrder(order_id, stage_id="won")])))
    return 0


@pytest.mark.parametrize("other", [marked, marked_by_import])
def test_of_two_who_mark_a_client_at_once_one_does(
    ctx: DomainContext, owner: Connection, workspace: UUID, other: Callable[[DomainContext, UUID], int]
) -> None:
    """Naive: both find it unmarked, so that both count it, and it is changed once more than anything happened."""
    [order_id] = make_orders(owner, workspace)
    activate(ctx, all_are_clients=True)
    pause = Pause(workspace)
    with two_racers(owner) as (first, second):
        one = first.start(pause.run, marked, ctx, order_id)
        pause.until_worked()
        [(moment,)] = owner.execute("SELECT clock_timestamp()").fetchall()
        two = second.start_blocked(other, ctx, order_id)
        pause.commit()
        assert (results(one), results(two)) == ([1], [0])
    contact = owner.execute(
        "SELECT is_client, updated_at < %s FROM contacts WHERE workspace_id = %s", [moment, workspace]
    )
    assert contact.fetchall() == [(True, True)]


def test_backfill_is_one_statement_beside_the_workspaces_setting(ctx: DomainContext) -> None:
    activate(ctx, all_are_clients=True)
    assert statements_of(backfill_clients, ctx) == 2


@pytest.mark.parametrize(
    ("params", "said"),
    [
        (None, "The rule must be UpsertClientActivationParams."),
        ({"is_enabled": "yes"}, "is_enabled must be true or false."),
        ({"all_are_clients": 1}, "all_are_clients must be true or false."),
        ({"activation_stage_ids": "won"}, "activation_stage_ids must be a list of at most 200 stage ids."),
        ({"activation_stage_ids": ["x"] * 201}, "activation_stage_ids must be a list of at most 200 stage ids."),
        ({"activation_stage_ids": [""]}, "Each stage id must have 1 to 1000 characters; it has 0."),
        ({"activation_stage_ids": ["x" * 1_001]}, "Each stage id must have 1 to 1000 characters; it has 1001."),
        ({"activation_stage_ids": [7]}, "Each stage id must be a text."),
        ({"activation_stage_ids": ["a\0"]}, "Each stage id holds a character that "),
    ],
)
def test_a_value_that_can_t_be_one_is_refused_and_nothing_is_written(
    ctx: DomainContext, params: dict[str, Any] | None, said: str
) -> None:
    refused = upsert_client_activation(ctx, UpsertClientActivationParams(**params) if params else None)  # type: ignore[arg-type] # callers hand in anything
    assert not refused.success
    assert (refused.code, refused.error[-1]) == ("INVALID", ".")
    assert refused.error.startswith(said)
    assert data_of(get_client_activation(ctx)).created_at is None
