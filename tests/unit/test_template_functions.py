"""The functions of the template: one a folder, each with its log, its environment and no secret in it."""

import re

import pytest

from tests.template import (
    ROOT,
    allowed,
    as_list,
    environment,
    events,
    functions,
    resources,
    role_of,
    statements,
    target,
    template,
)

NAMES = sorted(functions())
SYSTEM = {"relay_events", "expire_items"}
MIGRATING = "migrate_database"
NO_VALUE = {"Ref": "AWS::NoValue"}
LIBRARY_VARIABLES = re.compile("POWERTOOLS_[A-Z_]+")


def test_every_folder_has_one_function_and_every_function_its_folder() -> None:
    folders = {app.parent.name for app in (ROOT / "functions").glob("*/app.py")}
    assert set(NAMES) == folders


def test_all_run_on_python_3_13_on_one_architecture_arm64_unless_told_otherwise() -> None:
    architecture = {"Ref": "Architecture"}
    parameter = template()["Parameters"]["Architecture"]
    assert (parameter["Default"], parameter["AllowedValues"]) == ("arm64", ["arm64", "x86_64"])
    defaults = template()["Globals"]["Function"]
    assert (defaults["Runtime"], defaults["Architectures"]) == ("python3.13", [architecture])
    for properties in functions().values():
        assert not {"Runtime", "Architectures", "CodeUri"} & set(properties)
    for layer in resources("AWS::Serverless::LayerVersion").values():
        assert (layer["CompatibleRuntimes"], layer["CompatibleArchitectures"]) == (["python3.13"], [architecture])


def test_what_the_page_alone_imports_is_in_no_other_function_s_layers() -> None:
    """Naive: every function pays at its cold start, and in its size, for templates that it does not render."""
    assert template()["Globals"]["Function"]["Layers"] == [{"Ref": "SharedLayer"}]
    layers = {name: function["Layers"] for name, function in functions().items() if "Layers" in function}
    assert layers == {"operator_page": [{"Ref": "PageLayer"}]}


def test_functions_and_layer_are_built_by_the_makefile() -> None:
    for name, resource in template()["Resources"].items():
        if resource["Type"] in {"AWS::Serverless::Function", "AWS::Serverless::LayerVersion"}:
            assert resource["Metadata"]["BuildMethod"] == "makefile", name


