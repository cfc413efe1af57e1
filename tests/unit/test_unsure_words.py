"""What a robot's words prove of a shipment: each word of the carrier's table, as robots say it."""

from dataclasses import replace

import pytest

from shared.carriers.coordinadora.words import UNSURE_WORDS
from shared.carriers.registry import CARRIERS, DEFAULT_CARRIER
from shared.domain.carriers.unsure import proves_none
from shared.words import ERROR_TYPES

#: By word of the table: what a robot says, with other numbers, in another case, without its accents or within more.
SAID = {
    "Timeout esperando respuesta del portal": (
        "Timeout esperando respuesta del portal",
        "TIMEOUT ESPERANDO RESPUESTA DEL PORTAL (pedido 1043)",
        "timeout  esperando\nrespuesta del portal",
    ),
    "Respuesta desconocida del portal": ("Respuesta desconocida del portal: <div class='swal2'>",),
    "Error desconocido del portal": ("error desconocido del portal",),
    "Error fatal en el procesamiento del batch": ("Error fatal en el procesamiento del batch: page is undefined",),
    "cread": ("Pedido creado", "¡PEDIDO CREADO!", "La guía 56012345678 fue creada"),
    "exitos": ("Registro exitoso", "Se guardó ÉXITOSAMENTE", "Éxitos: 1"),
    "registrad": ("Pedido registrado con número 4412", "GUÍA REGISTRADA"),
    "guardad": ("Datos guardados", "Guardado."),
    "Timeout 30000ms exceeded": (
        "page.click: Timeout 30000ms exceeded.",
        "locator.waitFor: timeout 15000ms exceeded",
        "Timeout 5ms exceeded",
    ),
    "has been closed": ("page.fill: Target page, context or browser has been closed",),
    "Target closed": ("Protocol timeout; target closed.",),
    "crashed": ("Page crashed!", "Navigation: the renderer CRASHED"),
    "detached": ("Frame was detached", "element is not attached: Detached from the DOM"),
    "net::ERR_": ("page.goto: net::ERR_CONNECTION_RESET at https://portal", "NET::ERR_TIMED_OUT"),
    "ECONNRESET": ("read ECONNRESET", "Error: read econnreset"),
    "socket hang up": ("Error: socket hang up", "Socket Hang Up"),
    "Protocol error": ("Protocol error (Runtime.callFunctionOn): session is gone",),
    "Execution context was destroyed": ("Execution context was destroyed, most likely because of a navigation",),
    "Navigation failed": ("Navigation failed because page was gone",),
    "Error de conexión": ("Error de conexión", "ERROR DE CONEXION con el portal", "Error de conexio\u0301n"),
    "Browser not initialized": ("Browser not initialized", "Error: browser not initialized. Call init() first"),
    "Pedido ya en proceso": ("Pedido ya en proceso", "pedido ya en proceso por otro lote (2)"),
}
ROWS = [(word, said) for word, each in SAID.items() for said in each]


def test_every_word_of_the_table_has_its_row() -> None:
    assert set(SAID) == set(UNSURE_WORDS)


@pytest.mark.parametrize("error_type", ["validation", "portal"])
@pytest.mark.parametrize(("word", "said"), ROWS, ids=[said for _, said in ROWS])
def test_words_that_lose_sight_of_the_portal_prove_nothing(word: str, said: str, error_type: str) -> None:
    """Naive: a failure after the form was saved looks like a refusal, and is retried."""
    assert not proves_none(DEFAULT_CARRIER, error_type, said), word


@pytest.mark.parametrize(("word", "said"), ROWS, ids=[said for _, said in ROWS])
def test_each_row_is_there_for_its_own_word(monkeypatch: pytest.MonkeyPatch, word: str, said: str) -> None:
    """Without the word, what was said would be a refusal: no other word of the table stands in for it."""
    without = tuple(each for each in UNSURE_WORDS if each != word)
    carrier = f"one without {word}"
    monkeypatch.setitem(CARRIERS, carrier, replace(CARRIERS[DEFAULT_CARRIER], unsure_words=without))
    assert proves_none(carrier, "portal", said)


@pytest.mark.parametrize("error_type", ["validation", "portal"])
@pytest.mark.parametrize(
    "said",
    [
        "Login fallido en el portal de Coordinadora",
        "LOGIN FALLIDO EN EL PORTAL DE COORDINADORA",
        "La dirección no es válida",
        "Ciudad no encontrada: MEDELLIN (ANT)",
        "El campo teléfono debe tener 10 dígitos",
        "Timeout",
        "",
        None,
    ],
)
def test_any_other_refusal_proves_that_nothing_was_made(said: str | None, error_type: str) -> None:
    assert proves_none(DEFAULT_CARRIER, error_type, said)


@pytest.mark.parametrize("error_type", sorted(set(ERROR_TYPES) - {"validation", "portal"}))
@pytest.mark.parametrize("said", ["Login fallido en el portal de Coordinadora", "", None])
def test_a_timeout_and_what_is_unknown_never_prove_anything(said: str | None, error_type: str) -> None:
    assert not proves_none(DEFAULT_CARRIER, error_type, said)


def test_the_types_that_prove_nothing_are_a_timeout_and_the_unknown() -> None:
    assert set(ERROR_TYPES) == {"validation", "portal", "timeout", "unknown"}


def test_the_words_of_one_carrier_are_not_those_of_another() -> None:
    assert proves_none("another", "portal", "Pedido creado")
