"""What `make sam` prepares: templates with nothing left to resolve, and every variable with a value of the stack."""

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from local.stack.build import _ARCHITECTURE_DEFAULT
from local.stack.environment import aws_variables
from local.stack.paths import CHECKOUT
from local.stack.sam_local import prepare as preparation
from local.stack.sam_local.authorizer import SETTINGS
from local.stack.sam_local.prepare import environment_of, forget_preparation, functions_of
from local.stack.sam_local.template import STAND_IN, api_template, functions_template
from local.stack.sam_local.variables import HOST, container_variables
from tests.template import PATH, environment, events, functions, resources, template

ENDPOINT = "http://127.0.0.1:4566"
AUTHORIZER = {"issuer": "http://127.0.0.1:9000", "audience": "robot-jobs", "jwksUrl": f"http://{HOST}:9000/jwks"}
SECRETS = {"arn:app": "arn:app/container", "arn:system": "arn:system/container"}
#: What the functions of a stack find for the template's intrinsics.
KNOWN = {
    "POWERTOOLS_SERVICE_NAME": "robot-jobs",
    "POWERTOOLS_METRICS_NAMESPACE": "RobotJobs",
    "POWERTOOLS_LOG_LEVEL": "INFO",
    "EVENT_BUS_NAME": "robot-jobs",
    "CALLBACK_SECRET_ARN": "arn:callback",
    "CALLBACK_URL": f"{ENDPOINT}/_aws/execute-api/abc/robot-callbacks",
    "DISPATCH_QUEUE_URL": "http://localhost:4566/000000000000/queue",
    "NOTIFICATION_TOPIC_ARN": "arn:topic",
    "KMS_KEY_ID": "arn:key",
    "ALLOW_PRIVATE_ROBOT_URLS": "true",
}
SYSTEM = {"RelayEventsFunction", "ExpireItemsFunction"}


def logical_ids() -> list[str]:
    return [name for name, it in template()["Resources"].items() if it["Type"] == "AWS::Serverless::Function"]


def deployed(logical_id: str) -> dict[str, str]:
    """Return what the stack knows of a function's variables: those of the template, each with a value."""
    names = template()["Globals"]["Function"]["Environment"]["Variables"].keys() | environment(
        resources("AWS::Serverless::Function")[logical_id]
    )
    known = KNOWN | {"DATABASE_SECRET_ARN": "arn:system" if logical_id in SYSTEM else "arn:app"}
    # A new variable of the template is just there, unless it is an address.
    return {name: known.get(name, f"value of {name}") for name in names}


@pytest.fixture
def prepared() -> dict[str, Any]:
    variables = {name: container_variables(deployed(name), SECRETS, ENDPOINT) for name in logical_ids()}
    names = {name: f"robot-jobs-{name}" for name in logical_ids()}
    return functions_template(template(), "x86_64", names, variables)


@pytest.fixture
def api(prepared: dict[str, Any]) -> dict[str, Any]:
    return api_template(template(), prepared, "x86_64", AUTHORIZER)


def intrinsics(node: object) -> list[dict[str, Any]]:
    """Return every intrinsic of a template, with those inside it."""
    if isinstance(node, list):
        return [found for each in node for found in intrinsics(each)]
    if not isinstance(node, dict):
        return []
    inside = [found for each in node.values() for found in intrinsics(each)]
    own = [node] if any(key in {"Ref", "Condition"} or key.startswith("Fn::") for key in node) else []
    return own + inside


def test_a_prepared_template_has_no_intrinsic_but_references_to_what_it_holds(
    prepared: dict[str, Any], api: dict[str, Any]
) -> None:
    for each in (prepared, api):
        found = intrinsics(each)
        assert found
        assert all(list(intrinsic) == ["Ref"] for intrinsic in found)
        assert {intrinsic["Ref"] for intrinsic in found} <= set(each["Resources"])


def test_every_function_is_prepared_as_it_is_deployed_but_for_the_architecture(prepared: dict[str, Any]) -> None:
    assert [name for name, _ in functions_of(prepared)] == logical_ids()
    for name, it in functions_of(prepared):
        for_all, own = template()["Globals"]["Function"], resources("AWS::Serverless::Function")[name]
        for part in ("Handler", "Runtime", "MemorySize", "Timeout"):
            assert it["Properties"][part] == (for_all | own)[part], (name, part)
        # SAM adds a function's own layers to those of all.
        assert it["Properties"]["Layers"] == [*for_all["Layers"], *own.get("Layers", [])], name
        assert it["Properties"]["Architectures"] == ["x86_64"]
        assert it["Properties"]["CodeUri"] == f"build/{name}"


def test_env_json_covers_every_variable_of_every_function(prepared: dict[str, Any], api: dict[str, Any]) -> None:
    written = environment_of(prepared, api)
    assert set(written) == set(logical_ids())
    for each in (prepared, api):
        for name, it in functions_of(each):
            declared = it["Properties"]["Environment"]["Variables"]
            assert {key: written[name][key] for key in declared} == declared
    for name in logical_ids():
        assert set(deployed(name)) <= set(written[name]), name


