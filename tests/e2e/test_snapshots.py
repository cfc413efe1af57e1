"""The deployed API calls the versions that have a snapshot."""

from typing import Any

import pytest

from local.stack import aws
from local.stack.deploy import STACK_NAME
from local.stack.state import Stack

pytestmark = pytest.mark.e2e

FACING_A_PERSON = ("manage-carriers", "manage-jobs", "manage-orders", "submit-job")


def client(stack: Stack, service: Any) -> Any:
    return aws.session().client(service, endpoint_url=stack.aws_endpoint_url)


def test_the_routes_call_aliases_and_receive_callback_and_the_page_themselves(stack: Stack) -> None:
    gateway = client(stack, "apigatewayv2")
    api_id = stack.api_url.rpartition("/")[2]
    called = {
        each["IntegrationUri"].partition(":function:")[2] for each in gateway.get_integrations(ApiId=api_id)["Items"]
    }
    assert called == {f"{STACK_NAME}-{name}:live" for name in FACING_A_PERSON} | {
        f"{STACK_NAME}-receive-callback",
        f"{STACK_NAME}-operator-page",
    }


@pytest.mark.parametrize("name", FACING_A_PERSON)
def test_the_alias_is_of_the_only_version_and_that_is_the_function_as_it_was_deployed(stack: Stack, name: str) -> None:
    functions = client(stack, "lambda")
    function = f"{STACK_NAME}-{name}"
    configuration = functions.get_function(FunctionName=function, Qualifier="live")["Configuration"]
    assert (configuration["State"], configuration["SnapStart"]["OptimizationStatus"]) == ("Active", "On")
    versions = [each["Version"] for each in functions.list_versions_by_function(FunctionName=function)["Versions"]]
    assert versions == ["$LATEST", configuration["Version"]]
    latest = functions.get_function(FunctionName=function)["Configuration"]
    for part in ("CodeSha256", "Layers", "Environment", "MemorySize", "Timeout", "Role"):
        assert configuration[part] == latest[part], part
