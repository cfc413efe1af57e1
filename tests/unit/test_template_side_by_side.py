"""Two environments in one account and one region: nothing that has a name of its own is called alike in both."""

import re
import tomllib
from itertools import combinations
from typing import Any

import pytest

from tests.template import ROOT, resources, template

ENVIRONMENTS = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "infra" / "environments").glob("*.toml"))
}
#: Which properties name a thing in its account and region.
NAMING = {
    "AWS::Serverless::Function": ["FunctionName"],
    "AWS::Logs::LogGroup": ["LogGroupName"],
    "AWS::Events::EventBus": ["Name"],
    "AWS::KMS::Alias": ["AliasName"],
    "AWS::CloudWatch::Dashboard": ["DashboardName"],
}
#: Properties that end like a name and are none.
NO_NAMES = {"EventBusName", "MetricName", "DisplayName"}


def rendered(value: Any, stack: str, parameters: dict[str, str]) -> str:
    """Return a name as CloudFormation makes it of a stack's name and its parameters."""
    if isinstance(value, str):
        return value
    if "Ref" in value:
        reference = value["Ref"]
        if reference == "AWS::StackName":
            return stack
        if reference in template()["Parameters"]:
            return str(parameters.get(reference, template()["Parameters"][reference].get("Default")))
        return f"{stack}/{reference}"  # a resource that CloudFormation names after the stack
    if "Fn::Sub" in value:
        return re.sub(r"\$\{([^}]+)\}", lambda found: rendered({"Ref": found[1]}, stack, parameters), value["Fn::Sub"])
    assert "Fn::GetAtt" in value, value
    return f"{stack}/{'.'.join(value['Fn::GetAtt'])}"


def names(stack: str, parameters: dict[str, str]) -> set[tuple[str, str]]:
    """Return each name that the template gives, with its type."""
    found = set()
    for resource in template()["Resources"].values():
        properties = resource.get("Properties", {})
        for key in NAMING.get(resource["Type"], []):
            found.add((resource["Type"], rendered(properties[key], stack, parameters)))
        for event in properties.get("Events", {}).values():
            if "Name" in event["Properties"]:
                found.add(("AWS::Events::Rule", rendered(event["Properties"]["Name"], stack, parameters)))
    return found


def metrics(stack: str, parameters: dict[str, str]) -> set[tuple[str, ...]]:
    """Return each metric that an alarm watches, told apart as CloudWatch does."""
    return {
        (
            rendered(alarm["Namespace"], stack, parameters),
            alarm["MetricName"],
            *(f"{each['Name']}={rendered(each['Value'], stack, parameters)}" for each in alarm.get("Dimensions", [])),
        )
        for alarm in resources("AWS::CloudWatch::Alarm").values()
        # Executions are the account's own: where they do not suffice, it is the business of both.
        if (alarm["Namespace"], "Dimensions" in alarm) != ("AWS/Lambda", False)
    }


def stacks() -> dict[str, tuple[str, dict[str, str]]]:
    """Return the stack of each environment with its parameters, and that of whoever gives none."""
    given = {name: (each["stack"], each["application"]) for name, each in ENVIRONMENTS.items()}
    # What the foundation of each makes and gives.
    return {
        name: (stack, application | {"DatabaseInstanceId": f"{stack}-database"})
        for name, (stack, application) in (given | {"default": ("robot-jobs", {})}).items()
    }


def test_there_are_the_environments_of_a_team() -> None:
    assert set(ENVIRONMENTS) == {"dev", "prod"}


@pytest.mark.parametrize(("one", "other"), list(combinations(sorted(stacks()), 2)))
def test_nothing_is_called_alike_in_two_environments(one: str, other: str) -> None:
    """Naive: both make a bus `robot-jobs`, and the second deployment fails."""
    assert not names(*stacks()[one]) & names(*stacks()[other])


@pytest.mark.parametrize(("one", "other"), list(combinations(sorted(stacks()), 2)))
def test_no_alarm_of_one_environment_hears_the_other(one: str, other: str) -> None:
    """Naive: metrics are told apart by a word that is the same everywhere, so dev's failures wake prod's people."""
    assert not metrics(*stacks()[one]) & metrics(*stacks()[other])


def test_metrics_are_counted_for_the_stack() -> None:
    """The dimension that the alarms look at is the one that the functions write."""
    variables = template()["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["POWERTOOLS_SERVICE_NAME"] == {"Ref": "AWS::StackName"}
    for name, alarm in resources("AWS::CloudWatch::Alarm").items():
        if alarm.get("Namespace") == variables["POWERTOOLS_METRICS_NAMESPACE"]:
            assert alarm["Dimensions"] == [{"Name": "service", "Value": {"Ref": "AWS::StackName"}}], name


def test_no_property_that_names_a_thing_is_overlooked() -> None:
    """A new type with a name of its own joins NAMING, or the tests above pass over it."""
    for logical_id, resource in template()["Resources"].items():
        known = NAMING.get(resource["Type"], [])
        for key, value in resource.get("Properties", {}).items():
            if isinstance(value, dict) and value.get("Ref") in template()["Resources"]:
                continue  # the name of something else
            assert not key.endswith("Name") or key in known or key in NO_NAMES, f"{logical_id}.{key}"


@pytest.mark.parametrize("name", sorted(ENVIRONMENTS))
def test_an_environment_s_parameters_are_those_of_the_template(name: str) -> None:
    """Naive: a word is misspelt, and the deployment fails after a quarter of an hour."""
    environment = ENVIRONMENTS[name]
    assert set(environment["application"]) <= set(template()["Parameters"])
    for parameter, value in environment["application"].items():
        allowed = template()["Parameters"][parameter].get("AllowedValues")
        assert allowed is None or value in {str(each) for each in allowed}, parameter
    assert re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", environment["region"])


def test_a_report_s_concurrency_is_kept_only_where_somebody_says_how_much() -> None:
    """Naive: a number in the template, which an account with ten executions in all can't keep: the stack fails."""
    function = resources("AWS::Serverless::Function")["ReceiveCallbackFunction"]
    condition, kept, otherwise = function["ReservedConcurrentExecutions"]["Fn::If"]
    assert (kept, otherwise) == ({"Ref": "CallbackReservedConcurrency"}, {"Ref": "AWS::NoValue"})
    assert template()["Parameters"]["CallbackReservedConcurrency"]["Default"] == 0
    assert template()["Conditions"][condition] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "CallbackReservedConcurrency"}, 0]}]
    }
