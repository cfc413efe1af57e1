"""Rows that tests begin with, written past the program as the owner."""

from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Jsonb

from shared.domain import CreatedJob, CreateRobotJobParams, DomainContext, create_robot_job
from shared.domain.ids import uuid7s


def make_orders(owner: Connection, workspace_id: UUID, count: int = 1, **columns: Any) -> list[UUID]:
    """Insert orders that can be shipped to Medellín, and return their ids."""
    ids = uuid7s(count)
    contact_id = uuid7s(1)[0]
    owner.execute(
        "INSERT INTO contacts (id, workspace_id, name, phone, identification) "
        "VALUES (%s, %s, 'Luz Marina Ospina', '3004567890', '43567890')",
        [contact_id, workspace_id],
    )
    row = {
        "contact_id": contact_id,
        "name": "Pedido",
        "total_value": 85000,
        "prepaid": True,
        "carrier": None,
        "tracking_number": None,
        "shipping_address": "Calle 10 # 43-12",
        "shipping_city": "Medellín",
        "shipping_department": "Antioquia",
        "email": "luz@example.com",
        "stage_id": None,
        "custom_fields": Jsonb({}),
    } | columns
    with owner.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO orders (id, workspace_id, contact_id, name, total_value, prepaid, carrier, tracking_number,"
            " shipping_address, shipping_city, shipping_department, email, stage_id, custom_fields) "
            "VALUES (%(id)s, %(workspace_id)s, %(contact_id)s, %(name)s, %(total_value)s, %(prepaid)s, %(carrier)s,"
            " %(tracking_number)s, %(shipping_address)s, %(shipping_city)s, %(shipping_department)s, %(email)s,"
            " %(stage_id)s, %(custom_fields)s)",
            [row | {"id": id_, "workspace_id": workspace_id} for id_ in ids],
        )
    return ids


def make_carrier_config(owner: Connection, workspace_id: UUID, **columns: Any) -> None:
    """Insert a complete configuration of Coordinadora."""
    row = {
        "portal_username": "tienda",
        "portal_password_sealed": "c2VhbGVk",
        "robot_url": "https://robot.example.com",
        "is_enabled": True,
    } | columns
    owner.execute(
        "INSERT INTO carrier_configs (workspace_id, carrier, portal_username, portal_password_sealed, robot_url,"
        " is_enabled) VALUES (%(workspace_id)s, 'coordinadora', %(portal_username)s, %(portal_password_sealed)s,"
        " %(robot_url)s, %(is_enabled)s)",
        row | {"workspace_id": workspace_id},
    )


def make_job(owner: Connection, ctx: DomainContext, items: int = 1, **params: Any) -> CreatedJob:
    """Create a job of new orders through the domain."""
    order_ids = make_orders(owner, ctx.workspace_id, items)
    result = create_robot_job(ctx, CreateRobotJobParams(order_ids=order_ids, **params))
    assert result.success, result
    return result.data


def events_of(owner: Connection, workspace_id: UUID, detail_type: str) -> list[dict[str, Any]]:
    """Return the details of the workspace's events of a type, in the order of the outbox."""
    rows = owner.execute(
        "SELECT detail FROM outbox WHERE workspace_id = %s AND detail_type = %s ORDER BY id",
        [workspace_id, detail_type],
    )
    return [detail for (detail,) in rows]
