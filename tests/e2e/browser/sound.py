"""What holds for every page, whatever is on it."""

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # it has no types
from playwright.sync_api import Page

#: WCAG 2.2 A and AA, by the names that axe has for their rules.
_RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def barriers(tab: Page) -> list[str]:
    """Return what keeps people from using the page, as axe finds it: rule, element, and what is wrong."""
    found = Axe().run(tab, options={"runOnly": _RULES, "resultTypes": ["violations"]})
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]


def sideways_px(tab: Page) -> int:
    """Return by how many pixels the page is wider than its window: so far it scrolls sideways."""
    overhang: int = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return overhang
