"""A browser for the operator's page: one for all tests, and a context of its own for each person."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from local.browser.found import find_browser
from tests.e2e.browser.tabs import Tabs


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Give the browser; where none can be had, every test fails and says what to install."""
    found = find_browser()
    # Closed after this folder's last test: no other test is to find Playwright's event loop running.
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(
            executable_path=found.program, env={**os.environ, **found.environment}, args=["--disable-gpu"]
        ) as browser,
    ):
        yield browser


@pytest.fixture
def tabs(chromium: Browser) -> Iterator[Tabs]:
    """Give what opens tabs; what a browser complains of in its console fails the test."""
    opened = Tabs(chromium)
    yield opened
    opened.close()
    assert opened.complaints == []
