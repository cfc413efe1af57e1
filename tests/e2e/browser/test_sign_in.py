"""Coming in, going out, and whose page it then is."""

from uuid import UUID

import pytest
from playwright.sync_api import expect

from local.stack.state import Stack
from tests.e2e.browser import walk
from tests.e2e.browser.tabs import Tabs

pytestmark = pytest.mark.e2e


def test_a_person_comes_back_to_where_they_wanted_to_go_and_out_again(
    tabs: Tabs, stack: Stack, workspace: UUID
) -> None:
    tab = tabs.open()
    walk.sign_in(tab, stack, workspace, path="?search=Bogota")
    expect(tab).to_have_url(f"{stack.api_url}/app?search=Bogota")
    walk.heading(tab, "Hoy")
    expect(tab.get_by_text("ana@example.com")).to_be_visible()
    tab.get_by_role("button", name="Cerrar sesión").click()
    walk.heading(tab, "Cerraste la sesión")
    tab.goto(f"{stack.api_url}/app")
    walk.heading(tab, "Iniciar sesión · Sign in")


def test_the_language_stays_as_it_was_chosen(tabs: Tabs, stack: Stack, workspace: UUID) -> None:
    tab = tabs.open()
    walk.sign_in(tab, stack, workspace)
    expect(tab.locator("html")).to_have_attribute("lang", "es")
    tab.get_by_role("button", name="English").click()
    walk.heading(tab, "Today")
    tab.reload()
    walk.heading(tab, "Today")
    expect(tab.locator("html")).to_have_attribute("lang", "en")


def test_who_belongs_to_no_workspace_is_told_whom_to_ask(tabs: Tabs, stack: Stack) -> None:
    tab = tabs.open()
    walk.sign_in(tab, stack, None)
    walk.heading(tab, "No has iniciado sesión")
    tabs.complaints.clear()  # the browser notes the 403