def test_no_variable_leads_elsewhere_than_to_the_stack(prepared: dict[str, Any]) -> None:
    """Fails where SAM drops a variable that the template does not declare, and the SDK then calls the real AWS."""
    for name, it in functions_of(prepared):
        variables = it["Properties"]["Environment"]["Variables"]
        assert variables["AWS_ENDPOINT_URL"] == f"http://{HOST}:4566", name
        assert (variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"]) == ("test", "test")
        assert variables["AWS_SESSION_TOKEN"] == ""
        assert variables["AWS_EC2_METADATA_DISABLED"] == "true"
        # The robot calls this one; a container calls every other.
        local = {key for key, value in variables.items() if "127.0.0.1" in value or "localhost" in value}
        assert local <= {"CALLBACK_URL"}, name
        if "DATABASE_SECRET_ARN" in variables:
            assert variables["DATABASE_SECRET_ARN"] == SECRETS["arn:system" if name in SYSTEM else "arn:app"]


def test_the_shell_s_aws_settings_do_not_reach_a_function(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "the user's own")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://example.com")
    variables = container_variables({}, {}, ENDPOINT)
    assert variables == aws_variables(f"http://{HOST}:4566") | {"AWS_SESSION_TOKEN": ""}
    assert "the user's own" not in variables.values()
    assert os.environ["AWS_SESSION_TOKEN"] == "the user's own"


def test_the_stand_in_stands_before_every_function_with_a_protected_route_and_no_other(api: dict[str, Any]) -> None:
    protected = {}
    for name in logical_ids():
        routes = events(resources("AWS::Serverless::Function")[name], "HttpApi")
        scopes = {
            f"{route['Method']} {route['Path']}": route["Auth"]["AuthorizationScopes"]
            for route in routes
            if route["Auth"]["Authorizer"] != "NONE"
        }
        if scopes:
            protected[name] = scopes
    standing = {
        name: json.loads(it["Properties"]["Environment"]["Variables"][SETTINGS])
        for name, it in functions_of(api)
        if it["Properties"]["Handler"] == f"{STAND_IN}.handler"
    }
    assert {name: settings["scopes"] for name, settings in standing.items()} == protected
    for name, settings in standing.items():
        assert settings["handler"] == resources("AWS::Serverless::Function")[name]["Handler"]
        assert settings.items() >= AUTHORIZER.items()


def test_every_route_is_served_and_nothing_else(api: dict[str, Any]) -> None:
    with_routes = {name for name in logical_ids() if events(resources("AWS::Serverless::Function")[name], "HttpApi")}
    assert {name for name, _ in functions_of(api)} == with_routes
    served = [
        (route["Properties"].get("Method"), route["Properties"].get("Path"))
        for _, it in functions_of(api)
        for route in it["Properties"]["Events"].values()
    ]
    declared = [(r.get("Method"), r.get("Path")) for each in functions().values() for r in events(each, "HttpApi")]
    assert sorted(served, key=str) == sorted(declared, key=str)


def test_samconfig_leads_sam_local_to_what_make_sam_writes(tmp_path: Path) -> None:
    config = tomllib.loads((CHECKOUT / "samconfig.toml").read_text(encoding="utf-8"))["default"]
    for command, file in (("local_invoke", "template.yaml"), ("local_start_api", "api.yaml")):
        parameters = config[command]["parameters"]
        assert parameters["template_file"] == f".local/sam/{file}"
        # SAM says of this path that it does not exist, where nothing is prepared.
        assert parameters["env_vars"] == f".local/{preparation._SIGN}/env.json"
        assert parameters["add_host"] == [f"{HOST}:host-gateway"]
    (tmp_path / "sam").mkdir()
    for file in ("template.yaml", "api.yaml", "env.json"):
        (tmp_path / "sam" / file).touch()
    (tmp_path / preparation._SIGN).symlink_to("sam")

    forget_preparation(tmp_path)

    assert not (tmp_path / preparation._SIGN / "env.json").exists()
    assert not list((tmp_path / "sam").iterdir())


def test_the_makefile_builds_for_the_runtime_of_the_template() -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    versions = re.findall(r"--python-version (\S+)", makefile)
    assert [f"python{version}" for version in versions] == [template()["Globals"]["Function"]["Runtime"]]


def test_a_build_for_another_architecture_is_deployed_for_it() -> None:
    """Fails where a layer for one architecture would be deployed under functions of the other."""
    default = template()["Parameters"]["Architecture"]["Default"]
    assert template()["Resources"]["SharedLayer"]["Metadata"]["BuildArchitecture"] == {"Ref": "Architecture"}
    text, found = _ARCHITECTURE_DEFAULT.subn(r"\g<1>x86_64", PATH.read_text(encoding="utf-8"))
    assert (default, found) == ("arm64", 1)
    assert text == PATH.read_text(encoding="utf-8").replace("Default: arm64", "Default: x86_64")
