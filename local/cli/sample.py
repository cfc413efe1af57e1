"""`robot-jobs sample`: a sample event, filled in from the local stack."""

from __future__ import annotations

import json
from typing import Annotated

import typer

Name = Annotated[str, typer.Argument(metavar="NAME", help="As in events/: submit_job for events/submit_job.json.")]


def sample(name: Name) -> None:
    """Print a sample event of events/ with the ids and tokens of the running local stack."""
    # A deployed API needs no local stack.
    from local.stack.samples import filled_sample  # noqa: PLC0415

    print(json.dumps(filled_sample(name), indent=2, ensure_ascii=False))
