"""The operator's page: settings."""

from decimal import Decimal

import pytest

from shared.aws.passwords import open_password
from shared.domain import DomainContext, get_carrier_config, get_coverage_stats
from shared.robot import health
from tests.factories import data_of
from tests.functional.page_browser import Browser

FORM = {
    "username": "ana",
    "password": "clave-secreta",
    "robot_url": "https://robot.example.com",
    "wave_size": "10",
    "declared_value": "10.000",
    "weight_kg": "2,5",
}


@pytest.mark.usefixtures("kms_key", "database")
def test_what_is_saved_is_shown_but_for_the_password_and_saved_again_is_the_same(
    browser: Browser, ctx: DomainContext
) -> None:
    """Naive: a weight of 1.000 that the form shows is read back as a thousand kilograms."""
    saved = browser.post("/app/settings", FORM)
    assert "Guardado" in saved.plain
    assert "clave-secreta" not in saved.text
    config = data_of(get_carrier_config(ctx, "coordinadora"))
    assert (config.portal_username, config.wave_size, config.has_password) == ("ana", 10, True)
    assert (config.declared_value, config.weight_kg) == (Decimal(10_000), Decimal("2.5"))
    names = ("declared_value", "weight_kg", "height_cm", "length_cm", "width_cm", "units")
    shown = {
        name: saved.text.partition(f'name="{name}"')[2].partition('value="')[2].partition('"')[0] for name in names
    }
    browser.post("/app/settings", shown)
    again = data_of(get_carrier_config(ctx, "coordinadora"))
    for name in (*names, "portal_password_sealed"):
        assert getattr(again, name) == getattr(config, name), name


@pytest.mark.usefixtures("kms_key", "database")
@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("robot_url", "http://10.0.0.1"),
        ("wave_size", "many"),
        ("weight_kg", "1e5"),
        ("wave_size", "501"),
        ("wave_size", "2,5"),
    ],
)
def test_what_can_not_be_is_refused_and_what_was_typed_stays(browser: Browser, field: str, text: str) -> None:
    page = browser.post("/app/settings", FORM | {field: text})
    assert page.status == 422
    assert f'value="{text}"' in page.text
    assert "clave-secreta" not in page.text


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("field", "why"), [("wave_size", "no es un número entero"), ("weight_kg", "no es un peso ni una medida")]
)
def test_what_is_no_number_is_told_by_its_first_forty_characters(browser: Browser, field: str, why: str) -> None:
    page = browser.post("/app/settings", {field: "x" * 41})
    assert (page.status, f"«{'x' * 40}» {why}" in page.plain) == (422, True)


@pytest.mark.usefixtures("database")
def test_the_cities_of_the_carrier_are_counted_and_found(browser: Browser, ctx: DomainContext) -> None:
    stats = data_of(get_coverage_stats(ctx, "coordinadora"))
    page = browser.get("/app/settings?city=abejorral").plain
    active, cod = (f"{number:,}".replace(",", ".") for number in (stats.active_cities, stats.cod_cities))
    assert f"{active} ciudades, {cod} de ellas con pago contra entrega" in page
    assert "ABEJORRAL (Antioquia) · sin pago contra entrega" in page
    assert "sin pago contra entrega" not in browser.get("/app/settings?city=envig").plain
    assert (
        "La transportadora no llega a ninguna ciudad con ese nombre." in browser.get("/app/settings?city=macondo").plain
    )


@pytest.mark.usefixtures("kms_key", "database")
@pytest.mark.parametrize(
    ("field", "text", "why"),
    [
        ("username", "a" * 201, "el usuario debe tener"),
        ("wave_size", "501", "los pedidos a la vez debe ser un número entero, de 1 a 500"),
        ("stop_after_errors", "5000", "los errores seguidos debe ser un número entero"),
        ("guide_lookup_hours", "169", "Buscar las guías cada cuántas horas"),
        ("weight_kg", "0", "Peso (kg) está fuera de rango"),
        ("height_cm", "0", "Alto (cm) está fuera de rango"),
        ("length_cm", "0", "Largo (cm) está fuera de rango"),
        ("width_cm", "0", "Ancho (cm) está fuera de rango"),
        ("units", "0", "las unidades debe ser un número entero"),
        ("reference", "a" * 5_000, "la referencia debe tener"),
        ("email", "a" * 5_000, "el correo debe tener"),
    ],
)
def test_a_setting_that_can_not_be_is_named_as_people_call_it(
    browser: Browser, field: str, text: str, why: str
) -> None:
    """Naive: `weight_kg`, which stands nowhere on the page."""
    page = browser.post("/app/settings", FORM | {field: text})
    assert page.status == 422
    alert = page.text.partition('role="alert">')[2].partition("</p>")[0]
    assert alert.startswith(why), alert


