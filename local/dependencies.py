"""`python -m local.dependencies`: look for known vulnerabilities in what `uv.lock` names.

Where the registry does not answer there is nothing to look in: that is said, and is no failure.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[1]
_BIN = Path(sys.executable).parent
_TIMEOUT_S = 120


def main() -> int:
    """Say what was found; 1 where it is a vulnerability."""
    audited = _audit()
    if audited is None:
        print("The dependencies were not audited: the registry of vulnerabilities does not answer.")
        return 0
    found = vulnerabilities(audited)
    looked_up = sum("skip_reason" not in package for package in audited)
    for line in found:
        print(line)
    print(f"{looked_up} of {len(audited)} dependencies audited, {len(found)} vulnerabilities.")
    return 1 if found else 0


def vulnerabilities(audited: list[dict[str, Any]]) -> list[str]:
    """Return a line for each vulnerability: what has it, what it is, and which version mends it."""
    return [
        f"{package['name']} {package['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'none'}"
        for package in audited
        for found in package.get("vulns", [])
    ]


def _audit() -> list[dict[str, Any]] | None:
    """Return what pip-audit says of each dependency, or None where it could look nothing up."""
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder, "requirements.txt")
        export = ("export", "--quiet", "--frozen", "--all-groups", "--no-emit-project", "--output-file")
        subprocess.run([_BIN / "uv", *export, requirements], cwd=CHECKOUT, check=True)
        options = ("--disable-pip", "--no-deps", "--progress-spinner", "off", "--format", "json", "--timeout", "5")
        try:
            done = subprocess.run(
                [_BIN / "pip-audit", "--requirement", requirements, *options],
                capture_output=True,
                text=True,
                check=False,
                timeout=_TIMEOUT_S,
            )
            audited: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
        except (subprocess.TimeoutExpired, ValueError):
            return None
    # A package that the registry does not know is skipped; all of them are when there is no such registry.
    return audited if any("skip_reason" not in package for package in audited) else None


if __name__ == "__main__":
    sys.exit(main())
