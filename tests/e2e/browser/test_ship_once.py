"""Whatever is pressed twice, by whomever, ships once; counted at the robot at the end alone."""

from uuid import UUID

import pytest
from playwright.sync_api import expect

from local.cli.api import RobotJobsApi
from local.stack.state import Stack
from tests.e2e import steps
from tests.e2e.browser import walk
from tests.e2e.browser.tabs import Tabs
from tests.e2e.browser.walk import Person

pytestmark = pytest.mark.e2e


def see_what_would_go(person: Person, stack: Stack, orders: int) -> None:
    person.tab.goto(f"{stack.api_url}/app/orders?show=to-ship")
    person.press("Ship the %(num)s order of this list …", num=orders)
    person.figure("order can be shipped", str(orders))


def shipments_when_all_is_over(api: RobotJobsApi, stack: Stack, workspace: UUID) -> list[int]:
    for job in api.list_jobs().jobs:
        steps.wait_until_ended(api, job.id)
    return [len(numbers) for numbers in steps.ledger(stack, workspace).values()]


def test_h44_a_double_click_a_reload_and_the_back_button_ship_once(
    ana: Person, api: RobotJobsApi, stack: Stack, workspace: UUID
) -> None:
    steps.configure(api, stack, workspace)
    steps.import_orders(api, 2)
    see_what_would_go(ana, stack, 2)
    ana.button("Ship %(num)s order now", num=2).dblclick()
    ana.reads("The batch was made.")
    ana.tab.reload()
    ana.tab.go_back()
    ana.press("Ship %(num)s order now", num=2)
    ana.reads("This batch had been made already; nothing was shipped twice.")
    assert shipments_when_all_is_over(api, stack, workspace) == [1, 1]


def test_h44_the_same_preview_sent_twice_at_once_without_scripts_is_one_job(
    tabs: Tabs, api: RobotJobsApi, stack: Stack, workspace: UUID
) -> None:
    steps.configure(api, stack, workspace)
    steps.import_orders(api, 2)
    ana = walk.sign_in(tabs.open(java_script_enabled=False), stack, workspace)
    see_what_would_go(ana, stack, 2)
    # Nothing in the browser holds the second click back here.
    ana.button("Ship %(num)s order now", num=2).dblclick()
    expect(ana.tab.get_by_role("status").first).to_be_visible()
    assert len(api.list_jobs().jobs) == 1
    assert shipments_when_all_is_over(api, stack, workspace) == [1, 1]


def test_h44_two_operators_with_the_same_orders_ship_once(
    ana: Person, tabs: Tabs, api: RobotJobsApi, stack: Stack, workspace: UUID
) -> None:
    steps.configure(api, stack, workspace, secondsPerOrder=0.3)
    steps.import_orders(api, 3)
    luis = walk.sign_in(tabs.open(), stack, workspace, email=walk.LUIS)
    see_what_would_go(ana, stack, 3)
    see_what_would_go(luis, stack, 3)
    ana.button("Ship %(num)s order now", num=3).click(no_wait_after=True)
    luis.press("Ship %(num)s order now", num=3)
    ana.reads("The batch was made.")
    luis.is_at("Nothing was shipped")
    luis.press("See again what can be shipped")
    luis.figure("order can be shipped", "0")
    assert shipments_when_all_is_over(api, stack, workspace) == [1, 1, 1]
    tabs.forgive("409")
