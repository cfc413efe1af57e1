"""`robot-jobs carrier`: the workspace's account at a carrier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from local.cli.connection import ApiUrl, Token, Workspace, connect
from local.cli.errors import CommandError
from local.cli.secret_texts import keep_secret
from local.cli.terminal import make_console
from shared.carriers.registry import DEFAULT_CARRIER

if TYPE_CHECKING:
    from local.cli.models import CarrierConfig

app = typer.Typer(no_args_is_help=True, help="Show or set the workspace's account at a carrier.")

Carrier = Annotated[str, typer.Option(help="The carrier's name.")]


@app.command("set")
def set_config(  # noqa: PLR0913 - each parameter is an option of the command
    *,
    username: Annotated[str | None, typer.Option(help="The portal's user name.")] = None,
    password: Annotated[
        str | None,
        typer.Option(
            envvar="ROBOT_JOBS_PORTAL_PASSWORD",
            help="The portal's password; others can read a command line, so better from the environment.",
        ),
    ] = None,
    ask_password: Annotated[bool, typer.Option("--ask-password", help="Ask for the password.")] = False,
    robot_url: Annotated[str | None, typer.Option(help="The robot's address.")] = None,
    enable: Annotated[bool | None, typer.Option("--enable/--disable", help="Use the account or not.")] = None,
    retention_days: Annotated[
        int | None, typer.Option(help="Days that what was sent for an order is kept after its end.")
    ] = None,
    wave_size: Annotated[int | None, typer.Option(help="Orders that the robot is given at once, 1 to 500.")] = None,
    stop_after_errors: Annotated[
        int | None, typer.Option(help="So many errors in a row with the same words pause a job; 0: none do.")
    ] = None,
    declared_value: Annotated[float | None, typer.Option(help="Declared value of a shipment, COP.")] = None,
    weight_kg: Annotated[float | None, typer.Option(help="Weight of a shipment.")] = None,
    height_cm: Annotated[float | None, typer.Option(help="Height of a shipment.")] = None,
    length_cm: Annotated[float | None, typer.Option(help="Length of a shipment.")] = None,
    width_cm: Annotated[float | None, typer.Option(help="Width of a shipment.")] = None,
    reference: Annotated[str | None, typer.Option(help="Reference printed on the label.")] = None,
    carrier: Carrier = DEFAULT_CARRIER,
    api_url: ApiUrl = None,
    token: Token = None,
    workspace: Workspace = None,
) -> None:
    """Set what is named of the account and keep the rest."""
    if ask_password:
        password = typer.prompt("Portal password", hide_input=True)
    if password:
        keep_secret(password)
    defaults = _named(
        declaredValue=declared_value,
        weightKg=weight_kg,
        heightCm=height_cm,
        lengthCm=length_cm,
        widthCm=width_cm,
        reference=reference,
    )
    changes = _named(
        portalUsername=username,
        portalPassword=password,
        robotUrl=robot_url,
        isEnabled=enable,
        personalDataRetentionDays=retention_days,
        waveSize=wave_size,
        stopAfterErrors=stop_after_errors,
        shipmentDefaults=defaults or None,
    )
    if not changes:
        raise CommandError("Nothing to set: name at least one of the options (see --help).")
    with connect(api_url, token, workspace) as api:
        _print(api.put_carrier_config(carrier, changes))


@app.command("show")
def show_config(
    *, carrier: Carrier = DEFAULT_CARRIER, api_url: ApiUrl = None, token: Token = None, workspace: Workspace = None
) -> None:
    """Show the account; whether there is a password, never which."""
    with connect(api_url, token, workspace) as api:
        _print(api.get_carrier_config(carrier))


def _named(**values: object) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _print(config: CarrierConfig) -> None:
    console = make_console()
    console.print(f"User name  {config.portal_username or '-'}")
    console.print(f"Password   {'set' if config.has_password else '-'}")
    console.print(f"Robot      {config.robot_url or '-'}")
    console.print(f"Enabled    {'yes' if config.is_enabled else 'no'}")
    console.print(f"Personal data kept for {config.personal_data_retention_days} days after an order's end")
    console.print(f"Wave size  {config.wave_size}")
    console.print(f"A job is paused after {config.stop_after_errors} errors in a row with the same words (0: never)")
    for name, value in (config.shipment_defaults or {}).items():
        console.print(f"Default    {name} = {value}")
