"""The artefacts that `sam build` makes of the checkout, for the interpreter that runs them here."""

import hashlib
from pathlib import Path

from local.stack.paths import CHECKOUT
from local.stack.sam import sam, uv_variables
from local.stack.tools import MINISTACK, tool

_INPUTS = ("template.yaml", "samconfig.toml", "Makefile", "uv.lock")
_PACKAGES = ("functions", "shared")


def build_directory(state: Path) -> Path:
    """Where the local build lies: a folder for each function and the layer, and the built template."""
    return state / "build"


def ensure_build(state: Path) -> str:
    """Build what the stack runs, where anything changed since the last build; the build's digest.

    Raises:
        StackError: `sam build` failed.
    """
    # The emulator runs functions with its own interpreter, whatever `Runtime` says.
    interpreter = tool(MINISTACK) / "python"
    digest = hashlib.sha256(f"{interpreter} {interpreter.resolve()}".encode())
    for path in _sources():
        digest.update(f"{path.relative_to(CHECKOUT)} ".encode() + path.read_bytes())
    stamp = state / "built"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return digest.hexdigest()
    print("Building the functions …", flush=True)
    stamp.unlink(missing_ok=True)
    target = f"--python {interpreter}"
    arguments = ("build", "--config-env", "local", "--build-dir", str(build_directory(state)))
    sam(state, *arguments, log="build", LAYER_TARGET=target, **uv_variables())
    stamp.write_text(digest.hexdigest())
    return digest.hexdigest()


def _sources() -> list[Path]:
    packages = [path for name in _PACKAGES for path in (CHECKOUT / name).rglob("*") if path.is_file()]
    return [CHECKOUT / name for name in _INPUTS] + sorted(path for path in packages if "__pycache__" not in path.parts)
