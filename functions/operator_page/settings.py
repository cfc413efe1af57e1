"""Settings: the account at the carrier, the emergency stop, the robot, what shipments have in common."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from functions.operator_page.forms import FormError, pesos_of
from functions.operator_page.html import page
from functions.operator_page.language import _, refusal_text
from functions.operator_page.routing import routes
from functions.operator_page.visit import READ, WRITE_CARRIERS, ctx, here, need
from functions.operator_page.web_answers import see
from functions.operator_page.words import SETTINGS
from shared import domain
from shared.carriers.registry import CARRIERS, DEFAULT_CARRIER
from shared.http.domain_api import data_of, problem_of_failure
from shared.logistics import Unreadable, read_measure
from shared.workflow.publish import publish_committed

if TYPE_CHECKING:
    from decimal import Decimal

    from aws_lambda_powertools.event_handler import Response

_MAX_PASSWORD_BYTES = 4_000
_MEASURES = ("weight_kg", "height_cm", "length_cm", "width_cm")
#: Settings that the form does not have.
_OF_NO_FIELD = ("is_enabled", "personal_data_retention_days")


@routes.get("/app/settings")
def show_settings() -> Response[str]:
    """Show the settings, without the password."""
    need(READ)
    return _page()


@routes.post("/app/settings")
def save_settings() -> Response[str]:
    """Change what the form has; an empty password keeps the one that is there."""
    need(WRITE_CARRIERS)
    try:
        params = _params()
    except FormError as error:
        return _page(str(error))
    return _saved(params)


@routes.get("/app/settings/stop")
def ask_to_stop() -> Response[str]:
    """Say what the emergency stop does, and what it does not, before it is pulled."""
    need(WRITE_CARRIERS)
    return page("stop.html")


@routes.post("/app/settings/stop")
def stop() -> Response[str]:
    """Pull the emergency stop, or release it."""
    need(WRITE_CARRIERS)
    is_enabled = here().field("enabled") == "yes"
    params = domain.UpsertCarrierConfigParams(DEFAULT_CARRIER, is_enabled=is_enabled)
    return _saved(params, "started" if is_enabled else "stopped")


@routes.post("/app/settings/test")
def test_robot() -> Response[str]:
    """Ask the robot for its health, as it stands in the settings."""
    need(WRITE_CARRIERS)
    # Only this calls a robot.
    from shared.robot.health import uptime_s  # noqa: PLC0415

    found = domain.get_carrier_config(ctx(), DEFAULT_CARRIER)
    url = found.data.robot_url if found.success else None
    uptime = uptime_s(url) if url else None
    return _page(uptime=None if uptime is None else int(uptime // 60), is_tested=True)


def _page(why: str | None = None, *, uptime: int | None = None, is_tested: bool = False) -> Response[str]:
    visit = here()
    found = domain.get_carrier_config(ctx(), DEFAULT_CARRIER)
    search = visit.query.get("city", "").strip()
    cities = domain.search_cities(ctx(), domain.SearchCitiesParams(search)) if search else None
    return page(
        "settings.html",
        carrier=CARRIERS[DEFAULT_CARRIER],
        status=HTTPStatus.OK if why is None else HTTPStatus.UNPROCESSABLE_ENTITY,
        config=found.data if found.success else None,
        shown=_shown(found.data if found.success else None),
        labels=SETTINGS,
        changed=[name for name in visit.query.get("changed", "").split(",") if name in SETTINGS],
        coverage=data_of(domain.get_coverage_stats(ctx(), DEFAULT_CARRIER)),
        search=search,
        cities=cities.data.cities if cities and cities.success else [],
        why=why,
        uptime=uptime,
        is_tested=is_tested,
    )


def _shown(config: domain.CarrierConfig | None) -> dict[str, object]:
    """Return what the form shows: what is set, or what holds where nothing is, so that nobody saves it unseen."""
    if config is not None:
        return vars(config)
    from shared.domain.carriers import accounts, usual  # noqa: PLC0415 - only who has set nothing needs it

    return {
        "portal_username": None,
        "robot_url": None,
        "wave_size": usual.USUAL_WAVE_SIZE,
        "stop_after_errors": usual.USUAL_STOP_AFTER_ERRORS,
        "guide_lookup_hours": usual.USUAL_GUIDE_LOOKUP_HOURS,
        **vars(accounts.USUAL_SHIPMENT),
    }


def _saved(params: domain.UpsertCarrierConfigParams, said: str | None = None) -> Response[str]:
    found = domain.get_carrier_config(ctx(), DEFAULT_CARRIER)
    before = _shown(found.data if found.success else None)
    result = domain.upsert_carrier_config(ctx(), params)
    if not result.success:
        return _page(refusal_text(problem_of_failure(result)))
    publish_committed(ctx().workspace_id)
    if said:
        return see(f"/app/settings?said={said}")
    now = vars(result.data)
    changed = [name for name in SETTINGS if name not in _OF_NO_FIELD and before.get(name) != now[name]]
    return see(f"/app/settings?said=saved&changed={','.join(changed)}" if changed else "/app/settings?said=unchanged")


def _params() -> domain.UpsertCarrierConfigParams:
    visit = here()
    return domain.UpsertCarrierConfigParams(
        DEFAULT_CARRIER,
        portal_username=visit.field("username") or None,
        portal_password_sealed=_sealed(visit.form.get("password", [""])[0]),
        robot_url=_robot_url(visit.field("robot_url")),
        wave_size=_whole("wave_size"),
        stop_after_errors=_whole("stop_after_errors"),
        guide_lookup_hours=_whole("guide_lookup_hours"),
        shipment_defaults=domain.ShipmentDefaultsParams(
            declared_value=pesos_of(visit.field("declared_value")),
            **{name: _measure(name) for name in _MEASURES},
            units=_whole("units"),
            # Emptied, they are no more: a reference that all shipments share is one that a person must be able to end.
            reference=visit.field("reference"),
            email=visit.field("email"),
        ),
    )


def _sealed(password: str) -> str | None:
    if not password:
        return None
    if len(password.encode()) > _MAX_PASSWORD_BYTES:
        raise FormError(_("The password is too long."))
    from shared.aws.passwords import seal_password  # noqa: PLC0415 - it brings boto3

    return seal_password(password, workspace_id=ctx().workspace_id, carrier=DEFAULT_CARRIER)


def _robot_url(url: str) -> str | None:
    from shared.robot.url_policy import RobotUrlError, check_robot_url  # noqa: PLC0415 - only who saves checks it

    if not url:
        return None
    try:
        check_robot_url(url)
    except RobotUrlError:
        why = _("The robot's address must be public and begin with https://, without user, password, ? or #.")
        raise FormError(why) from None
    return url


def _whole(name: str) -> int | None:
    text = here().field(name)
    number = read_measure(text) if text else None
    if isinstance(number, Unreadable) or (number is not None and number != int(number)):
        raise FormError(_("“{text}” is no whole number. Write digits alone.").format(text=text[:40]))
    return None if number is None else int(number)


def _measure(name: str) -> Decimal | None:
    text = here().field(name)
    measure = read_measure(text) if text else None
    if isinstance(measure, Unreadable):
        raise FormError(_("“{text}” is no weight or size. Write it like 2 or 2,5.").format(text=text[:40]))
    return measure
