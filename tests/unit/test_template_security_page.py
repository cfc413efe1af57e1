"""docs/security.md says what the template does."""

import re

import pytest

from tests.template import ROOT, Resource, allowed, functions, target, template

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = {
    name: [set(re.findall(r"\w+", cell)) for cell in cells.split("|")]
    for name, cells in re.findall(r"^\| `(\w+)` \|(.*)\|$", PAGE, re.MULTILINE)
}


def targets(function: Resource, *actions: str) -> set[str]:
    return {target(resource) for action in actions for resource in allowed(function, action)}


@pytest.mark.parametrize("name", sorted(functions()))
def test_the_table_says_what_each_role_allows(name: str) -> None:
    function = functions()[name]
    assert ROWS[name] == [
        targets(function, "secretsmanager:GetSecretValue"),
        targets(function, "events:PutEvents", "sns:Publish"),
        targets(function, "sqs:ReceiveMessage"),
        targets(function, "sqs:SendMessage"),
    ]


def test_the_table_has_no_other_function() -> None:
    assert set(ROWS) == set(functions())


def test_the_page_names_what_is_in_the_template() -> None:
    named = set(re.findall(r"`([A-Z]\w+[a-z]\w*)`", PAGE))
    assert named <= set(template()["Parameters"]) | set(template()["Resources"])
    assert {"PasswordKey", "CallbackSecret"} <= named
