"""The main actions without a mouse: Tab leads to each and shows it, and the focus stays while the page moves."""

from uuid import UUID

import pytest
from playwright.sync_api import expect

from local.cli.api import RobotJobsApi
from local.stack.state import Stack
from tests.e2e import steps
from tests.e2e.browser.keyboard import press, reach
from tests.e2e.browser.walk import Person

pytestmark = pytest.mark.e2e


def test_orders_are_found_ticked_shipped_and_paused_by_the_keyboard(
    ana: Person, api: RobotJobsApi, stack: Stack, workspace: UUID
) -> None:
    steps.configure(api, stack, workspace, secondsPerOrder=3)
    steps.import_orders(api, 3)
    ana.tab.reload()
    ana.tab.keyboard.press("Tab")
    press(ana.tab, ana.link("Skip to the content"))
    press(ana.tab, ana.link("%(num)s order to ship", num=3))
    ana.is_at("Orders")
    for order in ("P-2", "P-1", "P-0"):
        press(ana.tab, ana.tab.get_by_role("checkbox", name=ana.said("Tick %(order)s", order=order)), "Space")
    press(ana.tab, ana.button("Ship those that are ticked …"))
    ana.figure("order can be shipped", "3")
    press(ana.tab, ana.button("Ship %(num)s order now", num=3))
    ana.reads("The batch was made.")

    reach(ana.tab, ana.button("Pause"))
    expect(ana.tab.get_by_role("progressbar")).not_to_have_attribute("value", "0")
    expect(ana.button("Pause")).to_be_focused()
    ana.tab.keyboard.press("Enter")
    press(ana.tab, ana.button("Resume"))
    expect(ana.button("Pause")).to_be_visible()
    job = steps.wait_until_ended(api, api.list_jobs().jobs[0].id)
    assert (job.success_count, job.error_count) == (3, 0)
