"""An order that can be shipped, as `POST /orders` takes it; for everything that needs many of them."""

from typing import Any

from shared.domain.ids import uuid7


def sample_order(number: int, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever JSON holds
    """Return an order with an id of its own, and with these fields instead of its own ones."""
    return {
        "id": str(uuid7()),
        "name": f"P-{number}",
        "totalValue": 90000,
        "prepaid": True,
        "shippingAddress": f"Calle {number} # 10-20",
        "shippingCity": "Medellín",
        "shippingDepartment": "Antioquia",
        "contact": {"name": "Luz Marina Ospina", "phone": "3004567890", "identification": "43567890"},
    } | fields
