"""The functions that a person waits for start from a snapshot of a published version; the others do not."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests.template import Resource, environment, events, functions, resources, target, template

#: Who answers an operator's request: these have a route that asks for a token. A robot's report comes without one: it
#: can wait for a second, as can a message in a queue and a schedule, and a snapshot is paid for by the hour.
FACING_A_PERSON = sorted(
    name
    for name, function in functions().items()
    if any(route["Auth"]["Authorizer"] != "NONE" for route in events(function, "HttpApi"))
)
OTHERS = sorted(set(functions()) - set(FACING_A_PERSON))
PUBLISHING = {"SnapStart", "VersionDescription", "VersionDeletionPolicy"}


def parameters_in(value: Any) -> Iterator[str]:
    """Give the template's parameters that a value is made of, directly or by the resource that it names."""
    if isinstance(value, list):
        for inner in value:
            yield from parameters_in(inner)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref" and inner in template()["Parameters"]:
                yield inner
            elif key == "Ref" and inner in template()["Resources"]:
                yield from parameters_in(template()["Resources"][inner].get("Properties", {}))
            elif key == "Fn::Sub":
                text = inner if isinstance(inner, str) else inner[0]
                yield from (name for name in template()["Parameters"] if f"${{{name}}}" in text)
                yield from parameters_in(inner if isinstance(inner, list) else [])
            else:
                yield from parameters_in(inner)


def configuration(function: Resource) -> Resource:
    """Return what a version of a function is made of."""
    defaults = template()["Globals"]["Function"]
    variables = defaults["Environment"]["Variables"] | environment(function)
    # What the log group and the role are made of is in the version by their names only.
    own = {key: value for key, value in function.items() if key not in {"Events", "LoggingConfig", "Role"}}
    return {**defaults, **own, "Environment": variables, "VersionDescription": None}


def test_these_face_a_person() -> None:
    assert FACING_A_PERSON == ["manage_carriers", "manage_jobs", "manage_orders", "submit_job"]


@pytest.mark.parametrize("name", FACING_A_PERSON)
def test_a_function_that_faces_a_person_is_called_by_an_alias_of_a_version_with_a_snapshot(name: str) -> None:
    function = functions()[name]
    assert function["SnapStart"] == {"ApplyOn": {"Ref": "SnapStart"}}
    assert template()["Parameters"]["SnapStart"]["Default"] == "PublishedVersions"
    # SAM lets every route of a function with an alias call the alias; a test of the deployed stack sees it.
    assert function["AutoPublishAlias"] == "live"


@pytest.mark.parametrize("name", FACING_A_PERSON)
def test_whatever_changes_publishes_a_version_and_the_one_before_is_deleted(name: str) -> None:
    """SAM sees changes of the template alone; a description that has the parameters' values sees the others."""
    function = functions()[name]
    assert function["AutoPublishAliasAllProperties"] is True
    assert function["VersionDeletionPolicy"] == "Delete"
    assert set(parameters_in(function["VersionDescription"])) == set(parameters_in(configuration(function)))


def test_a_change_of_the_layer_alone_publishes_versions() -> None:
    assert resources("AWS::Serverless::LayerVersion")["SharedLayer"]["PublishLambdaVersion"] is True


@pytest.mark.parametrize("name", FACING_A_PERSON)
def test_a_description_is_short_enough_for_four_subnets_and_three_security_groups(name: str) -> None:
    text, values = deepcopy(functions()[name]["VersionDescription"]["Fn::Sub"])
    # Of the secret's ARN it holds the name alone.
    assert values.pop("Secret") == {"Fn::Select": [6, {"Fn::Split": [":", {"Ref": "DatabaseSecretArn"}]}]}
    hidden = {"Hidden": {"Fn::If": ["HidesApiDescription", "-", " "]}}
    assert values == (hidden if "API_DESCRIPTION" in environment(functions()[name]) else {})
    real = {
        "SnapStart": "PublishedVersions",
        "Architecture": "x86_64",
        "LogLevel": "WARNING",
        "HandOvers": "off",
        "Hidden": "-",
        "EventBusName": "robot-jobs-of-team-7",
        "AllowPrivateRobotUrls": "false",
        "Secret": "robot-jobs/database/robot_jobs_app-AbCdEf",
        "SubnetIds": ",".join(["subnet-0123456789abcdef0"] * 4),
        "SecurityGroupIds": ",".join(["sg-0123456789abcdef0"] * 3),
    }
    for parameter, value in real.items():
        text = text.replace(f"${{{parameter}}}", value)
    assert "${" not in text
    assert len(text) <= 256, "Lambda's limit for a version's description"


@pytest.mark.parametrize("name", OTHERS)
def test_the_others_have_neither_version_nor_snapshot(name: str) -> None:
    keys = {key for key in functions()[name] if key in PUBLISHING or key.startswith("AutoPublish")}
    assert not keys


def test_no_alarm_looks_at_a_function_with_an_alias_by_its_versions() -> None:
    """A metric of the function counts the calls of all its versions; one with a Resource dimension would miss some."""
    for name, alarm in resources("AWS::CloudWatch::Alarm").items():
        watched = {each["Name"]: each["Value"] for each in alarm.get("Dimensions", [])}
        assert "Resource" not in watched, name
        if "FunctionName" in watched:
            assert target(watched["FunctionName"]) in resources("AWS::Serverless::Function")
