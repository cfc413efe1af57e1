"""A client that is generated from the description of the API, made anew when that or the generator changes."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from local.stack.tools import OPENAPI_CLIENT, tool
from shared.http.description import DOCUMENT
from tests.template import ROOT

PROGRAM = ROOT / "tests" / "e2e" / "typed_client_program.py"
_FOLDER = ROOT / ".local" / "typed-client"
_PACKAGES = ROOT / "local" / "stack" / "tools" / f"{OPENAPI_CLIENT}.txt"


def generated_client() -> Path:
    """Return the folder that the generated package is in; it was made without a warning."""
    digest = hashlib.sha256(DOCUMENT.read_bytes() + _PACKAGES.read_bytes()).hexdigest()[:12]
    folder = _FOLDER / digest
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with (_FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            for old in _FOLDER.glob("*/"):
                shutil.rmtree(old)
            unfinished = _FOLDER / "unfinished"
            unfinished.mkdir()
            programs = tool(OPENAPI_CLIENT)
            output = ("--path", DOCUMENT, "--output-path", unfinished / "typed_client")
            # It formats what it made with the ruff that came with it.
            path = f"{programs}:{os.environ['PATH']}"
            run(
                programs / "openapi-python-client",
                "generate",
                *output,
                "--meta",
                "none",
                "--fail-on-warning",
                PATH=path,
            )
            unfinished.rename(folder)
    return folder


def client_python() -> Path:
    """Return the interpreter that has what the client needs, and nothing of the project."""
    return tool(OPENAPI_CLIENT) / "python"


def run(*command: str | Path, **environment: str) -> str:
    """Run a program and return what it said, which is told where it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(words, env=os.environ | environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
