"""What each route of the robot answers: the contract's, the portal's, and those for checks."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from local.robot.answer import Answer, Page, refused
from local.robot.faults import Forced
from local.robot.hand_over import GuideLookup, HandOver
from local.robot.portal_page import PORTAL_PATH, portal_page
from local.robot.settings import SettingsChange

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local.robot.robot import Robot

    Get = Callable[[Robot, Mapping[str, str]], Answer | Page]
    Post = Callable[[Robot, bytes], Answer]

_VOID = re.compile(r"/portal/pedidos/([^/]+)/anular")


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", allow_inf_nan=False)


class Restart(_Body):
    """The body of `POST /restart`."""

    #: How long nobody answers.
    away_seconds: float = Field(default=0, ge=0)


class Resend(_Body):
    """The body of `POST /resend`."""

    #: Whose reports; without it everybody's.
    workspace_id: str | None = None


class Uptime(_Body):
    """The body of `POST /uptime`: what is left out stays."""

    #: What the health says from now on; it goes on from there.
    seconds: float | None = None
    #: How many seconds of uptime pass in one.
    speed: float | None = Field(default=None, ge=0)


def get(robot: Robot, path: str, query: Mapping[str, str]) -> Answer | Page:
    """The answer to a GET."""
    if _is_away(robot, path):
        return _AWAY
    return _GETS[path](robot, query) if path in _GETS else refused(404, f"no {path} here")


def post(robot: Robot, path: str, body: bytes) -> Answer:
    """The answer to a POST.

    Raises:
        ValidationError: the body is not what the route takes.
    """
    if _is_away(robot, path):
        return _AWAY
    if voided := _VOID.fullmatch(path):
        shown = robot.void(voided[1])
        return refused(404, f"there is no pedido {voided[1]}") if shown is None else Answer(200, shown)
    return _POSTS[path](robot, body) if path in _POSTS else refused(404, f"no {path} here")


def _is_away(robot: Robot, path: str) -> bool:
    # The portal is the carrier's, and what is for checks answers always.
    return path.startswith("/api/") and robot.life.is_away


def _health(robot: Robot, _: Mapping[str, str]) -> Answer:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Answer(200, {"status": "ok", "uptime": robot.life.uptime_s, "timestamp": now})


def _pedidos(robot: Robot, query: Mapping[str, str]) -> Answer:
    found = robot.shown_in_portal(workspace_id=query.get("workspaceId"), referencia=query.get("referencia"))
    return Answer(200, {"pedidos": found})


def _portal(robot: Robot, query: Mapping[str, str]) -> Page:
    referencia = query.get("referencia", "").strip()
    return Page(portal_page(robot.shown_in_portal(workspace_id=None, referencia=referencia or None), referencia))


def _ledger(robot: Robot, query: Mapping[str, str]) -> Answer:
    shipments = robot.ledger.shipments(query.get("workspaceId"))
    return Answer(200, {"shipments": [made.model_dump(mode="json", by_alias=True) for made in shipments]})


def _journal(robot: Robot, _: Mapping[str, str]) -> Answer:
    return Answer(200, robot.journal.as_json() | {"idle": robot.is_idle})


def _change_settings(robot: Robot, body: bytes) -> Answer:
    settings = robot.behaviour.change(SettingsChange.model_validate_json(body))
    return Answer(200, settings.model_dump(by_alias=True, exclude={"faults", "portal_password"}))


def _force(robot: Robot, body: bytes) -> Answer:
    forced = Forced.model_validate_json(body)
    robot.behaviour.force(forced)
    return Answer(200, forced.model_dump(by_alias=True))


def _restart(robot: Robot, body: bytes) -> Answer:
    return Answer(200, {"died": robot.restart(Restart.model_validate_json(body or b"{}").away_seconds)})


def _resend(robot: Robot, body: bytes) -> Answer:
    return Answer(200, {"resent": robot.resend(Resend.model_validate_json(body or b"{}").workspace_id)})


def _set_uptime(robot: Robot, body: bytes) -> Answer:
    change = Uptime.model_validate_json(body)
    robot.life.set_uptime(change.seconds, change.speed)
    return Answer(200, {"uptime": robot.life.uptime_s})


_AWAY: Final = refused(503, "the robot is starting")
_GETS: Final[dict[str, Get]] = {
    "/api/health": _health,
    PORTAL_PATH: _portal,
    "/portal/pedidos": _pedidos,
    "/health": lambda _, __: Answer(200, {"status": "ok"}),
    "/ledger": _ledger,
    "/journal": _journal,
}
_POSTS: Final[dict[str, Post]] = {
    "/api/crear-pedidos-batch": lambda robot, body: robot.accept(HandOver.model_validate_json(body)),
    "/api/buscar-guias": lambda robot, body: robot.accept(GuideLookup.model_validate_json(body)),
    "/settings": _change_settings,
    "/force": _force,
    "/restart": _restart,
    "/uptime": _set_uptime,
    "/resend": _resend,
}
