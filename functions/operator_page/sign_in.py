"""Signing in at the issuer, and out again."""

import hmac
import re
import secrets
from http import HTTPStatus
from typing import Any
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.shared.cookies import Cookie

from functions.operator_page.html import page
from functions.operator_page.issuer_errors import IssuerError, SignInError
from functions.operator_page.language import _
from functions.operator_page.refused import message
from functions.operator_page.routing import routes
from functions.operator_page.sealed import MAX_SEALED, seal, unseal
from functions.operator_page.session import SESSION_COOKIE, SIGN_IN_COOKIE, cookie, language_cookie, session_cookie
from functions.operator_page.visit import LANGUAGES, Visitor, here
from shared.logs import logger

#: How long a person may take to sign in, in seconds.
_SIGN_IN_S = 600
#: A path of the page: no host, no other scheme, nothing that a browser would read as one.
_OWN_PATH = re.compile(r"/app(?:[/?][\w./?=&%:+~-]*)?", re.ASCII)


def own_path(path: str) -> str:
    """Return the path where it is one of the page's own; else the first page."""
    return path if _OWN_PATH.fullmatch(path) and "//" not in path and ".." not in path else "/app"


@routes.get("/app/sign-in")
def start() -> Response[str]:
    """Send a person to the issuer, with a sealed note of what was asked."""
    # Signing in imports what nothing else needs.
    from functions.operator_page import oidc  # noqa: PLC0415

    visit = here()
    value = {
        "state": secrets.token_urlsafe(32),
        "nonce": secrets.token_urlsafe(32),
        "verifier": secrets.token_urlsafe(48),
        "to": own_path(visit.query.get("to", "/app")),
    }
    try:
        url = oidc.authorization_url(_redirect_uri(), value["state"], value["nonce"], value["verifier"])
    except (IssuerError, SignInError) as error:
        return _failed(error)
    sealed = seal("sign-in", value, _SIGN_IN_S)
    if len(sealed) > MAX_SEALED:
        sealed = seal("sign-in", {**value, "to": "/app"}, _SIGN_IN_S)
    return _to(url, cookie(visit, SIGN_IN_COOKIE, sealed, _SIGN_IN_S))


@routes.get("/app/signed-in")
def finish() -> Response[str]:
    """Take a person back from the issuer: the state must be that of this browser's own sign-in."""
    from functions.operator_page import oidc  # noqa: PLC0415 - as above

    visit = here()
    begun = unseal("sign-in", visit.cookies.get(SIGN_IN_COOKIE, ""))
    state = visit.query.get("state", "")
    if begun is None or not hmac.compare_digest(str(begun["state"]).encode(), state.encode(errors="replace")):
        why = _("This sign-in was begun elsewhere, or more than ten minutes ago. Begin again.")
        return message(HTTPStatus.BAD_REQUEST, _("You are not signed in"), why, {_("Sign in"): "/app/sign-in"})
    if "code" not in visit.query:
        why = _("The sign-in was not completed. Begin again.")
        return message(HTTPStatus.BAD_REQUEST, _("You are not signed in"), why, {_("Sign in"): "/app/sign-in"})
    try:
        tokens = oidc.redeem(visit.query["code"], _redirect_uri(), begun["nonce"], begun["verifier"])
    except (IssuerError, SignInError) as error:
        return _failed(error)
    visitor = _visitor(tokens.id_claims, tokens.access_claims)
    if visitor is None:
        why = _("Your account belongs to no workspace. Ask whoever manages it to add you to one, then sign in again.")
        return message(HTTPStatus.FORBIDDEN, _("You are not signed in"), why, {_("Sign in"): "/app/sign-in"})
    # The sign-in is used up, and whatever session there was before is another one's.
    forgotten = cookie(visit, SIGN_IN_COOKIE, "", 0)
    begins = session_cookie(visit, visitor, oidc.lasts_s(tokens.access_claims))
    return _to(visit.url(own_path(begun["to"])), forgotten, begins)


@routes.post("/app/sign-out")
def sign_out() -> Response[str]:
    """End the session here, and the issuer's where it says how."""
    from functions.operator_page import oidc  # noqa: PLC0415 - as above

    visit = here()
    after = visit.url("/app/signed-out")
    try:
        after = oidc.end_session_url(f"{visit.origin}{after}") or after
    except (IssuerError, SignInError) as error:
        logger.warning("the issuer's session goes on", exc_info=error)
    # A form may not lead to another host, and a page may.
    left = page("message.html", title=_("You have signed out"), why=_("Close the window, or sign in again."), links={})
    left.headers["Refresh"] = f"0; url={after}"
    left.cookies.append(cookie(visit, SESSION_COOKIE, "", 0))
    return left


@routes.get("/app/signed-out")
def signed_out() -> Response[str]:
    """Say that the session has ended."""
    return page(
        "message.html",
        title=_("You have signed out"),
        why=_("Close the window, or sign in again."),
        links={_("Sign in"): "/app/sign-in"},
    )


@routes.post("/app/language")
def choose_language() -> Response[str]:
    """Keep the language that was chosen, and show the same page in it."""
    visit = here()
    language = visit.field("language")
    if language not in LANGUAGES:
        language = LANGUAGES[0]
    return _to(visit.url(own_path(visit.field("to"))), language_cookie(visit, language))


def _visitor(id_claims: dict[str, Any], access_claims: dict[str, Any]) -> Visitor | None:
    try:
        workspace = UUID(str(access_claims.get("workspace_id")))
    except ValueError:
        return None
    email = id_claims.get("email") or access_claims.get("email")
    scopes = frozenset(str(access_claims.get("scope", "")).split())
    return Visitor(workspace, str(access_claims["sub"]), str(email) if email else None, scopes)


def _failed(error: Exception) -> Response[str]:
    logger.warning("sign-in failed", exc_info=error)
    why = _("Signing in does not work at the moment. Try again in a minute.")
    return message(HTTPStatus.BAD_GATEWAY, _("You are not signed in"), why, {_("Sign in"): "/app/sign-in"})


def _redirect_uri() -> str:
    return f"{here().origin}{here().url('/app/signed-in')}"


def _to(url: str, *cookies: Cookie) -> Response[str]:
    return Response(status_code=HTTPStatus.SEE_OTHER, headers={"Location": url}, cookies=list(cookies), body="")
