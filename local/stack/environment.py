"""Environments that nothing in the user's shell can change."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

AWS_REGION = "us-east-1"
#: In the environment of every background process of a stack and of its children: whose it is.
OWNER_VARIABLE = "ROBOT_JOBS_STACK_OF"
_FOREIGN_PREFIXES = ("AWS_", "PG", "SAM_", "UV_PROJECT", "PYTHON")
_FOREIGN_NAMES = ("http_proxy", "https_proxy", "all_proxy", "DATABASE_URL", "VIRTUAL_ENV")


def clean_environment(state: Path, **variables: str) -> dict[str, str]:
    """The environment of a process of the stack whose state directory is `state`."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        # Nothing reads or writes the user's own settings (~/.aws, ~/.aws-sam).
        "HOME": str(_made(state / "home")),
        "TMPDIR": str(_made(state / "tmp")),
        "LANG": "C.UTF-8",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUNBUFFERED": "1",
        **variables,
    }


def aws_variables(endpoint_url: str) -> dict[str, str]:
    """What makes an AWS SDK talk to the emulator at `endpoint_url`."""
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_DEFAULT_REGION": AWS_REGION,
        "AWS_REGION": AWS_REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextmanager
def without_users_settings() -> Iterator[None]:
    """Run the block as if the user's shell had no settings for AWS, PostgreSQL, proxies or Python."""
    removed = {name: value for name, value in os.environ.items() if _is_foreign(name)}
    for name in removed:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(removed)


def _is_foreign(name: str) -> bool:
    return name.startswith(_FOREIGN_PREFIXES) or name.lower() in {n.lower() for n in _FOREIGN_NAMES}


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
