"""The request that is being answered: who asks, in which language, from where."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shared.domain import DomainContext

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

LANGUAGES = ("es", "en")
READ, WRITE_JOBS, WRITE_CARRIERS, WRITE_ORDERS = "robot-jobs/read", "robot-jobs/write", "carriers/write", "orders/write"


#: Parts of the page that the menu has not → the one that they belong to.
_SECTIONS = {"uploads": "upload", "ship": "orders", "guides": "jobs"}


@dataclass(frozen=True)
class Visitor:
    """Who has signed in, for which workspace and with which scopes."""

    workspace_id: UUID
    subject: str
    email: str | None
    scopes: frozenset[str]

    @property
    def actor(self) -> str:
        """Return who is named in the log of activity."""
        return self.email or self.subject

    @property
    def context(self) -> DomainContext:
        """Return the context of calls of the domain."""
        return DomainContext(self.workspace_id, source="page", actor=self.actor)


@dataclass
class Visit:
    """One request."""

    #: `https://host`, and the path of the page there, without a slash at its end.
    origin: str
    base: str
    #: Path and query as the page's own links have them, `/app/…`.
    path: str
    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    #: As it came, decoded.
    body: bytes
    language: str
    visitor: Visitor | None = None
    form: Mapping[str, list[str]] = field(default_factory=dict)
    #: A form's files: what each is called, and its bytes.
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)

    @property
    def section(self) -> str:
        """Return the path in the menu of the part of the page that this belongs to."""
        part = self.path.partition("?")[0].removeprefix("/app").partition("/")[2].partition("/")[0]
        return f"/app/{_SECTIONS.get(part, part)}".rstrip("/")

    def url(self, path: str) -> str:
        """Return the address, on this host, of one of the page's own paths (`/app/…`)."""
        return self.base + path

    def field(self, name: str) -> str:
        """Return a form's field, without outer blanks; empty where it was not sent."""
        return self.form.get(name, [""])[0].strip()

    def fields(self, name: str) -> list[str]:
        """Return all values of a form's field."""
        return list(self.form.get(name, ()))


_visit: ContextVar[Visit] = ContextVar("visit")


def begin(visit: Visit) -> None:
    """Let this be the request that is answered."""
    _visit.set(visit)


def here() -> Visit:
    """Return the request that is being answered."""
    return _visit.get()


def visitor() -> Visitor:
    """Return who asks; routes that may be asked by nobody don't call it.

    Raises:
        LookupError: nobody has signed in.
    """
    found = here().visitor
    if found is None:
        raise LookupError("nobody has signed in")
    return found


def ctx() -> DomainContext:
    """Return the context of the visitor's calls of the domain."""
    return visitor().context


class ScopeError(Exception):
    """The visitor's token has no such scope."""


def need(scope: str) -> None:
    """Go on only where the visitor has a scope.

    Raises:
        ScopeError: it is missing.
    """
    if not can(scope):
        raise ScopeError(scope)


def can(scope: str) -> bool:
    """Tell whether the visitor has a scope."""
    found = here().visitor
    return found is not None and scope in found.scopes
