"""The whole main job on the page alone, from a file to a number for each order; counted at the robot at the end."""

from uuid import UUID

import pytest
from playwright.sync_api import expect

from local.cli.api import RobotJobsApi
from local.demo.portal import search
from local.stack.state import Stack
from tests.e2e import steps
from tests.e2e.browser import walk
from tests.e2e.browser.demo_data import ORDERS, set_up
from tests.e2e.browser.sound import barriers
from tests.e2e.browser.tabs import Tabs
from tests.e2e.browser.walk import Person

pytestmark = pytest.mark.e2e
#: For one run of the robot, with the cold starts of all functions in it.
_JOB_TIMEOUT_MS = 90_000


@pytest.fixture(
    params=[
        pytest.param(("es", True), id="in Spanish"),
        pytest.param(("en", False), id="in English without JavaScript"),
        pytest.param(("es", False), id="in Spanish without JavaScript", marks=pytest.mark.slow),
        pytest.param(("en", True), id="in English", marks=pytest.mark.slow),
    ]
)
def reader(request: pytest.FixtureRequest, tabs: Tabs, stack: Stack, workspace: UUID) -> Person:
    """Give somebody who has signed in and reads this language, with or without JavaScript."""
    language, with_scripts = request.param
    person = walk.sign_in(tabs.open(java_script_enabled=with_scripts), stack, workspace)
    return walk.in_language(person, language, with_scripts=with_scripts)


def test_the_sample_file_is_shipped_once_each_by_clicks_alone(
    reader: Person, tabs: Tabs, api: RobotJobsApi, stack: Stack, workspace: UUID
) -> None:
    ana = reader
    set_up(api, stack, workspace)
    ana.tab.reload()  # the account was not complete before

    ana.follow("Upload a file of orders")
    ana.tab.get_by_label(ana.said("Drop the file here, or choose it:")).set_input_files(ORDERS)
    ana.press("See what is in it")
    ana.is_at("What is in the file")
    ana.figure("new order", "25")
    look_closely(ana)
    ana.press("Import %(num)s order", num=25)
    ana.is_at("The file was imported")
    ana.figure("new order", "25")
    look_closely(ana)

    ana.press("Ship %(num)s order of this file …", num=25)
    ana.is_at("Ship: preview")
    ana.figure("order can be shipped", "23")
    ana.figure("order can't be shipped as it is", "2")
    look_closely(ana)
    correct(ana, "A-1025", "City", "Cali")
    ana.figure("order can be shipped", "24")
    ana.press("Ship %(num)s order now", num=24)

    watch(ana, shipped=21, failed=1)
    ana.figure("order perhaps shipped", "2")
    look_closely(ana)
    settle(ana, stack, workspace)
    tabs.forgive("422")
    ana.follow("Correct and retry")
    ana.press("Retry %(num)s order", num=2)
    watch(ana, shipped=24, failed=0)

    with ana.tab.expect_download() as downloading:
        ana.follow("Download as CSV")
    downloaded = downloading.value.path().read_text("utf-8-sig").splitlines()
    made = steps.ledger(stack, workspace)
    assert {len(numbers) for numbers in made.values()} == {1}
    assert len(made) == 24
    for (number,) in made.values():
        assert sum(number in line for line in downloaded) == 1


def look_closely(ana: Person) -> None:
    """See that nobody is kept out of a page that only a form leads to; axe is a script itself."""
    if ana.with_scripts:
        assert barriers(ana.tab) == []


def correct(ana: Person, order: str, label: str, value: str) -> None:
    """Correct an order in place, in the preview."""
    panel = ana.tab.get_by_role("group", name=order)
    panel.get_by_label(ana.said(label), exact=True).fill(value)
    panel.get_by_role("button", name=ana.said("Correct and check again")).click()


def watch(ana: Person, *, shipped: int, failed: int) -> None:
    """Wait until a job has ended: without scripts by loading its page anew."""
    done = ana.tab.get_by_text(ana.said("Finished"), exact=True).first
    for _ in range(0 if ana.with_scripts else 60):
        if done.is_visible():
            break
        ana.tab.wait_for_timeout(500)
        ana.tab.reload()
    expect(done).to_be_visible(timeout=_JOB_TIMEOUT_MS)
    ana.figure("order shipped", str(shipped))
    ana.figure("order failed", str(failed))


def settle(ana: Person, stack: Stack, workspace: UUID) -> None:
    """Look for each lost order in the portal by its reference, and say what is there."""
    ana.follow("Settle")
    # A list of what is on the page waits for nothing: on the page before there is nothing to settle.
    expect(ana.tab.get_by_role("radio").first).to_be_visible()
    for group in ana.tab.get_by_role("group").filter(has=ana.tab.get_by_role("radio")).all():
        reference = group.locator("legend bdi").first.inner_text()
        expect(group.get_by_role("button", name=ana.said("Copy the reference"))).to_be_visible(visible=ana.with_scripts)
        found = search(stack.robot_url, workspace, reference)
        if found:
            group.get_by_role("textbox").fill(found[0].numero)
            is_there = group.get_by_label(ana.said("It is there, with this number in the portal:"))
            if ana.with_scripts:
                expect(is_there).to_be_checked()
                continue
            # A number that is only typed must not be passed over.
            ana.press("Record what I found")
            expect(ana.tab.get_by_role("alert")).to_contain_text(reference)
            is_there.check()
        else:
            group.get_by_label(ana.said("It is not there")).check()
    ana.press("Record what I found")
    ana.reads("Recorded. What you found not to be there can be retried; what you left for later stays as it is.")
