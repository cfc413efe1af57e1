"""Programs of other projects that the stack runs, each in an environment of its own under `.local/tools`.

They pin libraries to versions that the project's own environment cannot meet. `tools/NAME.txt` beside this
file lists all of a tool's packages; `uv pip compile --universal` makes it anew.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from local.stack.errors import StackError, reason
from local.stack.paths import CHECKOUT, TOOLS

#: The AWS emulator, the SAM CLI, and what the Lambda runtime offers to a function beside its own code.
MINISTACK, SAM, RUNTIME = "ministack", "sam", "runtime"
#: What makes a typed client of the API's description, for the tests; it pins typer.
OPENAPI_CLIENT = "openapi_client"
#: Node.js with npm: it gets the tests' browser, and the one test of TypeScript needs it.
NODE = "node"


def tool(name: str) -> Path:
    """The folder of a tool's programs, installed first where it is not.

    Raises:
        StackError: it could not be installed.
    """
    folder = TOOLS / name
    packages = Path(__file__).with_name("tools") / f"{name}.txt"
    stamp = folder / "installed.txt"
    wanted = f"{folder} {sys.base_prefix} {sys.version_info[:3]}\n{packages.read_text()}"
    TOOLS.mkdir(parents=True, exist_ok=True)
    with (TOOLS / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            # Standard output belongs to what is run: `make invoke` answers there.
            print(f"Installing {name} …", file=sys.stderr, flush=True)
            shutil.rmtree(folder, ignore_errors=True)
            uv("venv", "--quiet", "--python", sys.executable, str(folder))
            uv("pip", "install", "--quiet", "--python", str(folder), "--requirement", str(packages))
            stamp.write_text(wanted)
    return folder / "bin"


def uv(*arguments: str) -> None:
    """Run uv, with the user's own settings for package indexes and proxies.

    Raises:
        StackError: it failed; the end of what it said is in the text.
    """
    # `make` puts uv into the environment; elsewhere the one on PATH does.
    own = CHECKOUT / ".venv" / "bin" / "uv"
    done = subprocess.run(
        [str(own) if own.exists() else "uv", *arguments],
        cwd=CHECKOUT,
        env={**os.environ, "UV_PYTHON_DOWNLOADS": "never"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StackError(f"Packages could not be installed (is there a network?): {reason(done.stdout)}")
