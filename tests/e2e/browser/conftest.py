"""A browser for the operator's page: one for all tests, and a context of its own for each person."""

import os
from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, sync_playwright

from local.browser.found import find_browser
from local.cli.api import RobotJobsApi
from local.stack.state import Stack
from shared.domain.ids import uuid7
from tests.e2e.browser import walk
from tests.e2e.browser.demo_data import DemoData, ship_the_samples
from tests.e2e.browser.tabs import Tabs
from tests.e2e.browser.walk import Person
from tests.e2e.conftest import token


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


@pytest.fixture(scope="package")
def demo_data(stack: Stack) -> Iterator[DemoData]:
    """Give a workspace in which the sample orders were shipped once; tests only look at it."""
    workspace = uuid7()
    with RobotJobsApi(stack.api_url, token(workspace)) as api:
        yield ship_the_samples(api, stack, workspace)


@pytest.fixture
def shipped(tabs: Tabs, stack: Stack, demo_data: DemoData) -> Person:
    """Give somebody who has signed in to the workspace of the shipped sample orders."""
    return walk.sign_in(tabs.open(), stack, demo_data.workspace)


@pytest.fixture
def ana(tabs: Tabs, stack: Stack, workspace: UUID) -> Person:
    """Give somebody who has signed in to the test's workspace."""
    return walk.sign_in(tabs.open(), stack, workspace)
