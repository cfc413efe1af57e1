"""What people do on the page, by what they see: labels, buttons and links, never by ids or classes."""

import re
from uuid import UUID

from playwright.sync_api import Page, expect

from local.stack.state import Stack


def sign_in(tab: Page, stack: Stack, workspace: UUID | None, *, email: str = "ana@example.com", path: str = "") -> None:
    """Open a path of the page as somebody who has not signed in, and sign in at the issuer."""
    tab.goto(f"{stack.api_url}/app{path}")
    if tab.get_by_role("link", name=re.compile("^(Iniciar sesión|Sign in)")).count():
        tab.get_by_role("link", name=re.compile("^(Iniciar sesión|Sign in)")).click()
    consent(tab, workspace, email)


def consent(tab: Page, workspace: UUID | None, email: str, *, without: tuple[str, ...] = ()) -> None:
    """Say at the issuer who one is, without some of the scopes."""
    tab.get_by_label("Correo").fill(email)
    tab.get_by_label("Workspace").fill(str(workspace or ""))
    for scope in without:
        tab.get_by_label(scope).uncheck()
    tab.get_by_role("button", name="Entrar").click()


def heading(tab: Page, name: str | re.Pattern[str]) -> None:
    """See a page by its heading."""
    expect(tab.get_by_role("heading", level=1, name=name)).to_be_visible()
