"""Reads a SAM template as plain data, with the short intrinsics written out."""

from pathlib import Path
from typing import Any

import yaml


class TemplateLoader(yaml.CSafeLoader):
    """YAML with CloudFormation's tags: `!Ref x` is {"Ref": "x"}, `!GetAtt a.b` is {"Fn::GetAtt": ["a", "b"]}."""


def read_template(path: Path) -> dict[str, Any]:
    """The whole template of a file."""
    loaded: dict[str, Any] = TemplateLoader(path.read_text(encoding="utf-8")).get_single_data()
    return loaded


def _intrinsic(loader: TemplateLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    else:
        raise TypeError(f"a YAML node of another kind: {node}")
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


TemplateLoader.add_multi_constructor("!", _intrinsic)
