"""The carrier's portal: what was shipped, as a person sees it who looks there; it knows of no job and no item."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from local.robot.kept_lines import KeptLines

if TYPE_CHECKING:
    from pathlib import Path

    from local.robot.form import Form

#: Numbers look like the carrier's: eleven digits.
FIRST_NUMBER = 70_000_000_001
#: Guides are the carrier's other numbers.
_FIRST_GUIDE = 53_180_000_001


class Pedido(BaseModel):
    """One shipment in the portal's list."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)

    #: Whose account it is in; a person sees the account's own alone.
    workspace_id: str
    numero: str
    referencia: str
    identificacion: str
    nombres: str
    apellidos: str
    direccion: str
    ciudad: str
    celular: str
    unidades: int
    total_con_iva: float
    valor_declarado: float
    es_recaudo_contraentrega: bool
    created_at: datetime
    anulado_at: datetime | None = None

    def guide(self, after_s: float) -> str | None:
        """The guide, so many seconds after the shipment was made; none comes for what was voided before."""
        comes_at = self.created_at + timedelta(seconds=after_s)
        if comes_at > (self.anulado_at or datetime.now(UTC)):
            return None
        return str(_FIRST_GUIDE + int(self.numero) - FIRST_NUMBER)

    def shown(self, guide_after_s: float) -> dict[str, object]:
        """What a person reads of it."""
        words = self.model_dump(mode="json", by_alias=True, exclude={"workspace_id"})
        return words | {"estado": "anulado" if self.anulado_at else "activo", "guia": self.guide(guide_after_s)}


class Portal:
    """Every shipment of every account; safe to use from several threads."""

    def __init__(self, file: Path | None = None, taken: int = 0) -> None:
        """Continue the portal in the file, or keep it in memory alone; the first numbers may be taken already.

        Raises:
            UnreadableFileError: naming the line that is no pedido.
        """
        self._lines = KeptLines(file, Pedido, "pedido")
        self._lock = threading.Lock()
        # A pedido that was voided stands there twice: the later line counts.
        self._pedidos = {pedido.numero: pedido for pedido in self._lines.read()}
        self._next = max([FIRST_NUMBER + taken, *(int(numero) + 1 for numero in self._pedidos)])

    def save(self, workspace_id: str, form: Form) -> Pedido:
        """Make one shipment of what the form says, under a number that no other has."""
        with self._lock:
            pedido = Pedido(
                workspace_id=workspace_id,
                numero=str(self._next),
                identificacion=form.typed_identificacion,
                created_at=datetime.now(UTC),
                **form.model_dump(include=_TYPED),
            )
            self._keep(pedido)
            self._next += 1
        return pedido

    def pedidos(self, workspace_id: str | None = None, referencia: str | None = None) -> list[Pedido]:
        """The pedidos of an account, of a reference, or all; newest first, as the portal lists them."""
        wanted = None if referencia is None else _comparable(referencia)
        with self._lock:
            return [
                pedido
                for pedido in reversed(self._pedidos.values())
                if workspace_id in (None, pedido.workspace_id) and wanted in (None, _comparable(pedido.referencia))
            ]

    def void(self, numero: str) -> Pedido | None:
        """Void a shipment, once; None where there is none of this number."""
        with self._lock:
            pedido = self._pedidos.get(numero)
            if pedido is not None and pedido.anulado_at is None:
                pedido = pedido.model_copy(update={"anulado_at": datetime.now(UTC)})
                self._keep(pedido)
        return pedido

    def _keep(self, pedido: Pedido) -> None:
        self._lines.write(pedido)
        self._pedidos[pedido.numero] = pedido


_TYPED = set(Pedido.model_fields) - {"workspace_id", "numero", "identificacion", "created_at", "anulado_at"}


def _comparable(referencia: str) -> str:
    return referencia.strip().casefold()
