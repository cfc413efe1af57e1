"""docs/deploy.md: who has nothing but that page and the templates finds each step and each parameter."""

import re

from local.stack.template import read_template
from tests.template import ROOT, events, functions, template

PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
FOUNDATION = read_template(ROOT / "infra" / "foundation.yaml")


def test_every_parameter_of_the_foundation_stands_in_its_table() -> None:
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", PAGE, re.MULTILINE)
    assert set(FOUNDATION["Parameters"]) <= {name for row in rows for name in re.findall(r"\w+", row)}


def test_every_parameter_of_the_application_that_has_no_value_is_explained() -> None:
    for name, parameter in template()["Parameters"].items():
        assert "Default" in parameter or f"`{name}`" in PAGE, name


def test_the_parameters_and_outputs_that_it_names_exist() -> None:
    known = {
        name for each in (template(), FOUNDATION) for section in ("Parameters", "Outputs") for name in each[section]
    }
    named = set(re.findall(r"`([A-Z]\w+[a-z]\w*)`", PAGE))
    assert named - {"MaximumConcurrency"} <= known


def test_the_commands_that_it_names_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"`make ([a-z]+)", PAGE))
    assert {"deploy", "destroy"} <= named
    for target in named:
        assert re.search(rf"^{target}: ", makefile, re.MULTILINE), target


def test_the_connections_of_its_table_are_those_of_the_template() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (\d+) \|", PAGE, re.MULTILINE))
    for name, function in functions().items():
        for trigger in events(function, "SQS"):
            assert rows[name] == str(trigger["ScalingConfig"]["MaximumConcurrency"]), name
    for name, function in functions().items():
        assert "DATABASE_SECRET_ARN" not in function["Environment"]["Variables"] or f"`{name}`" in PAGE, name
    assert (
        f"`DatabaseConnectionsAlarmAt` is {template()['Parameters']['DatabaseConnectionsAlarmAt']['Default']}" in PAGE
    )


def test_its_sums_are_right() -> None:
    """Naive: a line is changed, and the sum is not."""
    for first, *rest in re.findall(r"((?:^\|.*\n)+?)\| \*\*together\*\* \|(.*)\|$", PAGE, re.MULTILINE):
        rows = [
            row.split("|")[2:-1] for row in first.splitlines() if not re.match(r"\|[ -]*\||\| (stands|an order)", row)
        ]
        totals = [float(number) for number in re.findall(r"\*\*([\d.]+)\*\*", rest[0])]
        for column, total in enumerate(totals):
            numbers = [float(row[column]) for row in rows if re.fullmatch(r" [\d.]+ ", row[column])]
            assert abs(sum(numbers) - total) <= 0.5, (column, numbers, total)
