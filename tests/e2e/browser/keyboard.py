"""Somebody without a mouse."""

from playwright.sync_api import Locator, Page

#: More stops than any page of the tests has.
_MOST_STOPS = 150
_IS_SEEN = """element => {
    const style = getComputedStyle(element);
    return element.matches(':focus-visible') && (style.outlineStyle !== 'none' || style.boxShadow !== 'none');
}"""


def reach(tab: Page, wanted: Locator) -> None:
    """Go on by Tab until the focus is there, and see that it shows.

    Raises:
        AssertionError: Tab does not lead there, or nobody can see that it did.
    """
    target = wanted.element_handle()
    for _ in range(_MOST_STOPS):
        if target.evaluate("element => element === document.activeElement"):
            assert target.evaluate(_IS_SEEN), f"nothing shows that the focus is on {wanted}"
            return
        tab.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {wanted}")


def press(tab: Page, wanted: Locator, key: str = "Enter") -> None:
    """Reach something and press a key on it."""
    reach(tab, wanted)
    tab.keyboard.press(key)
