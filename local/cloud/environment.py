"""What is deployed where: a file of `infra/environments`."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.stack.errors import StackError
from local.stack.paths import CHECKOUT

DIRECTORY = CHECKOUT / "infra" / "environments"
_TABLES = ("tags", "foundation", "application", "operator", "coverage")


@dataclass(frozen=True)
class Environment:
    """One environment: its region, its stacks' name and what they are given."""

    name: str
    region: str
    stack: str
    tags: dict[str, str]
    foundation: dict[str, str]
    application: dict[str, str]
    #: Who can sign in first: `email`, and the `workspace` that is theirs.
    operator: dict[str, str]
    #: The file of each carrier's whole list of cities, from the checkout on.
    coverage: dict[str, str] = field(default_factory=dict)

    @property
    def foundation_stack(self) -> str:
        """The name of the stack below the application."""
        return f"{self.stack}-foundation"


def read_environment(name: str) -> Environment:
    """Read the file of an environment.

    Raises:
        StackError: there is none, or it says something else than it may.
    """
    path = DIRECTORY / f"{name}.toml"
    known = sorted(each.stem for each in DIRECTORY.glob("*.toml"))
    if name not in known:
        raise StackError(f"Say which environment: ENV= one of {', '.join(known)}; {path.parent} has a file for each.")
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise StackError(f"{path} can't be read: {error}.") from error
    return _checked(path, said)


def _checked(path: Path, said: dict[str, Any]) -> Environment:
    unknown = set(said) - {"region", "stack", *_TABLES}
    if unknown:
        raise StackError(f"{path} has {', '.join(sorted(unknown))}, which nothing here reads.")
    for name in ("region", "stack"):
        if not isinstance(said.get(name), str):
            raise StackError(f"{path} does not say its {name}.")
    tables = {name: said.get(name, {}) for name in _TABLES}
    for name, table in tables.items():
        for key, value in table.items():
            if not isinstance(value, str):
                raise StackError(f"{path}: {name}.{key} is no text; write it in quotes.")
    return Environment(path.stem, said["region"], said["stack"], **tables)
