"""What people do on the page, by what they see: labels, buttons and links, never by ids or classes."""

from dataclasses import dataclass
from uuid import UUID

from playwright.sync_api import Locator, Page, expect

from local.stack.state import Stack
from tests.e2e.browser.words import said

ANA, LUIS = "ana@example.com", "luis@example.com"


@dataclass(frozen=True)
class Person:
    """Somebody in front of a tab, who reads one of the page's two languages."""

    tab: Page
    language: str = "es"
    with_scripts: bool = True

    def said(self, text: str, **values: object) -> str:
        """Return what the page says for a text."""
        return said(self.language, text, **values)

    def button(self, text: str, **values: object) -> Locator:
        """Return the button of this name."""
        return self.tab.get_by_role("button", name=self.said(text, **values), exact=True)

    def press(self, text: str, **values: object) -> None:
        """Press a button."""
        self.button(text, **values).click()

    def link(self, text: str, **values: object) -> Locator:
        """Return the link of this name."""
        return self.tab.get_by_role("link", name=self.said(text, **values), exact=True)

    def follow(self, text: str, **values: object) -> None:
        """Follow a link."""
        self.link(text, **values).click()

    def fill(self, label: str, value: str) -> None:
        """Type into the field of this label."""
        self.tab.get_by_label(self.said(label)).fill(value)

    def reads(self, text: str, **values: object) -> None:
        """See a text, now or in a moment."""
        expect(self.tab.get_by_text(self.said(text, **values)).first).to_be_visible()

    def is_at(self, title: str, **values: object) -> None:
        """See a page by its heading."""
        expect(self.tab.get_by_role("heading", level=1, name=self.said(title, **values))).to_be_visible()

    def figure(self, of: str, value: str) -> None:
        """See a number over what it counts."""
        figure = self.tab.get_by_role("listitem").filter(has_text=self.said(of, num=int(value)))
        expect(figure.locator("b").first).to_have_text(value)


def sign_in(tab: Page, stack: Stack, workspace: UUID | None, *, email: str = ANA, path: str = "") -> Person:
    """Open a path of the page as somebody who has not signed in, and sign in at the issuer."""
    tab.goto(f"{stack.api_url}/app{path}")
    consent(tab, workspace, email)
    return Person(tab)


def in_language(person: Person, language: str, *, with_scripts: bool = True) -> Person:
    """Choose a language, where it is not the page's own."""
    if language != "es":
        person.tab.get_by_role("button", name="English").click()
    expect(person.tab.locator("html")).to_have_attribute("lang", language)
    return Person(person.tab, language, with_scripts)


def consent(tab: Page, workspace: UUID | None, email: str, *, without: tuple[str, ...] = ()) -> None:
    """Say at the issuer who one is, without some of the scopes."""
    tab.get_by_label("Correo").fill(email)
    tab.get_by_label("Workspace").fill(str(workspace or ""))
    for scope in without:
        tab.get_by_label(scope).uncheck()
    tab.get_by_role("button", name="Entrar").click()
