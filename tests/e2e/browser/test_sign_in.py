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
    ana = walk.sign_in(tabs.open(), stack, workspace, path="/orders?search=Bogota")
    expect(ana.tab).to_have_url(f"{stack.api_url}/app/orders?search=Bogota")
    ana.is_at("Orders")
    expect(ana.tab.get_by_text(walk.ANA)).to_be_visible()
    ana.press("Sign out")
    ana.is_at("You have signed out")
    ana.tab.goto(f"{stack.api_url}/app")
    expect(ana.tab.get_by_role("button", name="Entrar")).to_be_visible()


def test_the_language_stays_as_it_was_chosen(tabs: Tabs, stack: Stack, workspace: UUID) -> None:
    ana = walk.sign_in(tabs.open(), stack, workspace)
    expect(ana.tab.locator("html")).to_have_attribute("lang", "es")
    ana.is_at("Today")
    english = walk.in_language(ana, "en")
    english.tab.reload()
    english.is_at("Today")


def test_who_belongs_to_no_workspace_is_told_whom_to_ask(tabs: Tabs, stack: Stack) -> None:
    ana = walk.sign_in(tabs.open(), stack, None)
    ana.is_at("You are not signed in")
    ana.reads("Your account belongs to no workspace. Ask whoever manages it to add you to one, then sign in again.")
    tabs.forgive("403")
