"""`robot-jobs settle`: what a person found at the carrier of orders of which nobody knew."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path  # noqa: TC003 - typer reads it when the program runs
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

import typer
from typer.core import TyperCommand

from local.cli.connection import ApiUrl, Token, Workspace, connect
from local.cli.errors import ApiError, CommandError
from local.cli.items import JobItems
from local.cli.settle_files import read_settlements
from local.cli.settlements import Settlement, read_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.cli.api import RobotJobsApi
    from local.cli.settlements import Outcome

#: In one request all is recorded or nothing.
MAX_PER_REQUEST = 1_000
_SHIPPED: Final = "--shipped"
#: What `--shipped` without a number stands for.
_UNKNOWN: Final = "?"


class NumberMayBeUnknown(TyperCommand):
    """A command whose `--shipped` may stand alone."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Read the arguments; a `--shipped` that no number follows is one of an unknown number."""
        followed = [*args[1:], "--"]
        told = [
            f"{_SHIPPED}={_UNKNOWN}" if arg == _SHIPPED and after.startswith("--") else arg
            for arg, after in zip(args, followed, strict=True)
        ]
        return super().parse_args(ctx, told)


def settle(  # noqa: PLR0913 - each parameter is an option of the command
    job_id: Annotated[UUID, typer.Argument(help="The job's id.", metavar="JOB_ID")],
    items: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ITEM]...", help="The order's name, the item's id or its beginning."),
    ] = None,
    *,
    shipped: Annotated[
        str | None,
        typer.Option(_SHIPPED, metavar="[NUMBER]", help="It is in the portal, under this number or an unknown one."),
    ] = None,
    not_shipped: Annotated[bool, typer.Option("--not-shipped", help="It is not in the portal.")] = False,
    voided: Annotated[bool, typer.Option("--voided", help="Its shipment was cancelled at the carrier.")] = False,
    from_file: Annotated[
        Path | None,
        typer.Option("--from", exists=True, dir_okay=False, help="A CSV file: item (or order), outcome, number."),
    ] = None,
    note: Annotated[str | None, typer.Option(help="Kept in the history of each item.")] = None,
    allow_shared_number: Annotated[
        bool, typer.Option("--allow-shared-number", help="The number may be one that another order has.")
    ] = False,
    api_url: ApiUrl = None,
    token: Token = None,
    workspace: Workspace = None,
) -> None:
    """Say what you found in the carrier's portal, for orders that may have been shipped and second shipments.

    Look for the order's reference there first; `robot-jobs show JOB_ID` has it. All of a request of up to 1,000 items
    is recorded, or nothing; to say the same again is safe.
    """
    said = [name for name, is_said in _said(shipped, not_shipped=not_shipped, voided=voided) if is_said]
    if from_file is not None and (said or items):
        raise CommandError("Give --from alone: the file names the items and what became of each.")
    if from_file is None and (len(said) != 1 or not items):
        raise CommandError("Name items, then one of --shipped [NUMBER], --not-shipped, --voided; or --from FILE.csv.")
    with connect(api_url, token, workspace) as api:
        known = JobItems(api.get_items(job_id))
        if from_file is not None:
            settlements = read_settlements(from_file, known, allow_shared_number=allow_shared_number)
        else:
            settlements = _typed(items or [], said[0], shipped, known)
        settle_all(api, job_id, settlements, known, note=note, allow_shared_number=allow_shared_number)


def settle_all(  # noqa: PLR0913 - what is settled, and how
    api: RobotJobsApi,
    job_id: UUID,
    settlements: Sequence[Settlement],
    known: JobItems,
    *,
    note: str | None = None,
    allow_shared_number: bool = False,
) -> None:
    """Send settlements, as many requests as they need, and say what came of it.

    Raises:
        CommandError: a request was refused; the text says what was recorded before it.
    """
    recorded = changed = 0
    for start in range(0, len(settlements), MAX_PER_REQUEST):
        some = settlements[start : start + MAX_PER_REQUEST]
        try:
            done = api.settle(job_id, [each.body for each in some], note=note, allow_shared_number=allow_shared_number)
        except ApiError as error:
            before = f" The {recorded} before these were recorded." if recorded else ""
            raise CommandError(f"{_in_words(error, known)}{before}") from error
        recorded += len(some)
        changed += done.settled_count
    as_before = f"; as it stood already: {recorded - changed}" if changed < recorded else ""
    print(f"Orders settled: {changed}{as_before}")


def _said(shipped: str | None, *, not_shipped: bool, voided: bool) -> list[tuple[Outcome, bool]]:
    return [("shipped", shipped is not None), ("not shipped", not_shipped), ("voided", voided)]


def _typed(names: Sequence[str], outcome: Outcome, shipped: str | None, known: JobItems) -> list[Settlement]:
    number = None
    if shipped is not None and shipped != _UNKNOWN:
        number = read_number(shipped)
        if number is None:
            raise CommandError(f"{shipped!r} is no number; say --shipped alone where the number is unknown.")
        # `settle JOB A-1 --shipped A-2` means two orders and no number.
        if known.is_name(number):
            raise CommandError(f"{number} is an order of the job, not a number; name all items before --shipped.")
        if len(names) > 1:
            raise CommandError("A number is that of one shipment: name one item with it, or use --from FILE.csv.")
    items = [known.find(name) for name in names]
    if twice := [known.label(item.id) for item in items if items.count(item) > 1]:
        raise CommandError(f"{twice[0]} is named twice.")
    return [Settlement(item.id, outcome, number) for item in items]


def _in_words(error: ApiError, known: JobItems) -> str:
    """Why nothing of a request was recorded: with names, and with the time from when on it can be."""
    entries = [each for each in _list(error.members.get("items")) if isinstance(each, dict)]
    if error.code == "hand_over_not_over":
        names = ", ".join(known.label(UUID(str(each["itemId"]))) for each in entries)
        over_at = datetime.fromisoformat(str(error.members["overAt"]))
        minutes = max(1, round((over_at - datetime.now(UTC)).total_seconds() / 60))
        return (
            f"Nothing was recorded: the robot may still come to {names or 'these orders'}. That an order was not "
            f"shipped can be said from {over_at.astimezone():%Y-%m-%d %H:%M} on, in {minutes} min, or as soon as the "
            "robot has reported the rest of its batch. What is in the portal already can be settled as shipped now."
        )
    reasons = "".join(f"\n  {known.label(UUID(str(each['itemId'])))}: {each['reason']}" for each in entries)
    hint = " To use it all the same, say --allow-shared-number." if error.code == "number_in_use" else ""
    return f"Nothing was recorded: {known.named(str(error))}.{hint}{reasons}"


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