@pytest.mark.usefixtures("kms_key", "database")
@pytest.mark.parametrize("password", [" clave con espacios ", "ñ" * 2_000])
def test_a_password_is_kept_as_it_was_typed(browser: Browser, ctx: DomainContext, password: str) -> None:
    """Naive: its outer blanks are cut off, and the portal lets nobody in."""
    browser.post("/app/settings", FORM | {"password": password})
    sealed = data_of(get_carrier_config(ctx, "coordinadora")).portal_password_sealed
    assert sealed is not None
    assert open_password(sealed, workspace_id=ctx.workspace_id, carrier="coordinadora") == password


@pytest.mark.usefixtures("kms_key", "database")
def test_a_password_that_can_not_be_sealed_is_refused(browser: Browser, ctx: DomainContext) -> None:
    page = browser.post("/app/settings", FORM | {"password": "ñ" * 2_000 + "n"})
    assert (page.status, "La contraseña es demasiado larga" in page.plain) == (422, True)
    assert get_carrier_config(ctx, "coordinadora").success is False


@pytest.mark.usefixtures("kms_key", "database")
def test_each_field_is_saved_as_its_own(browser: Browser, ctx: DomainContext) -> None:
    """Naive: the length is written into the height, and parcels are paid by a volume that they don't have."""
    numbers = {
        "wave_size": 11,
        "stop_after_errors": 12,
        "guide_lookup_hours": 13,
        "units": 14,
        "declared_value": 15_000,
        "weight_kg": 16,
        "height_cm": 17,
        "length_cm": 18,
        "width_cm": 19,
    }
    texts = {"reference": "TIENDA", "email": "a@example.com", "robot_url": "https://robot.example.com/x"}
    browser.post("/app/settings", {"username": "ana", **numbers, **texts})
    config = data_of(get_carrier_config(ctx, "coordinadora"))
    assert {name: getattr(config, name) for name in (*numbers, *texts)} == {**numbers, **texts}
    assert config.portal_username == "ana"


@pytest.mark.usefixtures("kms_key", "database")
def test_what_is_emptied_is_no_more(browser: Browser, ctx: DomainContext) -> None:
    """Naive: an emptied reference is kept, and the page says that it was saved."""
    browser.post("/app/settings", FORM | {"reference": "TIENDA", "email": "a@example.com", "guide_lookup_hours": "6"})
    config = data_of(get_carrier_config(ctx, "coordinadora"))
    assert (config.reference, config.email, config.guide_lookup_hours) == ("TIENDA", "a@example.com", 6)
    browser.post("/app/settings", FORM | {"reference": "", "email": ""})
    config = data_of(get_carrier_config(ctx, "coordinadora"))
    assert (config.reference, config.email, config.guide_lookup_hours) == (None, None, 6)


@pytest.mark.usefixtures("database")
def test_before_there_is_an_account_nothing_looks_stopped(browser: Browser) -> None:
    """Naive: a workspace that was never set up looks as if somebody had stopped it."""
    page = browser.get("/app/settings")
    assert "Empieza por la cuenta de la transportadora" in page.plain
    assert "Parada de emergencia" not in page.plain


@pytest.mark.usefixtures("kms_key", "database")
def test_what_holds_unless_it_is_changed_is_shown_before_it_is_saved(browser: Browser, ctx: DomainContext) -> None:
    """Naive: empty fields, which are saved as values that nobody chose."""
    page = browser.get("/app/settings")
    names = ("declared_value", "weight_kg", "height_cm", "length_cm", "width_cm", "units", "wave_size")
    more = ("stop_after_errors", "guide_lookup_hours")
    shown = {name: value_of(page.text, name) for name in (*names, *more)}
    assert {value_of(page.text, name) for name in ("username", "robot_url", "reference", "email")} == {""}
    browser.post("/app/settings", {"username": "ana"})
    config = data_of(get_carrier_config(ctx, "coordinadora"))
    assert shown == {name: f"{Decimal(getattr(config, name)).normalize():f}" for name in shown}


