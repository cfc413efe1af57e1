"""`robot-jobs order`: tell the story of an order, or correct it, so that it can be tried again."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

import typer
from typer.core import TyperGroup

from local.cli.connection import ApiUrl, Token, Workspace, choose_token, connect, workspace_of
from local.cli.errors import ApiError, CommandError
from local.cli.items import JobItems
from local.cli.settlements import read_number
from local.cli.story import tell
from shared.logistics import FieldKind, Unreadable, known_order_ids, read_field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.cli.api import RobotJobsApi
    from local.cli.models import Order


class NameOrCommand(TyperGroup):
    """A group whose first word may be an order, of which the story is told then."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - the types of the library's own copy of click
        """Find the command; what is none is an order."""
        known = args and (args[0] in self.commands or args[0].startswith("-"))
        return super().resolve_command(ctx, args if known else ["show", *args])


app = typer.Typer(no_args_is_help=True, cls=NameOrCommand, help="Tell the story of an order, or correct it.")
app.command("show")(tell)

#: The options that an order's own columns have, and those of its contact.
_OF_ORDER: Final = {
    "address": "shippingAddress",
    "city": "shippingCity",
    "department": "shippingDepartment",
    "email": "email",
    "units": "units",
    "tracking-number": "trackingNumber",
}
_OF_CONTACT: Final = {"name": "name", "phone": "phone", "identification": "identification"}
_CLEARABLE: Final = (*_OF_ORDER, "phone", "identification")


@app.callback()
def order() -> None:
    """Tell the story of an order (`robot-jobs order NAME`), or correct it."""


@app.command("set")
def set_order(  # noqa: PLR0913 - each parameter is an option of the command
    order: Annotated[str, typer.Argument(metavar="ORDER", help="The order's id, or its name.")],
    *,
    job: Annotated[UUID | None, typer.Option(help="Look for the name among this job's orders.")] = None,
    address: Annotated[str | None, typer.Option(help="Where it is shipped to.")] = None,
    city: Annotated[str | None, typer.Option(help="The city of the address.")] = None,
    department: Annotated[str | None, typer.Option(help="The department of the city.")] = None,
    name: Annotated[str | None, typer.Option("--name", "--recipient", help="Who it is shipped to.")] = None,
    phone: Annotated[str | None, typer.Option(help="The recipient's phone.")] = None,
    identification: Annotated[str | None, typer.Option(help="The recipient's identification.")] = None,
    email: Annotated[str | None, typer.Option(help="The order's e-mail address.")] = None,
    units: Annotated[int | None, typer.Option(help="How many parcels, 1 to 999.")] = None,
    prepaid: Annotated[bool | None, typer.Option("--prepaid/--cash-on-delivery", help="How it is paid.")] = None,
    tracking_number: Annotated[str | None, typer.Option(help="The carrier's number of its shipment.")] = None,
    clear: Annotated[
        list[str] | None, typer.Option(help=f"Empty a field, repeatable: one of {', '.join(_CLEARABLE)}.")
    ] = None,
    allow_shared_number: Annotated[
        bool, typer.Option("--allow-shared-number", help="The number may be one that another order has.")
    ] = False,
    api_url: ApiUrl = None,
    token: Token = None,
    workspace: Workspace = None,
) -> None:
    """Change what is named of an order and keep the rest; a retry then sends the order as it is.

    An order is found by its id; by its name among the orders of --job; or by its name where it was imported from a
    file without ids.
    """
    given: dict[str, Any] = {
        "address": address,
        "city": city,
        "department": department,
        "email": email,
        "units": units,
        "tracking-number": _number(tracking_number),
        "name": name,
        "phone": phone,
        "identification": identification,
    }
    values = _checked({option: value for option, value in given.items() if value is not None}, clear or ())
    if prepaid is None and not values:
        raise CommandError("Nothing to set: name at least one of the options (see --help).")
    changes = {field: values[option] for option, field in _OF_ORDER.items() if option in values}
    if prepaid is not None:
        changes["prepaid"] = prepaid
    if allow_shared_number:
        changes["allowSharedNumber"] = True
    bearer = choose_token(token, workspace)
    with connect(api_url, bearer, None) as api:
        found = _find(api, order, job, workspace_of(bearer))
        contact = {field: values[option] for option, field in _OF_CONTACT.items() if option in values}
        if contact:
            changes["contact"] = _contact(found, contact)
        changed = api.update_order(found.id, changes)
    print(f"Order {changed.name or changed.id} is changed; retry its job to send it as it is now.")


def _number(text: str | None) -> str | None:
    if text is None:
        return None
    if (number := read_number(text)) is None:
        raise CommandError(f"{text!r} is no tracking number; to clear it, say --clear tracking-number.")
    return number


def _checked(given: dict[str, Any], clear: Sequence[str]) -> dict[str, Any]:
    """What is set, and None for what is cleared.

    Raises:
        CommandError: an option is empty, or is set and cleared, or can't be cleared.
    """
    for option, value in given.items():
        # An unset variable of a shell is no order to forget an address.
        if isinstance(value, str) and not value.strip():
            raise CommandError(f"--{option} is empty; to clear it, say --clear {option}.")
    for option in clear:
        if option not in _CLEARABLE:
            raise CommandError(f"--clear {option} is not possible; use one of {', '.join(_CLEARABLE)}.")
        if option in given:
            raise CommandError(f"--{option} and --clear {option} contradict each other.")
    return given | dict.fromkeys(clear)


def _contact(found: Order, changes: dict[str, Any]) -> dict[str, Any]:
    """The contact as it is written: its name is always said."""
    name = changes.get("name") or (found.contact and found.contact.name)
    if not name:
        raise CommandError("The order has no recipient's name yet; give --name too.")
    return {**changes, "name": name}


def _find(api: RobotJobsApi, text: str, job: UUID | None, workspace: UUID | None) -> Order:
    """The one order that is called so.

    Raises:
        CommandError: none is found; the text says what can be.
    """
    try:
        return api.get_order(UUID(text))
    except ValueError:
        pass
    if job is not None:
        return api.get_order(JobItems(api.get_items(job)).find(text).order_id)
    read = read_field(text, FieldKind.NAME)
    if workspace is not None and read is not None and not isinstance(read, Unreadable):
        for order_id in known_order_ids(workspace, read, text):
            try:
                return api.get_order(order_id)
            except ApiError as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    raise
    raise CommandError(
        f"No order {text!r} is found. By name alone only an order is found that was imported from a file without ids; "
        "name the job that it is in with --job JOB_ID, or give the order's id."
    )
