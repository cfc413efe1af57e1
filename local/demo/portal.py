"""The carrier's portal as a person reads it: by an order's reference, and nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from local.cli.errors import CommandError
from local.cli.settlements import Settlement
from local.demo.robot import ask

if TYPE_CHECKING:
    from uuid import UUID

    from local.cli.models import Item


class Pedido(BaseModel):
    """A shipment, as far as the demo reads the portal's list."""

    numero: str
    nombres: str
    apellidos: str
    ciudad: str
    estado: str

    def is_of(self, item: Item) -> bool:
        """Whether it is what was sent for this item, and stands."""
        recipient = f"{self.nombres} {self.apellidos}".strip()
        return self.estado == "activo" and (recipient, self.ciudad) == (item.recipient, item.city)


def search(robot_url: str, workspace: UUID, reference: str) -> list[Pedido]:
    """What the portal shows for a reference; the workspace stands for the account that is signed in.

    Raises:
        CommandError: the portal does not answer as it should.
    """
    url = f"{robot_url}/portal/pedidos"
    answer = ask("GET", url, params={"workspaceId": str(workspace), "referencia": reference})
    try:
        return [Pedido.model_validate(each) for each in answer.json()["pedidos"]]
    except (ValueError, KeyError, ValidationError) as error:
        raise CommandError(f"The portal at {url} does not show a list of shipments.") from error


def judge(item: Item, found: list[Pedido]) -> Settlement:
    """What a person says of an item after the search for its reference.

    Raises:
        CommandError: what was found leaves a doubt.
    """
    if not found:
        return Settlement(item.id, "not shipped")
    if len(found) == 1 and found[0].is_of(item):
        return Settlement(item.id, "shipped", found[0].numero)
    numbers = ", ".join(pedido.numero for pedido in found)
    raise CommandError(f"The portal shows {numbers} for {item.reference}, and it is not clear which is the order's.")
