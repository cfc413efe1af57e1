"""Pages that say no: in the visitor's language, and with what to do next."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from functions.operator_page.csrf import FIELD
from functions.operator_page.html import page
from functions.operator_page.language import N_, _, refusal_text
from functions.operator_page.shown_again import SECRET, SWITCH
from functions.operator_page.visit import ScopeError, ctx, here
from shared import domain
from shared.carriers.registry import DEFAULT_CARRIER
from shared.domain import RetryableDatabaseError
from shared.http.problems import Problem, ProblemError
from shared.logs import logger

#: Refusals that only the settings can mend.
_OF_SETTINGS = ("carrier_not_configured", "carrier_not_ready")
#: What was refused of a job is seen there.
_COMMAND_OF_JOB = re.compile(r"(/app/jobs/[0-9a-f-]{36})/")
_NOT_FOUND = N_("There is no such page, or it belongs to another workspace.")


def signed_out() -> Response[str]:
    """Send who has not signed in to sign in; a form that was typed is kept, to be sent again afterwards."""
    visit = here()
    if "hx-request" in visit.headers:
        # htmx loads the whole page anew, which then asks to sign in.
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Refresh": "true"}, body="")
    if visit.method != "POST":
        target = visit.url("/app/sign-in?to=" + quote(visit.path, safe=""))
        return Response(status_code=HTTPStatus.SEE_OTHER, headers={"Location": target}, body="")
    left_out = {*SECRET, SWITCH}
    kept = [(name, value) for name, values in visit.form.items() if name not in left_out for value in values]
    if visit.files:
        why = _("Nothing was changed yet. Sign in again, then choose the file once more: a browser keeps no file.")
        title = _("Your session has ended")
        return message(HTTPStatus.UNAUTHORIZED, title, why, {_("Sign in"): "/app/sign-in?to=/app/upload"})
    asked = [name for name in SECRET if visit.form.get(name, [""])[0]]
    return page("signed_out.html", status=HTTPStatus.UNAUTHORIZED, kept=kept, asked=asked, ticket_field=FIELD)


def forged() -> Response[str]:
    """Refuse a form that comes from no page of this person's in this workspace."""
    why = _("This form is of another session or workspace, or older than a day. Open the page again and repeat it.")
    return message(HTTPStatus.FORBIDDEN, _("Nothing was changed"), why)


def too_large() -> Response[str]:
    """Refuse more than the page takes at once."""
    why = _("It has more than 4 MB. Split the file: 10,000 rows and 4 MB are the most that one takes.")
    return message(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _("The file is too large"), why)


def busy(error: RetryableDatabaseError) -> Response[str]:
    """Say that the database could not do it this time."""
    logger.warning("database busy", exc_info=error)
    why = _("The database was busy and nothing was changed. Try again in a moment.")
    return message(HTTPStatus.SERVICE_UNAVAILABLE, _("Nothing was changed"), why)


def no_page(_error: NotFoundError) -> Response[str]:
    """Say that there is no such page."""
    return message(HTTPStatus.NOT_FOUND, _("Not found"), _(_NOT_FOUND))


def failed(error: Exception) -> Response[str]:
    """Answer whatever a route raised; of an unexpected error nothing is told."""
    if isinstance(error, ScopeError):
        why = _("Your account may not do this. Ask whoever manages it for the permission “{scope}”.")
        return message(HTTPStatus.FORBIDDEN, _("Not allowed"), why.format(scope=error))
    if isinstance(error, ProblemError):
        problem = error.problem
        title = _("Not found") if problem.status == HTTPStatus.NOT_FOUND else _("Nothing was changed")
        return message(problem.status, title, _why(problem), _ways_on(problem))
    logger.error("request failed", exc_info=error)
    why = _("Something went wrong here and was logged. Try again; if it stays so, say at which time it happened.")
    return message(HTTPStatus.INTERNAL_SERVER_ERROR, _("That did not work"), why)


def _why(problem: Problem) -> str:
    """Return the refusal; of a carrier that is not ready, which of the two it is."""
    if problem.code in _OF_SETTINGS and _is_stopped():
        return _("The emergency stop is on: nothing goes to the robot, and no orders are shipped. Release it first.")
    return refusal_text(problem)


def _is_stopped() -> bool:
    found = domain.get_carrier_config(ctx(), DEFAULT_CARRIER)
    return found.success and found.data.portal is not None and not found.data.is_enabled


def _ways_on(problem: Problem) -> dict[str, str]:
    if problem.code in _OF_SETTINGS:
        return {_("To the settings"): "/app/settings"}
    job = _COMMAND_OF_JOB.match(here().path)
    return {_("Back to the job"): job[1]} if job and problem.status != HTTPStatus.NOT_FOUND else {}


def message(status: HTTPStatus, title: str, why: str, links: Mapping[str, str] | None = None) -> Response[str]:
    """Return a page that says one thing."""
    return page("message.html", status=status, title=title, why=why, links=links or {})
