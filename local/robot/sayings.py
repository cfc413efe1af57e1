"""What robots say, to the letter: their words are all that tells a refusal from a shipment that may exist.

Where one of several is said, the first is what a fault that was forced says.
"""

from __future__ import annotations

from typing import Final

BUSY: Final = {
    "shipment": "Ya hay un batch en proceso para este workspace",
    "guide_lookup": "Ya hay una operación en proceso para este workspace",
}
LOGIN_FAILED: Final = "Login fallido en el portal de Coordinadora"
IN_WORK: Final = "Pedido ya en proceso"
NO_ANSWER: Final = "Timeout esperando respuesta del portal"
FATAL: Final = {
    "shipment": "Error fatal en el procesamiento del batch",
    "guide_lookup": "Error fatal en la búsqueda de guías",
}
#: Popups without an icon, which a robot takes for errors, and what it says of one that it can't read.
POPUPS: Final = (
    "Pedido creado",
    "Pedido creado exitosamente",
    "Pedido registrado",
    "Datos guardados correctamente",
    "Respuesta desconocida del portal",
    "Error desconocido del portal",
)
#: The portal's own refusals: nothing was made.
REFUSALS: Final = (
    "El valor declarado no es válido para este servicio",
    "La ciudad de destino no tiene recaudo contra entrega",
    "La identificación del destinatario no es válida",
    "No hay cupo para recaudo contra entrega",
)
BAD_ADDRESS: Final = "La dirección del destinatario no es válida"
#: Playwright's, whatever the robot was doing.
EXCEPTIONS: Final = (
    "page.goto: Timeout 30000ms exceeded.",
    "page.waitForSelector: Timeout 15000ms exceeded.",
    "page.click: Target closed",
    "page.fill: Target page, context or browser has been closed",
    "page.evaluate: Execution context was destroyed, most likely because of a navigation",
    "page.goto: net::ERR_CONNECTION_RESET at https://ff.coordinadora.com/panel/agregar_pedidos/coordinadora",
    "page.goto: net::ERR_INTERNET_DISCONNECTED at https://ff.coordinadora.com/panel/agregar_pedidos/coordinadora",
    "page.goto: Navigation failed because page crashed!",
    "page.waitForTimeout: Page crashed",
    "Protocol error (Runtime.callFunctionOn): Session closed",
    "locator.click: Frame was detached",
    "read ECONNRESET",
    "socket hang up",
)
