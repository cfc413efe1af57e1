"""The portal as a person sees it: the account's orders, and a search for a reference."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Where it is; the orders alone, for programs, are below it.
PORTAL_PATH: Final = "/portal"
_COLUMNS: Final[Mapping[str, str]] = {
    "numero": "Pedido",
    "guia": "Guía",
    "referencia": "Referencia",
    "nombres": "Nombres",
    "apellidos": "Apellidos",
    "ciudad": "Ciudad",
    "direccion": "Dirección",
    "estado": "Estado",
    "createdAt": "Creado",
}


def portal_page(pedidos: Sequence[Mapping[str, object]], referencia: str) -> str:
    """Return the page that lists these orders, with what was searched in its field."""
    heads = "".join(f"<th>{name}</th>" for name in _COLUMNS.values())
    rows = "".join(f"<tr>{''.join(map(_cell, (each.get(key) for key in _COLUMNS)))}</tr>" for each in pedidos)
    found = f"<table><tr>{heads}</tr>{rows}</table>" if pedidos else "<p>No hay pedidos con esa referencia.</p>"
    return _PAGE.format(searched=escape(referencia, quote=True), found=found)


def _cell(value: object) -> str:
    return f"<td>{escape('' if value is None else str(value))}</td>"


_PAGE: Final = """<!doctype html>
<html lang="es"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Portal simulado</title>
<style>
body {{ font-family: sans-serif; margin: 1rem }}
td, th {{ padding: .2rem .6rem; text-align: left }}
</style></head>
<body><h1>Pedidos (portal simulado)</h1>
<form><label>Referencia <input name="referencia" value="{searched}"></label> <button>Buscar</button></form>
{found}</body></html>
"""
