"""Which browser drives the page: the one that is named, one that is installed, or the one of the package."""

import os
import platform
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local.browser.errors import VARIABLE, WHAT_TO_DO, BrowserError

_PROGRAMS = ("google-chrome-stable", "google-chrome", "chromium", "chromium-browser", "chrome")
_APPLICATIONS = ("Google Chrome", "Chromium")


@dataclass(frozen=True)
class Browser:
    """A program that Playwright can start as Chromium, and what its environment needs beside ours."""

    program: Path
    environment: Mapping[str, str] = field(default_factory=dict)


def find_browser() -> Browser:
    """The browser to use; fetched on the first call where the machine has none.

    Raises:
        BrowserError: there is none, and none can be had here; the text says what to install.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return Browser(_named(named))
    installed = _installed()
    if installed:
        return Browser(installed)
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise BrowserError(
            f"No browser was found: {WHAT_TO_DO}. Only for Linux on x86-64 is there one that comes by itself."
        )
    # Only who has none pays for what unpacks one.
    from local.browser.fetched import fetch  # noqa: PLC0415

    folder = fetch()
    return Browser(folder / "chromium", _environment(folder))


def _named(named: str) -> Path:
    program = shutil.which(named)
    if program is None:
        raise BrowserError(f"{VARIABLE} names {named}, which is no program: name a Chrome or Chromium, or unset it.")
    return Path(program)


def _installed() -> Path | None:
    for name in _PROGRAMS:
        if program := shutil.which(name):
            return Path(program)
    applications = [Path("/Applications", f"{name}.app", "Contents", "MacOS", name) for name in _APPLICATIONS]
    return next((path for path in applications if path.exists()), None)


def _environment(folder: Path) -> dict[str, str]:
    libraries = [str(folder / "al2023" / "lib"), *filter(None, [os.environ.get("LD_LIBRARY_PATH")])]
    return {"LD_LIBRARY_PATH": os.pathsep.join(libraries), "FONTCONFIG_FILE": str(folder / "fonts.conf")}
