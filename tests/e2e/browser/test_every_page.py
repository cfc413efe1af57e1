"""What holds for every page that links lead to: none can be forgotten."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from local.stack.state import Stack
from tests.e2e.browser.sound import COLOURS, barriers, sideways_px
from tests.e2e.browser.walk import Person

pytestmark = pytest.mark.e2e
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}")
_LEAST_PAGES = 10
_LINKS = "[...document.querySelectorAll('a[href]:not([download])')].map(link => link.href)"


def pages(tab: Page, start: str) -> Iterator[str]:
    """Visit every page that links lead to, one of a kind, and give its kind while the tab shows it."""
    waiting, seen = [start], {_kind(start)}
    while waiting:
        url = waiting.pop(0)
        answer = tab.goto(url)
        assert answer is not None
        assert answer.ok, f"{url}: {answer.status}"
        yield _kind(url)
        for link in tab.evaluate(_LINKS):
            if link.startswith(start) and _kind(link) not in seen:
                seen.add(_kind(link))
                waiting.append(link)


def _kind(url: str) -> str:
    return _ID.sub("{id}", urlsplit(url).path)


def test_nobody_is_kept_out_by_any_page_in_either_theme(shipped: Person, stack: Stack) -> None:
    found: dict[str, list[str]] = {}
    for kind in pages(shipped.tab, f"{stack.api_url}/app"):
        shipped.tab.emulate_media(color_scheme="dark")
        dark = [f"dark: {each}" for each in barriers(shipped.tab, COLOURS)]
        shipped.tab.emulate_media(color_scheme="light")
        found[kind] = barriers(shipped.tab) + dark
    assert len(found) >= _LEAST_PAGES, list(found)
    assert {page: what for page, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "width", [360, pytest.param(768, marks=pytest.mark.slow), pytest.param(2_560, marks=pytest.mark.slow)]
)
def test_no_page_scrolls_sideways(shipped: Person, stack: Stack, width: int) -> None:
    shipped.tab.set_viewport_size({"width": width, "height": 740})
    wide = {kind: sideways_px(shipped.tab) for kind in pages(shipped.tab, f"{stack.api_url}/app")}
    assert len(wide) >= _LEAST_PAGES, list(wide)
    assert {kind: overhang for kind, overhang in wide.items() if overhang} == {}
