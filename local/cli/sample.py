"""`robot-jobs sample`: a sample event, filled in from the local stack."""

from __future__ import annotations

import json
from typing import Annotated

import typer

Name = Annotated[str, typer.Argument(metavar="NAME", help="As in events/: submit_job for events/submit_job.json.")]


def sample(
    name: Name,
    *,
    on_bus: Annotated[
        bool, typer.Option("--on-bus", help="Put the events of a queue's sample on the stack's bus instead.")
    ] = False,
) -> None:
    """Print a sample event of events/ with the ids and tokens of the running local stack."""
    # A deployed API needs no local stack.
    from local.stack.bus import put_on_bus  # noqa: PLC0415
    from local.stack.samples import filled_sample  # noqa: PLC0415

    event = filled_sample(name)
    if on_bus:
        print(f"Events put on the bus: {put_on_bus(event)}")
    else:
        print(json.dumps(event, indent=2, ensure_ascii=False))