@pytest.mark.parametrize("name", NAMES)
def test_a_function_writes_to_a_log_group_with_retention(name: str) -> None:
    function = functions()[name]
    log_group = target(function["LoggingConfig"]["LogGroup"])
    assert resources("AWS::Logs::LogGroup")[log_group]["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        assert [target(resource) for resource in allowed(function, action)] == [log_group]


def test_every_log_group_has_retention_and_one_writer() -> None:
    groups = resources("AWS::Logs::LogGroup")
    assert all(group["RetentionInDays"] == {"Ref": "LogRetentionDays"} for group in groups.values())
    writers = [target(function["LoggingConfig"]["LogGroup"]) for function in functions().values()]
    writers += [
        target(api["AccessLogSettings"]["DestinationArn"]) for api in resources("AWS::Serverless::HttpApi").values()
    ]
    assert sorted(writers) == sorted(groups)


@pytest.mark.parametrize("name", NAMES)
def test_a_function_has_its_own_role_that_only_lambda_takes(name: str) -> None:
    role = functions()[name]["Role"]
    assert [other for other, function in functions().items() if function["Role"] == role] == [name]
    trust = role_of(functions()[name])["AssumeRolePolicyDocument"]["Statement"]
    assert trust == [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]


def test_every_role_belongs_to_a_function() -> None:
    assert {target(function["Role"]) for function in functions().values()} == set(resources("AWS::IAM::Role"))


@pytest.mark.parametrize("name", NAMES)
def test_no_function_has_a_secret_in_its_environment(name: str) -> None:
    """A value is the ARN, URL or name of something, or a parameter that is no secret; never a secret's content."""
    plain_parameters = {
        *("DatabaseSecretArn", "SystemDatabaseSecretArn", "OwnerDatabaseSecretArn"),
        *("AllowPrivateRobotUrls", "CarrierPortalUrl", "HandOvers", "PublicApiUrl"),
        *("JwtIssuer", "JwtAudience", "OidcClientId", "OidcClientSecretArn"),
    }
    for variable, value in environment(functions()[name]).items():
        assert "resolve:" not in str(value), variable
        if variable == "CALLBACK_URL":
            assert set(re.findall(r"'Ref': '(\w+)'", str(value))) == {"PublicApiUrl"}
            continue
        assert isinstance(value, dict), f"{variable} is written out"
        if "Fn::If" in value:
            assert all(word in {"on", "off"} for word in value["Fn::If"][1:]), variable
        elif target(value) in template()["Parameters"]:
            assert target(value) in plain_parameters, variable
        elif "Fn::GetAtt" in value:
            assert value["Fn::GetAtt"][1] in {"Arn", "Id"}, variable


def test_no_parameter_takes_a_secret() -> None:
    """What a stack is given can be read by whoever may look at the stack."""
    assert not [name for name in template()["Parameters"] if re.search("Password|Token|SecretValue|Key$", name)]


@pytest.mark.parametrize("name", NAMES)
def test_only_the_two_system_functions_have_the_system_role_s_secret(name: str) -> None:
    function = functions()[name]
    secrets = {target(resource) for resource in allowed(function, "secretsmanager:GetSecretValue")}
    if name in SYSTEM:
        assert environment(function)["DATABASE_SECRET_ARN"] == {"Ref": "SystemDatabaseSecretArn"}
        assert secrets == {"SystemDatabaseSecretArn"}
    elif name != MIGRATING:  # it gives each role its password
        assert environment(function).get("DATABASE_SECRET_ARN") != {"Ref": "SystemDatabaseSecretArn"}
        assert not {"SystemDatabaseSecretArn", "OwnerDatabaseSecretArn"} & secrets


@pytest.mark.parametrize("name", NAMES)
def test_a_function_may_read_just_the_secrets_that_its_environment_names(name: str) -> None:
    function = functions()[name]
    named = {target(value) for key, value in environment(function).items() if key.endswith("_SECRET_ARN")}
    assert {target(resource) for resource in allowed(function, "secretsmanager:GetSecretValue")} == named


def test_receive_callback_has_no_way_to_the_database() -> None:
    """It takes reports also while the database is down, and a stranger's request is never a step away from it."""
    function = functions()["receive_callback"]
    assert "DATABASE_SECRET_ARN" not in environment(function)
    assert function["VpcConfig"] == NO_VALUE
    assert "ManagedPolicyArns" not in role_of(function)
    actions = {action for statement in statements(function) for action in as_list(statement["Action"])}
    assert actions == {
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "secretsmanager:GetSecretValue",
        "events:PutEvents",
        "sqs:SendMessage",
    }


def test_the_others_join_the_vpc_only_where_there_is_one() -> None:
    in_vpc, _, otherwise = template()["Globals"]["Function"]["VpcConfig"]["Fn::If"]
    assert (in_vpc, otherwise) == ("InVpc", NO_VALUE)
    for name in set(NAMES) - {"receive_callback"}:
        assert "VpcConfig" not in functions()[name]
        assert role_of(functions()[name])["ManagedPolicyArns"] == {
            "Fn::If": ["InVpc", [{"Ref": "VpcAccessPolicy"}], NO_VALUE]
        }
    assert template()["Resources"]["VpcAccessPolicy"]["Condition"] == "InVpc"


def test_the_environment_is_what_the_code_reads() -> None:
    read: set[str] = set()
    for package in ("functions", "shared"):
        for module in (ROOT / package).rglob("*.py"):
            if "migrations" not in module.parts:
                text = module.read_text(encoding="utf-8")
                read |= set(re.findall(r'environ(?:\.get\(|\[)"(\w+)"', text))
                read |= set(re.findall(r'_secret\("(\w+)"\)', text))
    given = {variable for function in functions().values() for variable in environment(function)}
    # DATABASE_URL is for tools and tests; a deployed function has a secret.
    assert given == read - {"DATABASE_URL"}
    defaults = template()["Globals"]["Function"]["Environment"]["Variables"]
    assert all(LIBRARY_VARIABLES.fullmatch(variable) for variable in defaults)


def test_a_function_of_the_api_ends_before_the_api_gives_up() -> None:
    """API Gateway waits 30 seconds at most; a function that runs on works for nobody."""
    for name, function in functions().items():
        if events(function, "HttpApi"):
            assert function.get("Timeout", template()["Globals"]["Function"]["Timeout"]) <= 29, name


def test_dispatch_job_outlives_its_call_of_the_robot() -> None:
    """The robot has 25 seconds to answer; what it answered must be written down after that."""
    assert functions()["dispatch_job"]["Timeout"] >= 2 * 25


def test_outputs_tell_where_everything_is() -> None:
    outputs = template()["Outputs"]
    names = {f"{target(output['Value'])}" for key, output in outputs.items() if key.endswith("FunctionName")}
    assert names == set(resources("AWS::Serverless::Function"))
    queues = {f"{target(output['Value'])}" for key, output in outputs.items() if key.endswith("QueueUrl")}
    assert queues == set(resources("AWS::SQS::Queue"))
    assert {"ApiUrl", "ApiId", "EventBusName", "NotificationTopicArn", "AlarmTopicArn", "KmsKeyArn"} <= set(outputs)


def test_whatever_uses_the_database_changes_after_its_migration() -> None:
    """Naive: new code meets an old schema for as long as a person takes to migrate, or for ever."""
    for logical_id, resource in template()["Resources"].items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        uses_it = (
            "DATABASE_SECRET_ARN" in environment(resource["Properties"]) and logical_id != "MigrateDatabaseFunction"
        )
        assert (resource.get("DependsOn") == "Migration") is uses_it, logical_id
    migration = template()["Resources"]["Migration"]
    assert migration["Properties"]["ServiceToken"] == {"Fn::GetAtt": ["MigrateDatabaseFunction", "Arn"]}
    # CloudFormation calls it when a property changes; the layer's name changes with what is in it.
    assert migration["Properties"]["Layer"] == {"Ref": "SharedLayer"}
    assert migration["Properties"]["Owner"] == {"Ref": "OwnerDatabaseSecretArn"}
    assert migration["Properties"]["ServiceTimeout"] >= functions()["migrate_database"]["Timeout"]


@pytest.mark.parametrize("name", NAMES)
def test_hand_overs_are_switched_off_for_whatever_uses_the_database(name: str) -> None:
    """Naive: one function does not know of it, and calls the next wave."""
    variables = environment(functions()[name])
    uses_it = "DATABASE_SECRET_ARN" in variables and name != MIGRATING
    assert variables.get("HAND_OVERS") == ({"Ref": "HandOvers"} if uses_it else None)
    parameter = template()["Parameters"]["HandOvers"]
    assert (parameter["Default"], parameter["AllowedValues"]) == ("on", ["on", "off"])
