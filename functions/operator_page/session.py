"""Who has signed in: a sealed cookie, of at most eight hours."""

from collections.abc import Mapping
from uuid import UUID

from aws_lambda_powertools.shared.cookies import Cookie, SameSite

from functions.operator_page.sealed import seal, unseal
from functions.operator_page.visit import Visit, Visitor

SESSION_COOKIE = "robot_jobs_session"
SIGN_IN_COOKIE = "robot_jobs_sign_in"
LANGUAGE_COOKIE = "robot_jobs_language"
_LANGUAGE_S = 365 * 24 * 3600
#: The longest that somebody is signed in, in seconds.
MAX_SESSION_S = 8 * 3600


def read_session(cookies: Mapping[str, str]) -> Visitor | None:
    """Return who has signed in; None where the session is over, or is none."""
    sealed = cookies.get(SESSION_COOKIE)
    value = unseal("session", sealed) if sealed else None
    if value is None:
        return None
    return Visitor(UUID(value["workspace"]), value["sub"], value.get("email"), frozenset(value["scopes"]))


def session_cookie(visit: Visit, visitor: Visitor, lasts_s: int) -> Cookie:
    """Return the cookie of a session that was just begun."""
    value = {
        "workspace": str(visitor.workspace_id),
        "sub": visitor.subject,
        "email": visitor.email,
        "scopes": sorted(visitor.scopes),
    }
    return cookie(visit, SESSION_COOKIE, seal("session", value, min(lasts_s, MAX_SESSION_S)), MAX_SESSION_S)


def language_cookie(visit: Visit, language: str) -> Cookie:
    """Return the cookie that keeps the language that was chosen."""
    return cookie(visit, LANGUAGE_COOKIE, language, _LANGUAGE_S)


def cookie(visit: Visit, name: str, value: str, lasts_s: int) -> Cookie:
    """Return a cookie that only this page's own host gets, and no script reads; 0 seconds forget it."""
    return Cookie(
        name=name,
        value=value,
        path=visit.url("/app"),
        secure=visit.origin.startswith("https://"),
        http_only=True,
        max_age=lasts_s,
        same_site=SameSite.LAX_MODE,
    )
