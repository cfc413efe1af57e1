"""When something is away: the page says so, shows nothing old as new, and loses nothing that was typed."""

from uuid import UUID

import httpx
import pytest
from playwright.sync_api import Route, expect

from local.cli.api import RobotJobsApi
from local.stack.state import Stack
from tests.e2e import steps
from tests.e2e.browser import walk
from tests.e2e.browser.tabs import Tabs
from tests.e2e.browser.walk import Person

pytestmark = pytest.mark.e2e
_LOST = "The connection is lost: what you see may be old. It catches up by itself."


def begin_job(api: RobotJobsApi, stack: Stack, workspace: UUID, orders: int, **behaviour: object) -> UUID:
    steps.configure(api, stack, workspace, **behaviour)
    return api.submit(steps.import_orders(api, orders)).job_id


def test_h52_a_lost_connection_is_said_and_the_page_catches_up(
    ana: Person, tabs: Tabs, api: RobotJobsApi, stack: Stack, workspace: UUID
) -> None:
    job_id = begin_job(api, stack, workspace, 4, secondsPerOrder=0.5)
    ana.tab.goto(f"{stack.api_url}/app/jobs/{job_id}")
    note = ana.tab.get_by_text(ana.said(_LOST))
    expect(note).to_be_hidden()
    ana.tab.context.set_offline(True)
    expect(note).to_be_visible()
    steps.wait_until_ended(api, job_id)
    ana.tab.context.set_offline(False)
    expect(note).to_be_hidden()
    ana.figure("order shipped", "4")
    tabs.forgive("ERR_INTERNET_DISCONNECTED", "htmx:")


def test_h52_a_server_that_fails_is_said_and_the_page_catches_up(
    ana: Person, tabs: Tabs, api: RobotJobsApi, stack: Stack, workspace: UUID
) -> None:
    def fails(route: Route) -> None:
        route.fulfill(status=500, body="")

    job_id = begin_job(api, stack, workspace, 4, secondsPerOrder=0.5)
    ana.tab.route("**/live?*", fails)
    ana.tab.goto(f"{stack.api_url}/app/jobs/{job_id}")
    note = ana.tab.get_by_text(ana.said(_LOST))
    expect(note).to_be_visible()
    ana.tab.unroute("**/live?*", fails)
    expect(note).to_be_hidden()
    ana.figure("order shipped", "4")
    tabs.forgive("500", "htmx:")


def test_a_robot_that_is_down_is_named_where_a_person_looks_first(
    ana: Person, api: RobotJobsApi, stack: Stack, workspace: UUID
) -> None:
    steps.configure(api, stack, workspace)
    api.put_carrier_config(steps.CARRIER, {"robotUrl": "http://127.0.0.1:9"})
    api.submit(steps.import_orders(api, 1))
    ana.tab.goto(f"{stack.api_url}/app")
    ana.reads("The robot can't be reached; it is tried again by itself. See “Settings” to test it.")
    ana.follow("Test the robot")
    ana.press("Test the robot")
    ana.reads(
        "The robot does not answer at this address, or does not say how it is. "
        "Check the address, and that the robot runs."
    )
    ana.fill("Address of the robot", stack.robot_url)
    ana.press("Save")
    ana.press("Test the robot")
    expect(
        ana.tab.get_by_role("status").filter(
            has_text=ana.said("The robot answers; it has run for %(num)s minute.").split(";")[0]
        )
    ).to_be_visible()
    assert httpx.get(f"{stack.robot_url}/api/health", trust_env=False).is_success


def test_who_ships_before_the_account_is_complete_is_led_to_the_settings(
    ana: Person, tabs: Tabs, api: RobotJobsApi, stack: Stack
) -> None:
    steps.import_orders(api, 1)
    ana.tab.goto(f"{stack.api_url}/app/orders?show=to-ship")
    ana.press("Ship the %(num)s order of this list …", num=1)
    ana.follow("To the settings")
    ana.is_at("Settings")
    tabs.forgive("status of 422")


def test_a_form_that_was_typed_when_the_session_ended_is_sent_after_signing_in(
    ana: Person, tabs: Tabs, api: RobotJobsApi, stack: Stack, workspace: UUID
) -> None:
    (order_id,) = steps.import_orders(api, 1)
    ana.tab.goto(f"{stack.api_url}/app/orders/{order_id}")
    ana.tab.get_by_text(ana.said("Correct this order")).click()
    ana.fill("Address", "Carrera 27 # 36-15")
    ana.tab.context.clear_cookies()
    ana.press("Save")
    ana.is_at("Your session has ended")
    with ana.tab.expect_popup() as opened:
        ana.follow("Sign in again (opens another tab)")
    walk.consent(opened.value, workspace, walk.ANA)
    opened.value.close()
    ana.press("Send it again")
    ana.reads("Saved.")
    assert api.get_order(order_id).shipping_address == "Carrera 27 # 36-15"
    tabs.forgive("401")


def test_a_form_of_another_workspace_changes_nothing(ana: Person, tabs: Tabs, api: RobotJobsApi, stack: Stack) -> None:
    (order_id,) = steps.import_orders(api, 1)
    before = api.get_order(order_id)
    ana.tab.goto(f"{stack.api_url}/app/orders/{order_id}")
    ana.tab.get_by_text(ana.said("Correct this order")).click()
    other = ana.tab.context.new_page()
    ana.tab.context.clear_cookies()
    walk.sign_in(other, stack, UUID(int=1))
    ana.fill("Address", "Carrera 27 # 36-15")
    ana.press("Save")
    ana.is_at("Nothing was changed")
    assert api.get_order(order_id) == before
    tabs.forgive("403")
