"""The statements name their workspace themselves: as a role that row-level security does not bind, nothing leaks."""

from dataclasses import replace
from uuid import UUID

import pytest
from psycopg import Connection

from local.stack.postgres import Postgres
from shared.domain import (
    ContactParams,
    DomainContext,
    ImportOrder,
    ImportOrdersParams,
    SubmitJobParams,
    UpdateOrderParams,
    UpsertCarrierConfigParams,
    UpsertClientActivationParams,
    backfill_clients,
    check_orders,
    get_carrier_config,
    get_carrier_credentials,
    get_client_activation,
    get_order,
    import_orders,
    submit_job,
    update_order,
    upsert_carrier_config,
    upsert_client_activation,
)
from shared.domain.ids import uuid7
from tests.factories import data_of, failure_of, make_carrier_config, make_orders


@pytest.fixture
def unbound(database: str, postgres: Postgres, workspace: UUID, monkeypatch: pytest.MonkeyPatch) -> DomainContext:
    """Let the program connect as a superuser, who sees every row that a statement does not leave out."""
    monkeypatch.setenv("DATABASE_URL", postgres.url(database))
    return DomainContext(workspace, "test")


@pytest.fixture
def other() -> DomainContext:
    return DomainContext(uuid7(), "test")


def test_orders_of_another_workspace_are_not_found(
    unbound: DomainContext, other: DomainContext, owner: Connection
) -> None:
    [theirs] = make_orders(owner, other.workspace_id)
    failure_of(get_order(unbound, theirs), "NOT_FOUND", "order_not_found")
    failure_of(update_order(unbound, UpdateOrderParams(theirs, name="mine")), "NOT_FOUND", "order_not_found")
    failure_of(import_orders(unbound, ImportOrdersParams([ImportOrder(theirs)])), "INVALID", "order_ids_taken")
    make_carrier_config(owner, unbound.workspace_id)
    failure_of(submit_job(unbound, SubmitJobParams([theirs])), "NOT_FOUND", "orders_not_found")


def test_orders_of_another_workspace_are_nothing_that_a_new_one_looks_like(
    unbound: DomainContext, other: DomainContext, owner: Connection
) -> None:
    """Naive: a shop is told the number and the day of another shop's parcel."""
    [theirs] = make_orders(owner, other.workspace_id, name="Z-77", tracking_number="T-77")
    contact = ContactParams("Luz Marina Ospina", phone="3004567890")
    alike = [
        ImportOrder(uuid7(), name="Z-77"),
        ImportOrder(uuid7(), name="A-1", shipping_address="Calle 10 # 43-12", contact=contact),
        ImportOrder(theirs, name="A-2"),
    ]
    check = ImportOrdersParams(alike)
    assert len(data_of(check_orders(replace(unbound, workspace_id=other.workspace_id), check)).lookalikes) == 2
    found = data_of(check_orders(unbound, check))
    assert (found.new, found.changes, found.lookalikes) == (3, [], [])
    # Nor do they take the places of those that are looked at.
    make_orders(owner, unbound.workspace_id, tracking_number="T-1")
    owner.execute(
        "INSERT INTO orders (id, workspace_id, shipping_address, created_at)"
        " SELECT gen_random_uuid(), %s, 'Calle 10 # 43-12', now() + interval '1 hour' FROM generate_series(1, 200)",
        [other.workspace_id],
    )
    assert [each.tracking_number for each in data_of(check_orders(unbound, check)).lookalikes] == ["T-1"]


def test_contacts_of_another_workspace_are_neither_named_nor_written(
    unbound: DomainContext, other: DomainContext, owner: Connection
) -> None:
    [theirs] = make_orders(owner, other.workspace_id)
    [mine] = make_orders(owner, unbound.workspace_id)
    contact = data_of(get_order(other, theirs)).contact
    assert contact
    failure_of(update_order(unbound, UpdateOrderParams(mine, contact_id=contact.id)), "INVALID", "contact_not_found")
    written = UpdateOrderParams(mine, contact=ContactParams("Mine", id=contact.id))
    failure_of(update_order(unbound, written), "INVALID", "contact_ids_taken")
    assert data_of(get_order(other, theirs)).contact == contact


def test_a_configuration_of_another_workspace_is_neither_read_nor_changed(
    unbound: DomainContext, other: DomainContext, owner: Connection
) -> None:
    make_carrier_config(owner, other.workspace_id)
    failure_of(get_carrier_config(unbound, "coordinadora"), "NOT_FOUND", "carrier_config_not_found")
    failure_of(get_carrier_credentials(unbound, "coordinadora"), "INVALID", "carrier_not_configured")
    data_of(upsert_carrier_config(unbound, UpsertCarrierConfigParams(portal_username="mine")))
    assert data_of(get_carrier_config(other, "coordinadora")).portal_username == "tienda"


def test_activation_is_each_workspaces_own(unbound: DomainContext, other: DomainContext, owner: Connection) -> None:
    [theirs] = make_orders(owner, other.workspace_id, stage_id="won")
    [mine] = make_orders(owner, unbound.workspace_id)
    rule = UpsertClientActivationParams(is_enabled=True, activation_stage_ids=["won"])
    data_of(upsert_client_activation(unbound, rule))
    assert not data_of(get_client_activation(other)).is_enabled
    assert data_of(backfill_clients(unbound)).marked_count == 0
    data_of(upsert_client_activation(other, UpsertClientActivationParams(is_enabled=True, all_are_clients=True)))
    assert data_of(backfill_clients(unbound)).marked_count == 0
    data_of(upsert_client_activation(other, UpsertClientActivationParams(is_enabled=False)))
    data_of(update_order(other, UpdateOrderParams(theirs, stage_id="lost")))
    data_of(update_order(other, UpdateOrderParams(theirs, stage_id="won")))
    contacts = [data_of(get_order(other, theirs)).contact, data_of(get_order(unbound, mine)).contact]
    assert [contact.is_client for contact in contacts if contact] == [False, False]


def test_a_key_of_another_workspace_stops_nobody(
    unbound: DomainContext, other: DomainContext, owner: Connection
) -> None:
    for ctx in (unbound, other):
        make_carrier_config(owner, ctx.workspace_id)
        order_ids = make_orders(owner, ctx.workspace_id)
        made = data_of(submit_job(ctx, SubmitJobParams(order_ids, idempotency_key="k")))
        assert made.item_count == 1
