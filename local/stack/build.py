"""The artefacts that `sam build` makes of the checkout: for the stack, for containers, for AWS."""

import hashlib
import re
import sys
from pathlib import Path

from local.stack.errors import StackError
from local.stack.paths import CHECKOUT
from local.stack.sam import sam, uv_variables
from local.stack.tools import MINISTACK, tool

_INPUTS = ("template.yaml", "samconfig.toml", "Makefile", "uv.lock")
_PACKAGES = ("functions", "shared")
_ARCHITECTURE_DEFAULT = re.compile(r"^(  Architecture:\n(?:    .*\n)*?    Default: )\w+$", re.MULTILINE)


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
    identity = f"{interpreter} {interpreter.resolve()}"
    return _ensure(state, build_directory(state), identity, (), LAYER_TARGET=f"--python {interpreter}")


def ensure_container_build(state: Path, directory: Path, architecture: str) -> None:
    """Build for Lambda's own Python on an architecture (arm64, x86_64), where anything changed since the last build.

    Raises:
        StackError: `sam build` failed.
    """
    _ensure(state, directory, architecture, _parameters(architecture), ARCHITECTURE=architecture)


def build_for_aws(state: Path, architecture: str) -> None:
    """Build into `.aws-sam`, with a template that is deployed for the same architecture unless it is told otherwise.

    Raises:
        StackError: there is no such architecture, or `sam build` failed.
    """
    if architecture not in {"arm64", "x86_64"}:
        raise StackError(f"Lambda has no architecture {architecture}: arm64 or x86_64.")
    sam(state, "build", *_parameters(architecture), log="build-aws", ARCHITECTURE=architecture, **uv_variables())
    template = CHECKOUT / ".aws-sam" / "build" / "template.yaml"
    text, found = _ARCHITECTURE_DEFAULT.subn(rf"\g<1>{architecture}", template.read_text(encoding="utf-8"))
    if found != 1:
        raise StackError(f"{template} has no default architecture; it was not made from this template.yaml.")
    template.write_text(text, encoding="utf-8")


def _parameters(architecture: str) -> tuple[str, ...]:
    return ("--parameter-overrides", f"Architecture={architecture}")


def _ensure(state: Path, directory: Path, identity: str, parameters: tuple[str, ...], **variables: str) -> str:
    digest = hashlib.sha256(identity.encode())
    for path in _sources():
        digest.update(f"{path.relative_to(CHECKOUT)} ".encode() + path.read_bytes())
    stamp = directory.parent / "built"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return digest.hexdigest()
    # Standard output belongs to what is run: `make invoke` answers there.
    print("Building the functions …", file=sys.stderr, flush=True)
    stamp.unlink(missing_ok=True)
    arguments = ("build", "--config-env", "local", "--build-dir", str(directory), *parameters)
    sam(state, *arguments, log="build", **variables, **uv_variables())
    stamp.write_text(digest.hexdigest())
    return digest.hexdigest()


def _sources() -> list[Path]:
    packages = [path for name in _PACKAGES for path in (CHECKOUT / name).rglob("*") if path.is_file()]
    return [CHECKOUT / name for name in _INPUTS] + sorted(path for path in packages if "__pycache__" not in path.parts)
