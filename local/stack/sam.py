"""The SAM CLI, run so that neither the user's settings nor the network matter."""

import json
import os
import subprocess
import time
from pathlib import Path

from local.stack.environment import clean_environment
from local.stack.errors import StackError, reason
from local.stack.paths import CHECKOUT
from local.stack.tools import SAM, tool


def sam(state: Path, *arguments: str, log: str, **variables: str) -> None:
    """Run `sam` in the checkout; what it says goes to `logs/LOG.log`.

    Raises:
        StackError: it failed, with the line in which it said why.
    """
    output = state / "logs" / f"{log}.log"
    output.parent.mkdir(parents=True, exist_ok=True)
    programs = tool(SAM)
    settings = state / "home" / "sam"
    settings.mkdir(parents=True, exist_ok=True)
    # It asks the network for a newer version once a week; now is when it last did.
    (settings / "metadata.json").write_text(json.dumps({"lastVersionCheck": time.time()}))
    environment = clean_environment(
        state, SAM_CLI_TELEMETRY="0", __SAM_CLI_APP_DIR=str(settings), SAM_CLI_POLL_DELAY="0.2", **variables
    )
    with output.open("w") as stream:
        done = subprocess.run(
            [programs / "sam", *arguments],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        raise StackError(f"`sam {arguments[0]}` failed: {reason(output.read_text())} (all of it: {output})")


def lint(state: Path, template: Path) -> None:
    """Check a template of CloudFormation's own, which `sam validate` is not for.

    Raises:
        StackError: something in it is wrong, or would be refused.
    """
    done = subprocess.run(
        [tool(SAM) / "cfn-lint", template],
        cwd=CHECKOUT,
        env=clean_environment(state),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StackError(f"{template.name} is not valid:\n{done.stdout}{done.stderr}")


def uv_variables() -> dict[str, str]:
    """What uv needs of the user's environment: the cache, package indexes and proxies."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    passed = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file", "ssl_cert_dir")
    kept = {name: value for name, value in os.environ.items() if name.startswith("UV_") or name.lower() in passed}
    return {"UV_CACHE_DIR": str(Path(cache, "uv")), **kept}
