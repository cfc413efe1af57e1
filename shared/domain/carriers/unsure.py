"""What the words of a carrier's robot prove of a shipment: that nothing was made, or nothing at all."""

import re
import unicodedata
from functools import cache

from shared.domain.carriers.registry import COORDINADORA

#: By carrier: words with which a robot reports an error of type `validation` or `portal` although it may have lost
#: sight of the portal, perhaps after the form was saved. Looked for anywhere in the text, without case and accents, any
#: number for a number.
#: Source: the words of the robots for Coordinadora's portal, and of the browser that they drive.
UNSURE_WORDS: dict[str, tuple[str, ...]] = {
    COORDINADORA: (
        # After the form was saved.
        "Timeout esperando respuesta del portal",
        "Respuesta desconocida del portal",
        "Error desconocido del portal",
        "Error fatal en el procesamiento del batch",
        # A popup without an icon is reported as an error, whatever it says.
        "cread",
        "exitos",
        "registrad",
        "guardad",
        # At any moment: the browser, the page or the connection is gone.
        "Timeout 30000ms exceeded",
        "has been closed",
        "Target closed",
        "crashed",
        "detached",
        "net::ERR_",
        "ECONNRESET",
        "socket hang up",
        "Protocol error",
        "Execution context was destroyed",
        "Navigation failed",
        "Error de conexión",
        "Browser not initialized",
        # Reported as `validation`, though another run may be at it.
        "Pedido ya en proceso",
    )
}
#: Only these types of an error can prove anything.
_PROVING = frozenset({"validation", "portal"})
_NUMBER = re.compile(r"\d+")


def proves_none(carrier: str, error_type: str, words: str | None) -> bool:
    """Tell whether a robot's error proves that no shipment was made; what is in doubt proves nothing."""
    if error_type not in _PROVING:
        return False
    said = _plain(words or "")
    return not any(unsure in said for unsure in _unsure(carrier))


@cache
def _unsure(carrier: str) -> tuple[str, ...]:
    return tuple(map(_plain, UNSURE_WORDS.get(carrier, ())))


def _plain(text: str) -> str:
    spelled = unicodedata.normalize("NFD", " ".join(text.casefold().split()))
    return _NUMBER.sub("0", "".join(each for each in spelled if not unicodedata.combining(each)))
