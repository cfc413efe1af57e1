"""What holds for every page, whatever is on it."""

from collections.abc import Mapping, Sequence

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # it has no types
from playwright.sync_api import Page

Rules = Mapping[str, str | Sequence[str]]

#: WCAG 2.2 A and AA, by the names that axe has for their rules.
ALL: Rules = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
#: What a theme can break.
COLOURS: Rules = {"type": "rule", "values": ["color-contrast"]}


def barriers(tab: Page, rules: Rules = ALL) -> list[str]:
    """Return what keeps people from using the page, as axe finds it: rule, element, and what is wrong."""
    found = Axe().run(tab, options={"runOnly": rules, "resultTypes": ["violations"]})
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]


def sideways_px(tab: Page) -> int:
    """Return by how many pixels the page is wider than its window: so far it scrolls sideways."""
    overhang: int = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return overhang