def value_of(text: str, name: str) -> str:
    return text.partition(f'<input name="{name}"')[2].partition('value="')[2].partition('"')[0]


@pytest.mark.usefixtures("kms_key", "database")
def test_saving_says_what_changed(browser: Browser) -> None:
    """Naive: “saved”, whatever was saved."""
    browser.post("/app/settings", FORM)
    saved = browser.post("/app/settings", {"weight_kg": "3,5", "units": "1", "password": "otra"})
    changed = saved.text.partition("Esto cambió:")[2].partition("</ul>")[0]
    assert "<li>Peso (kg): <bdi>3,5</bdi></li>" in changed
    assert "<li>Contraseña</li>" in changed
    assert changed.count("<li>") == 2
    assert "No cambió nada" in browser.post("/app/settings", {"weight_kg": "3,5"}).plain
    assert "Esto cambió" not in browser.get("/app/settings?said=saved&changed=<b>,x").plain
    # What is said is what the page says, and not what an address does.
    assert 'role="status"' not in browser.get("/app/settings?said=Tu+clave+es+x").text.partition("<main")[2]


def test_the_emergency_stop_is_asked_about_first(browser: Browser, ctx: DomainContext) -> None:
    """Naive: one press beside the form's own button, and every job stands still."""
    browser.post("/app/settings/stop", {"enabled": "yes"})
    settings = browser.get("/app/settings").text
    assert 'action="/app/settings/stop"' not in settings
    assert 'href="/app/settings/stop"' in settings
    question = browser.get("/app/settings/stop")
    assert "El robot termina lo que ya tiene" in question.plain
    assert question.hidden("enabled") == "no"
    assert data_of(get_carrier_config(ctx, "coordinadora")).is_enabled is True


def test_the_emergency_stop_is_pulled_and_released(browser: Browser, ctx: DomainContext) -> None:
    released = browser.post("/app/settings/stop", {"enabled": "yes"}).plain
    assert "Detener todo" in released
    assert "Los pedidos vuelven a enviarse al robot." in released
    stopped = browser.post("/app/settings/stop", {"enabled": "no"}).plain
    assert "No se envía nada al robot" in stopped
    assert "Detenido: no se envía nada más al robot." in stopped
    assert data_of(get_carrier_config(ctx, "coordinadora")).is_enabled is False


@pytest.mark.usefixtures("database")
def test_a_robot_that_does_not_answer_is_said_to(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOW_PRIVATE_ROBOT_URLS", "true")
    browser.post("/app/settings", {"robot_url": "http://127.0.0.1:1"})
    assert "El robot no responde" in browser.post("/app/settings/test").plain


@pytest.mark.usefixtures("database")
def test_a_robot_that_answers_is_said_to_have_run_for_so_long(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def uptime_s(url: str) -> float:
        asked.append(url)
        return 7199.9

    monkeypatch.setattr(health, "uptime_s", uptime_s)
    # Without an address nobody is asked.
    assert "El robot no responde" in browser.post("/app/settings/test").plain
    browser.post("/app/settings", {"robot_url": "https://robot.example.com"})
    assert "El robot responde; lleva 119 minutos encendido." in browser.post("/app/settings/test").plain
    assert asked == ["https://robot.example.com"]


@pytest.mark.usefixtures("kms_key", "database")
def test_the_first_save_tells_what_a_person_typed_and_nothing_that_no_field_has(browser: Browser) -> None:
    """Naive: it says that the emergency stop and what nobody touched were changed."""
    shown = browser.get("/app/settings")
    untouched = {
        name: shown.text.partition(f'name="{name}"')[2].partition('value="')[2].partition('"')[0]
        for name in ("stop_after_errors", "guide_lookup_hours", "height_cm", "length_cm", "width_cm", "units")
    }
    saved = browser.post("/app/settings", untouched | FORM)
    changed = saved.text.partition("Esto cambió")[2].partition("</ul>")[0]
    told = [each.partition(":")[0].partition("<")[0] for each in changed.split("<li>")[1:]]
    assert told == [
        "Usuario",
        "Contraseña",
        "Dirección del robot",
        "Pedidos que recibe el robot a la vez (1 a 500)",
        "Peso (kg)",
    ]
