"""The steps of a deployment, and those of taking it away; each says what it does, and can be done again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.cloud.smoke import MachineLogin, smoke
from local.stack.errors import StackError
from local.stack.paths import CHECKOUT
from local.stack.template import read_template

if TYPE_CHECKING:
    from local.cloud.account import Account
    from local.cloud.environment import Environment

FOUNDATION = CHECKOUT / "infra" / "foundation.yaml"
APPLICATION = CHECKOUT / "template.yaml"
BUILT = CHECKOUT / ".aws-sam" / "build" / "template.yaml"


def deploy(environment: Environment, account: Account) -> None:
    """Bring an environment up, or up to date.

    Raises:
        StackError: a step failed; those before it hold, and need not be taken back to try again.
    """
    _say(1, f"Account {account.number()}, region {environment.region}")
    _say(2, "Build the functions and their layer")
    account.build(environment.application.get("Architecture", "arm64"))
    _say(3, f"Foundation {environment.foundation_stack}; the first time takes a quarter of an hour")
    account.deploy(environment.foundation_stack, FOUNDATION, environment.foundation, environment.tags)
    foundation = account.outputs(environment.foundation_stack) or {}
    _say(4, f"Application {environment.stack}: the database is migrated first, then the functions change")
    account.deploy(environment.stack, BUILT, parameters(environment, foundation), environment.tags)
    application = account.outputs(environment.stack) or {}
    _say(5, "Coverage")
    for imported in _coverage(environment, account, application):
        print(f"    {imported}")
    _say(6, "First operator")
    print(f"    {_operator(environment, account, foundation)}")
    _say(7, "Smoke test")
    api_url = application["ApiUrl"]
    is_described = environment.application.get("ApiDescription", "on") == "on"
    for seen in smoke(api_url, _machine_login(environment, account, foundation), is_described=is_described):
        print(f"    {seen}")
    print(f"{environment.name} is up: {api_url}")
    if "AddressOut" in foundation:
        print(f"Robots see it come from {foundation['AddressOut']}.")


def destroy(environment: Environment, account: Account, confirmed: str) -> None:
    """Take an environment away.

    Raises:
        StackError: it is protected, nobody has confirmed it by its name, or something could not be deleted.
    """
    if environment.foundation.get("DeletionProtection", "true") != "false":
        raise StackError(
            f"{environment.name} is protected. To take it away, set foundation.DeletionProtection to "
            f'"false" in its file, run `make deploy ENV={environment.name}`, and come back.'
        )
    if confirmed != environment.stack:
        raise StackError(f"Nothing was deleted. Confirm by its stack's name: CONFIRM={environment.stack}")
    _say(1, f"Account {account.number()}, region {environment.region}")
    for number, stack in enumerate((environment.stack, environment.foundation_stack), start=2):
        if account.outputs(stack) is None:
            _say(number, f"{stack} is gone already")
        else:
            _say(number, f"Delete {stack}")
            account.delete(stack)
    print("What stays, and is paid for: the database's last snapshot, the key of the portal passwords, the user pool.")


def parameters(environment: Environment, foundation: dict[str, str]) -> dict[str, str]:
    """What the application is given: what the foundation gives, and what the environment's file says above it.

    Raises:
        StackError: something is left open, which the file has to say.
    """
    known = read_template(APPLICATION)["Parameters"]
    given = {name: value for name, value in foundation.items() if name in known} | environment.application
    missing = [name for name, parameter in known.items() if "Default" not in parameter and name not in given]
    if missing:
        raise StackError(
            f"Say in infra/environments/{environment.name}.toml, under [application]: {', '.join(missing)}. "
            "The foundation makes none, since the environment brings its own."
        )
    return given


def _coverage(environment: Environment, account: Account, application: dict[str, str]) -> list[str]:
    if not environment.coverage:
        return ["the starter list of the migrations: the environment's file names no [coverage]"]
    imported = []
    for carrier, file in environment.coverage.items():
        try:
            csv = (CHECKOUT / file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise StackError(f"The coverage of {carrier} can't be read as CSV in UTF-8: {error}.") from error
        cities = account.import_coverage(application["MigrateDatabaseFunctionName"], carrier, csv)
        imported.append(f"{carrier}: {cities} cities of {file}")
    return imported


def _operator(environment: Environment, account: Account, foundation: dict[str, str]) -> str:
    who = environment.operator
    if "UserPoolId" not in foundation:
        return "none: the environment's own issuer knows its people"
    if not {"email", "workspace"} <= set(who):
        return "none: the environment's file names no [operator] with email and workspace"
    invited = account.ensure_operator(foundation["UserPoolId"], who["email"], who["workspace"])
    return f"{who['email']} {'was sent an invitation' if invited else 'is known already'}"


def _machine_login(environment: Environment, account: Account, foundation: dict[str, str]) -> MachineLogin | None:
    if not (foundation.get("MachineClientId") and environment.foundation.get("MachineWorkspaceId")):
        return None
    login = account.machine_login(foundation["UserPoolId"], foundation["MachineClientId"])
    return MachineLogin(foundation["TokenUrl"], *login)


def _say(number: int, what: str) -> None:
    print(f"{number}. {what} …", flush=True)
