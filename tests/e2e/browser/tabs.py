"""Tabs of a browser, each of a person of its own, and what the browser complained of."""

from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

#: What a step may take on two cores that other tests share, with a function's cold start in it.
STEP_TIMEOUT_MS = 30_000
expect.set_options(timeout=STEP_TIMEOUT_MS)


class Tabs:
    """Opens tabs, and keeps what their consoles complained of: scripts that failed, what the policy forbade."""

    def __init__(self, browser: Browser) -> None:
        self._heard: list[str] = []
        self._forgiven: list[str] = []
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    @property
    def complaints(self) -> list[str]:
        """Return what is not forgiven, in its order."""
        return [each for each in self._heard if not any(part in each for part in self._forgiven)]

    def open(self, **options: Any) -> Page:
        """Open a tab as a new person: no cookie is shared; the options are those of a browser's context."""
        context = self._browser.new_context(**{"locale": "es-CO", "timezone_id": "America/Bogota", **options})
        context.set_default_timeout(STEP_TIMEOUT_MS)
        self._contexts.append(context)
        context.on("console", self._listen)
        context.on("weberror", lambda failed: self._heard.append(str(failed.error)))
        return context.new_page()

    def forgive(self, *parts: str) -> None:
        """Pass over complaints with one of these in it, also later: a status that was provoked, a lost connection."""
        self._forgiven += parts

    def close(self) -> None:
        """Close all tabs."""
        for context in self._contexts:
            context.close()

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._heard.append(message.text)
