"""Which browser drives the page, and what is said where there is none."""

import platform
import sys
from pathlib import Path

import pytest

from local.browser import fetched, found
from local.browser.errors import BrowserError
from local.stack.errors import StackError


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Give the only folder where programs are looked for, on a machine that no browser comes to by itself."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("ROBOT_JOBS_BROWSER", raising=False)
    monkeypatch.setattr(found, "_APPLICATIONS", ())
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    return tmp_path


def program(folder: Path, name: str) -> Path:
    path = folder / name
    path.touch(mode=0o755)
    return path


def test_the_one_that_is_named_goes_before_the_installed_one(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bare, "chromium")
    monkeypatch.setenv("ROBOT_JOBS_BROWSER", str(program(bare, "my-chrome")))
    assert found.find_browser().program.name == "my-chrome"


def test_a_name_that_is_no_program_is_said(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bare, "chromium")
    monkeypatch.setenv("ROBOT_JOBS_BROWSER", "netscape")
    with pytest.raises(BrowserError, match="ROBOT_JOBS_BROWSER names netscape, which is no program"):
        found.find_browser()


@pytest.mark.parametrize("name", ["google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "chrome"])
def test_an_installed_one_is_used_by_any_of_its_names(bare: Path, name: str) -> None:
    installed = program(bare, name)
    assert found.find_browser().program == installed


def test_an_application_of_a_mac_is_used(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bare
    monkeypatch.setattr(found, "_APPLICATIONS", ("Chromium",))
    monkeypatch.setattr(Path, "exists", lambda path: str(path) == "/Applications/Chromium.app/Contents/MacOS/Chromium")
    assert found.find_browser().program.name == "Chromium"


def test_where_none_can_come_by_itself_it_is_said_what_to_install(bare: Path) -> None:
    assert bare
    with pytest.raises(BrowserError, match="install Chrome or Chromium, or name one with ROBOT_JOBS_BROWSER"):
        found.find_browser()


def test_without_a_network_it_is_said_what_to_install(
    bare: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def no_network(name: str) -> Path:
        raise StackError(f"{name} could not be installed")

    assert bare
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(fetched, "FOLDER", tmp_path / "browser")
    monkeypatch.setattr(fetched, "tool", no_network)
    with pytest.raises(BrowserError, match=r"node could not be installed\): install Chrome or Chromium"):
        found.find_browser()
    # What was begun is not taken for a browser the next time.
    assert [path.name for path in (tmp_path / "browser").iterdir()] == ["lock"]


def test_another_package_under_the_same_name_is_refused() -> None:
    with pytest.raises(BrowserError, match="is not the package that was pinned"):
        fetched.checked(b"another")
