"""The eyes of the other tests see: each finds what it looks for on a page that has it."""

import pytest

from tests.e2e.browser.sound import barriers, sideways_px
from tests.e2e.browser.tabs import Tabs

pytestmark = pytest.mark.e2e
_PAGE = '<!doctype html><html lang="es"><title>A</title><main><h1>Envíos</h1>{}</main></html>'


def test_a_barrier_is_found(tabs: Tabs) -> None:
    tab = tabs.open()
    tab.set_content(_PAGE.format('<label>Ciudad <input></label><p style="color:#999">gris</p>'))
    assert [barrier.partition(":")[0] for barrier in barriers(tab)] == ["color-contrast"]
    tab.set_content(_PAGE.format("<label>Ciudad <input></label>"))
    assert barriers(tab) == []


def test_a_page_that_scrolls_sideways_is_found(tabs: Tabs) -> None:
    tab = tabs.open(viewport={"width": 360, "height": 640})
    tab.set_content(_PAGE.format('<div style="width:500px">ancho</div>'))
    assert sideways_px(tab) > 0
    tab.set_content(_PAGE.format("<div>angosto</div>"))
    assert sideways_px(tab) == 0


def test_a_script_that_fails_and_one_that_complains_are_heard(tabs: Tabs) -> None:
    tabs.open().set_content("<script>console.error('no'); missing()</script>")
    assert tabs.complaints == ["no", "missing is not defined"]
    tabs.forgive("no", "missing")
    assert tabs.complaints == []
