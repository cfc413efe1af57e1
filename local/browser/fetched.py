"""A headless Chromium from an npm package, with the libraries that a bare Linux lacks, kept under `.local/browser`.

npm itself comes from a wheel (`local/stack/tools/node.txt`), so that python3 and make are enough. The package's own
script is not run: it unpacks to the machine's temporary folder and belongs to Lambda.
"""

import base64
import fcntl
import hashlib
import io
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import brotli  # type: ignore[import-untyped] # it has no types

from local.browser.errors import WHAT_TO_DO, BrowserError
from local.stack.errors import StackError, reason
from local.stack.paths import CHECKOUT
from local.stack.tools import NODE, tool

PACKAGE = "@sparticuz/chromium"
VERSION = "153.0.0"
#: As `npm view PACKAGE@VERSION dist.integrity` gives it.
INTEGRITY = "sha512-jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="
FOLDER = CHECKOUT / ".local" / "browser"
_TIMEOUT_S = 300
# Its own fonts come first, so that pages look alike everywhere; without any font the browser ends at the first text.
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{folder}/fonts/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>{folder}/fonts-cache</cachedir>
</fontconfig>
"""


def fetch() -> Path:
    """The folder with the unpacked browser; fetched unless it is there.

    Raises:
        BrowserError: it could not be fetched, or is not what was pinned.
    """
    folder = FOLDER / VERSION
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            with tempfile.TemporaryDirectory(dir=FOLDER) as unfinished:
                unpack(checked(_packed(Path(unfinished)).read_bytes()), Path(unfinished) / VERSION)
                # Whole or not at all, also when somebody interrupts it.
                shutil.move(Path(unfinished) / VERSION, folder)
        # The checkout may have been moved.
        (folder / "fonts.conf").write_text(_FONTS.format(folder=folder))
    return folder


def checked(package: bytes) -> bytes:
    """The package itself, if it is the pinned one.

    Raises:
        BrowserError: it is another.
    """
    digest = "sha512-" + base64.b64encode(hashlib.sha512(package).digest()).decode()
    if digest != INTEGRITY:
        raise BrowserError(f"{PACKAGE} {VERSION} is not the package that was pinned ({digest}): do not use it.")
    return package


def unpack(package: bytes, folder: Path) -> None:
    """Unpack the browser, its libraries and its fonts into a folder of their own."""
    folder.mkdir()
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        for name in ("fonts.tar", "al2023.tar", "chromium"):
            content = _part(archive, f"package/bin/{name}.br")
            if name.endswith(".tar"):
                with tarfile.open(fileobj=io.BytesIO(content)) as inner:
                    inner.extractall(folder / name.removesuffix(".tar"), filter="data")
            else:
                (folder / name).write_bytes(content)
    (folder / "chromium").chmod(0o755)


def _part(archive: tarfile.TarFile, name: str) -> bytes:
    member = archive.extractfile(name)
    if member is None:
        raise BrowserError(f"{PACKAGE} {VERSION} has no {name}: {WHAT_TO_DO}.")
    content: bytes = brotli.decompress(member.read())
    return content


def _packed(folder: Path) -> Path:
    command = ("npm", "pack", "--silent", "--ignore-scripts", f"{PACKAGE}@{VERSION}")
    try:
        done = subprocess.run(
            [str(tool(NODE) / command[0]), *command[1:]],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=_TIMEOUT_S,
        )
    except (StackError, OSError, subprocess.TimeoutExpired) as error:
        raise BrowserError(_not_fetched(str(error))) from error
    if done.returncode != 0:
        raise BrowserError(_not_fetched(reason(done.stderr)))
    return next(folder.glob("*.tgz"))


def _not_fetched(why: str) -> str:
    return f"No browser was found and none could be fetched ({why}): {WHAT_TO_DO}."
