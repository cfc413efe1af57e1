"""Make `.venv` and keep it as `uv.lock` says; run by whatever python3 the machine has.

It uses the standard library alone, in words that Python 3.6 understands too, so that it can say what is missing.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
VENV = CHECKOUT / ".venv"
STAMP = VENV / "synced"
LOG = CHECKOUT / ".local" / "logs" / "install.log"
UV = "uv==0.13.9"
OLDEST = (3, 11)
NEWER_PYTHONS = ("python3.13", "python3.12", "python3.11", "python3.14")


class SetupError(Exception):
    """The environment cannot be made; the text is one sentence a person can act on."""


def main() -> int:
    """Bring `.venv` up to date; 1 and one sentence where that is not possible."""
    try:
        ensure_environment()
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
    except OSError as error:
        sys.stderr.write(f"The project could not be installed: {error}.\n")
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; run the command again to go on.\n")
    else:
        return 0
    return 1


def ensure_environment() -> None:
    """Make or complete `.venv`, unless it is as it should be.

    Raises:
        SetupError: it could not be.
    """
    wanted = inputs()
    made_from = STAMP.read_text() if STAMP.exists() else ""
    if made_from == wanted and works(VENV / "bin" / "python"):
        return
    python = suitable_python()
    sys.stdout.write("Installing the project into .venv …\n")
    sys.stdout.flush()
    LOG.parent.mkdir(parents=True, exist_ok=True)
    was_moved = made_from != "" and made_from.splitlines()[0] != str(VENV)
    # What a folder that was moved holds, or one whose Python is gone, no longer starts.
    if was_moved or not works(VENV / "bin" / "python") or not works(VENV / "bin" / "pip"):
        make_venv(python)
    if not works(VENV / "bin" / "uv"):
        run(str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV)
    run(str(VENV / "bin" / "uv"), "sync", "--frozen", "--inexact", "--quiet", "--python", str(VENV / "bin" / "python"))
    STAMP.write_text(wanted)


def suitable_python() -> str:
    """This Python, or another one of the machine where this one is too old."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for name in NEWER_PYTHONS:
        path = shutil.which(name)
        # Some of these names stand for a Python that is not there.
        if path and works(path):
            return path
    raise SetupError(
        "Python {}.{} or newer is needed and python3 is {}.{}: install a newer one, or name it: "
        "make PYTHON=/path/to/python3 up".format(*OLDEST, *sys.version_info[:2])
    )


def make_venv(python: str) -> None:
    """Make `.venv` anew with pip in it."""
    if subprocess.call([python, "-c", "import ensurepip, venv"], stderr=subprocess.DEVNULL) != 0:
        raise SetupError(
            "python3 lacks its venv module: install it (on Debian and Ubuntu: apt-get install python3-venv)."
        )
    run(python, "-m", "venv", "--clear", str(VENV))


def run(*command: str) -> None:
    """Run a command; what it says is shown only where it fails.

    Raises:
        SetupError: it failed.
    """
    environment = dict(os.environ, UV_PYTHON_DOWNLOADS="never", UV_PROJECT_ENVIRONMENT=str(VENV))
    for name in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME"):
        environment.pop(name, None)
    with LOG.open("w") as log:
        code = subprocess.call(command, stdout=log, stderr=subprocess.STDOUT, cwd=str(CHECKOUT), env=environment)
    if code != 0:
        said = LOG.read_text().strip().splitlines() or ["nothing was said"]
        raise SetupError(f"The project could not be installed (is there a network?): {said[-1].strip()} (see {LOG})")


def works(program: "Path | str") -> bool:
    """Whether a program starts."""
    try:
        return subprocess.call([str(program), "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def inputs() -> str:
    """The place of the environment on its first line, then what it is made from."""
    digest = hashlib.sha256()
    for name in ("uv.lock", "pyproject.toml"):
        digest.update((CHECKOUT / name).read_bytes())
    return f"{VENV}\n{digest.hexdigest()} {UV}\n"


if __name__ == "__main__":
    sys.exit(main())
