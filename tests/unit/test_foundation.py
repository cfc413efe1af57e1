"""infra/foundation.yaml and the application fit each other; what only AWS would refuse is looked at here."""

import re
import tomllib
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest

from local.stack.template import read_template
from tests.template import ROOT, events, functions, template

PATH = ROOT / "infra" / "foundation.yaml"
#: What the deployment itself reads; the others are parameters of the application.
FOR_THE_DEPLOYMENT = {"UserPoolId", "MachineClientId", "TokenUrl", "AddressOut"}
CLAIMS = {"workspace_id": "0198c0de-0000-7000-8000-000000000001", "email": "ana@example.com"}


@cache
def foundation() -> dict[str, Any]:
    return read_template(PATH)


def part(name: str) -> dict[str, Any]:
    """Return the properties of one resource."""
    properties: dict[str, Any] = foundation()["Resources"][name]["Properties"]
    return properties


def test_what_it_gives_is_what_the_application_takes() -> None:
    """Naive: an output is called otherwise than the parameter, and a person has to copy it over."""
    outputs = set(foundation()["Outputs"])
    assert outputs >= FOR_THE_DEPLOYMENT
    assert outputs - FOR_THE_DEPLOYMENT <= set(template()["Parameters"])
    needed = {name for name, parameter in template()["Parameters"].items() if "Default" not in parameter}
    assert needed <= outputs


@pytest.mark.parametrize("path", sorted((ROOT / "infra" / "environments").glob("*.toml")), ids=lambda path: path.stem)
def test_an_environment_gives_it_parameters_that_it_has(path: Any) -> None:
    given = tomllib.loads(path.read_text(encoding="utf-8"))["foundation"]
    assert set(given) <= set(foundation()["Parameters"])
    for name, value in given.items():
        assert value in foundation()["Parameters"][name].get("AllowedValues", [value]), name


def test_whoever_brings_a_database_or_an_issuer_gets_none() -> None:
    of_the_database = ("AWS::EC2", "AWS::RDS", "AWS::SecretsManager")
    for name, resource in foundation()["Resources"].items():
        assert resource.get("Condition"), f"{name} is made whatever is asked for"
        assert (resource["Condition"] == "MakesIssuer") is not resource["Type"].startswith(of_the_database), name


def test_its_network_is_large_enough_for_its_subnets() -> None:
    """Naive: it takes a /24, of which CloudFormation can cut no four subnets of 256 addresses."""
    ranges = foundation()["Parameters"]["VpcCidr"]["AllowedPattern"]
    for name in ("OutsideSubnetA", "InsideSubnetA", "InsideSubnetB"):
        (_, cut) = part(name)["CidrBlock"]["Fn::Select"]
        assert cut == {"Fn::Cidr": [{"Ref": "VpcCidr"}, 4, 8]}
    smallest = 32 - (8 + 2)  # four times 8 bits
    assert [bits for bits in range(33) if re.search(ranges, f"10.72.0.0/{bits}")] == list(range(16, smallest + 1))


def test_the_database_is_reached_by_the_functions_alone_and_is_kept() -> None:
    (ingress,) = part("DatabaseSecurityGroup")["SecurityGroupIngress"]
    assert ingress["SourceSecurityGroupId"] == {"Fn::GetAtt": ["FunctionsSecurityGroup", "GroupId"]}
    assert (ingress["FromPort"], ingress["ToPort"]) == (5432, 5432)
    for name in ("Cluster", "Instance"):
        assert foundation()["Resources"][name]["DeletionPolicy"] == "Snapshot"
        assert part(name)["StorageEncrypted"] is True
        assert part(name)["ManageMasterUserPassword"] is True
        assert part(name)["DeletionProtection"] == {"Fn::If": ["IsProtected", True, False]}
        assert part(name)["BackupRetentionPeriod"] == {"Ref": "BackupRetentionDays"}
        assert part(name)["MasterUsername"] not in {"postgres", "robot_jobs_app", "robot_jobs_system"}
    for name in ("ClusterMember", "Instance"):
        assert part(name)["PubliclyAccessible"] is False
    assert foundation()["Parameters"]["DeletionProtection"]["Default"] == "true"


