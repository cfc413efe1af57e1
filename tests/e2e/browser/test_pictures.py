"""Pictures of the main pages for the README, from the demo's data: `make pictures` keeps them."""

import os
import re
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import expect

from local.cli.api import RobotJobsApi
from local.stack.state import Stack
from tests.e2e.browser import walk
from tests.e2e.browser.demo_data import ORDERS, set_up
from tests.e2e.browser.tabs import Tabs
from tests.e2e.browser.walk import Person

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
#: So large that a README shows it, so small that it costs nobody anything.
_MOST_BYTES = 150_000
_JOB_TIMEOUT_MS = 90_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give where the pictures go: `ROBOT_JOBS_PICTURES`, else nowhere that lasts."""
    named = Path(os.environ.get("ROBOT_JOBS_PICTURES", tmp_path))
    named.mkdir(exist_ok=True)
    return named


def test_the_main_pages_have_small_pictures(
    tabs: Tabs, api: RobotJobsApi, stack: Stack, workspace: UUID, folder: Path
) -> None:
    set_up(api, stack, workspace, seconds_per_order=0.5)
    ana = walk.sign_in(tabs.open(viewport={"width": 1_080, "height": 720}), stack, workspace)
    ana.follow("Upload a file of orders")
    ana.tab.get_by_label(ana.said("Drop the file here, or choose it:")).set_input_files(ORDERS)
    ana.press("See what is in it")
    ana.figure("new order", "25")
    take(ana, folder / "upload.png")
    ana.press("Import %(num)s order", num=25)
    ana.press("Ship %(num)s order of this file …", num=25)
    ana.is_at("Ship: preview")
    take(ana, folder / "ship.png")
    ana.press("Ship %(num)s order now", num=23)
    ana.reads("The batch was made.")
    ana.tab.goto(f"{stack.api_url}/app")
    expect(ana.tab.get_by_role("progressbar")).to_have_attribute(
        "value", re.compile("^(9|1[0-9])$"), timeout=_JOB_TIMEOUT_MS
    )
    take(ana, folder / "today.png")
    ana.tab.get_by_role("link", name="Lote del").first.click()
    expect(ana.tab.get_by_text(ana.said("Finished"), exact=True).first).to_be_visible(timeout=_JOB_TIMEOUT_MS)
    take(ana, folder / "job.png")
    ana.tab.emulate_media(color_scheme="dark")
    ana.tab.set_viewport_size({"width": 360, "height": 640})
    ana.follow("Settle")
    take(ana, folder / "settle-phone.png")
    sizes = {path.name: path.stat().st_size for path in folder.glob("*.png")}
    assert len(sizes) == 5
    assert {name: size for name, size in sizes.items() if size > _MOST_BYTES} == {}


def take(ana: Person, path: Path) -> None:
    """Take a picture of what the window shows, as it is when nothing is being loaded."""
    ana.tab.screenshot(path=path, animations="disabled", caret="hide")
