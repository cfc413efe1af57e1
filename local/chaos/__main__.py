"""`python -m local.chaos`: fail on purpose, and check that nothing is lost, doubled or stuck."""

from __future__ import annotations

import argparse
import os
import secrets
import sys

from local.chaos.guards import GUARDS
from local.chaos.run import Run
from local.chaos.situations import missing
from local.chaos.table import show
from local.cli.errors import CommandError
from local.cli.terminal import make_console
from local.stack.down import bring_down
from local.stack.errors import StackError
from local.stack.paths import state_directory
from local.stack.up import ensure_up

#: A stack of its own: it is emptied, and its database is crashed.
_STATE = ".local/chaos-stack"
_MOST_SEEDS = 2**31


def main() -> int:
    """Run once: 0 if everything holds, 1 if something does not, 2 if it could not be made, 3 if it proves nothing."""
    options = _parse()
    os.environ.setdefault("ROBOT_JOBS_STATE_DIR", _STATE)
    console = make_console()
    console.print(f"Seed {options.seed}: {options.seconds:.0f} s, {options.workspaces} workspaces", style="bold")
    try:
        stack = ensure_up()
        run = Run(stack, state_directory(), seed=options.seed, workspaces=options.workspaces, without=options.without)
        outcome = run.run(options.seconds, options.quiet_seconds)
    except (CommandError, StackError) as error:
        print(f"The run failed: {error}", file=sys.stderr)
        return 2
    finally:
        if not options.keep:
            bring_down()
    show(outcome, console)
    if outcome.too_late:
        console.print(
            f"The run proves nothing: the machine was too slow for its short spans. {len(outcome.too_late)} shipments"
            " were made after their hand-over counted as over.",
            style="red",
        )
        return 3
    if outcome.findings:
        guard = f" WITHOUT={options.without}" if options.without else ""
        console.print(
            f"`make chaos SEED={options.seed} SECONDS={options.seconds:g}{guard}` shows it again."
            f" What this run knew is in {outcome.kept_at}.",
            style="red",
            soft_wrap=True,
        )
        return 1
    if absent := missing(outcome.situations):
        console.print(
            f"The run proves nothing: it never came to {'; '.join(absent)}. Give it more SECONDS, or another SEED.",
            style="red",
        )
        return 3
    console.print("Nothing was lost, nothing doubled, nothing is stuck.", style="green")
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(_MOST_SEEDS), help="the faults follow from it")
    parser.add_argument("--seconds", type=float, default=300, help="how long faults come (default: %(default)s)")
    parser.add_argument("--workspaces", type=int, default=6, help="how many operators work (default: %(default)s)")
    parser.add_argument(
        "--quiet-seconds", type=float, default=90, help="how long quiet may take (default: %(default)s)"
    )
    parser.add_argument("--without", choices=sorted(GUARDS), help="take this guard out: the run must then find harm")
    parser.add_argument("--keep", action="store_true", help="leave the stack up")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