@pytest.mark.parametrize(("login", "role"), [("AppLogin", "robot_jobs_app"), ("SystemLogin", "robot_jobs_system")])
def test_a_login_is_made_there_and_rotated_but_not_before_the_role_has_it(login: str, role: str) -> None:
    """Naive: it is rotated when it is made; nobody can log in with it yet, so that the stack fails."""
    text = part(login)["GenerateSecretString"]["SecretStringTemplate"]["Fn::Sub"][0]
    assert re.findall(r'"username":"(\w+)"', text) == [role]
    assert '"dbname":"robot_jobs"' in text
    rotation = part(f"{login}Rotation")
    assert rotation["SecretId"] == {"Ref": login}
    assert rotation["RotateImmediatelyOnUpdate"] is False
    assert rotation["HostedRotationLambda"]["RotationType"] == "PostgreSQLSingleUser"
    assert role in (ROOT / "shared" / "db" / "schema.sql").read_text(encoding="utf-8")


def test_no_output_and_no_parameter_holds_a_secret() -> None:
    for section in ("Outputs", "Parameters"):
        assert not [name for name in foundation()[section] if re.search("Password|Token$|Key$", name)]
    assert "resolve:secretsmanager" not in PATH.read_text(encoding="utf-8")


def test_the_issuer_has_the_scopes_of_the_api() -> None:
    asked_for = {
        scope
        for function in functions().values()
        for route in events(function, "HttpApi")
        for scope in route["Auth"].get("AuthorizationScopes", [])
    }
    defined = {
        f"{part(name)['Identifier']}/{scope['ScopeName']}"
        for name in ("JobScopes", "CarrierScopes", "OrderScopes")
        for scope in part(name)["Scopes"]
    }
    assert defined == asked_for
    assert set(part("MachineClient")["AllowedOAuthScopes"]) == asked_for
    assert set(part("PeopleClient")["AllowedOAuthScopes"]) >= asked_for


def test_its_plan_lets_a_trigger_write_into_access_tokens_of_people_and_programs() -> None:
    trigger = part("UserPool")["LambdaConfig"]["PreTokenGenerationConfig"]
    assert trigger == {"LambdaVersion": "V3_0", "LambdaArn": {"Fn::GetAtt": ["TokenClaimsFunction", "Arn"]}}
    assert part("UserPool")["UserPoolTier"] == "ESSENTIALS"
    # Whoever can write the attribute chooses the workspace: it is no client's to write.
    for name in ("PeopleClient", "MachineClient"):
        assert "custom:workspace_id" not in part(name).get("WriteAttributes", ["custom:workspace_id"])


def token_claims(event: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the trigger as it stands in the template, and return what it adds to an access token."""
    monkeypatch.setenv("MACHINE_WORKSPACE_ID", CLAIMS["workspace_id"])
    module: dict[str, Any] = {}
    exec(part("TokenClaimsFunction")["Code"]["ZipFile"], module)  # noqa: S102 - our own code, in its other place
    answer = module["handler"](event, SimpleNamespace())
    assert answer is event
    return event["response"]["claimsAndScopeOverrideDetails"]["accessTokenGeneration"]["claimsToAddOrOverride"]


def test_a_person_s_token_has_the_workspace_and_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    attributes = {"sub": "s", "email": CLAIMS["email"], "custom:workspace_id": CLAIMS["workspace_id"]}
    event = {"triggerSource": "TokenGeneration_HostedAuth", "request": {"userAttributes": attributes}}
    assert token_claims(event, monkeypatch) == CLAIMS


def test_a_person_without_a_workspace_gets_none_and_no_program_s(monkeypatch: pytest.MonkeyPatch) -> None:
    event = {
        "triggerSource": "TokenGeneration_Authentication",
        "request": {"userAttributes": {"email": "x@example.com"}},
    }
    assert token_claims(event, monkeypatch) == {"email": "x@example.com"}


def test_a_program_s_token_has_the_workspace_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    event = {"triggerSource": "TokenGeneration_ClientCredentials", "request": {"scopes": []}}
    assert token_claims(event, monkeypatch) == {"workspace_id": CLAIMS["workspace_id"]}
