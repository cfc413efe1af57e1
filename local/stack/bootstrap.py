"""Make `.venv` and keep it as `uv.lock` says; run by whatever python3 the machine has.

It uses the standard library alone, in words that Python 3.6 understands too, so that it can say what is missing.
"""

import fcntl
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
    """Make `.venv`, or bring it up to date, unless it is as it should be.

    Raises:
        SetupError: it could not be.
    """
    wanted = inputs()
    if is_made_from(wanted):
        return
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.with_name("install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_made_from(wanted):
            install(wanted)


def is_made_from(wanted: str) -> bool:
    """Whether `.venv` is complete, starts and is what these inputs make."""
    return STAMP.exists() and STAMP.read_text() == wanted and works(VENV / "bin" / "python")


def install(wanted: str) -> None:
    """Bring `.venv` to what the inputs say.

    Raises:
        SetupError: a step failed.
    """
    sys.stdout.write("Installing the project into .venv …\n")
    sys.stdout.flush()
    # One that was moved, that lost its Python or that was not finished is not to be trusted.
    is_sound = STAMP.exists() and STAMP.read_text().splitlines()[:1] == [str(VENV)]
    if not is_sound or not works(VENV / "bin" / "python") or not works(VENV / "bin" / "uv"):
        make_venv(suitable_python())
    if STAMP.exists():
        STAMP.unlink()
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
    """Make `.venv` anew with uv in it.

    Raises:
        SetupError: Python lacks what that takes, or uv could not be installed.
    """
    if subprocess.call([python, "-c", "import ensurepip, venv"], stderr=subprocess.DEVNULL) != 0:
        raise SetupError(
            "python3 lacks its venv module: install it (on Debian and Ubuntu: apt-get install python3-venv)."
        )
    run(python, "-m", "venv", "--clear", str(VENV))
    run(str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV)


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
        reasons = [line for line in said if line.lower().startswith("error:")] or said[-1:]
        raise SetupError(f"The project could not be installed (is there a network?): {reasons[0]} (see {LOG})")


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
