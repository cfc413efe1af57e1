"""What the tests look at in template.yaml."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from local.stack.template import read_template

ROOT = Path(__file__).parent.parent
PATH = ROOT / "template.yaml"

Resource = dict[str, Any]
Statement = dict[str, Any]


@cache
def template() -> dict[str, Any]:
    """Return the whole template."""
    return read_template(PATH)


def resources(type_: str) -> dict[str, Resource]:
    """Return the properties of each resource of a type, by logical id; there is one at least."""
    found = {
        name: resource.get("Properties", {})
        for name, resource in template()["Resources"].items()
        if resource["Type"] == type_
    }
    assert found, f"the template has no {type_}"
    return found


def functions() -> dict[str, Resource]:
    """Return the properties of each function, by the name of its folder."""
    found = {}
    for properties in resources("AWS::Serverless::Function").values():
        package, name, rest = properties["Handler"].split(".", 2)
        assert (package, rest) == ("functions", "app.handler"), properties["Handler"]
        assert name not in found, f"{name} is there twice"
        found[name] = properties
    return found


def environment(function: Resource) -> dict[str, Any]:
    """Return a function's own environment variables."""
    variables: dict[str, Any] = function["Environment"]["Variables"]
    return variables


def events(function: Resource, type_: str) -> list[Resource]:
    """Return the properties of a function's triggers of a type."""
    return [event["Properties"] for event in function.get("Events", {}).values() if event["Type"] == type_]


def role_of(function: Resource) -> Resource:
    """Return the properties of a function's role."""
    return resources("AWS::IAM::Role")[target(function["Role"])]


def statements(function: Resource) -> list[Statement]:
    """Return what a function's role lets it do."""
    return [
        # What a condition gives or leaves out is given here.
        statement["Fn::If"][1] if "Fn::If" in statement else statement
        for policy in role_of(function)["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def as_list(value: Any) -> list[Any]:
    """Return what policies write as one value or a list of them, as a list."""
    return value if isinstance(value, list) else [value]


def allowed(function: Resource, action: str) -> list[Any]:
    """Return the resources on which a function's role allows an action."""
    return [
        resource
        for statement in statements(function)
        if action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    ]


def target(reference: Any) -> str:
    """Return the logical id that a `!Ref` or `!GetAtt` names."""
    if "Ref" in reference:
        return str(reference["Ref"])
    return str(reference["Fn::GetAtt"][0])


def nodes(root: yaml.Node) -> Iterator[yaml.Node]:
    """Walk through a YAML document's nodes, which know their lines."""
    yield root
    if isinstance(root, yaml.SequenceNode):
        for child in root.value:
            yield from nodes(child)
    elif isinstance(root, yaml.MappingNode):
        for key, child in root.value:
            yield from nodes(key)
            yield from nodes(child)
