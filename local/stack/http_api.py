"""Routes of the deployed HTTP API.

The emulator makes the API but ignores its OpenAPI body, which SAM generates from the functions' `HttpApi`
events; this reads that body from the deployed template and makes the same integrations, routes and authorizer.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from botocore.exceptions import WaiterError

from local.stack import aws
from local.stack.environment import AWS_REGION
from local.stack.errors import StackError

if TYPE_CHECKING:
    from types_boto3_apigatewayv2 import ApiGatewayV2Client
    from types_boto3_lambda import LambdaClient

_METHODS = ("get", "put", "post", "patch", "delete", "options", "head")
_DEPLOYMENT_TAG = "local-deployment"
_SNAPSHOT_TIMEOUT_S = 60
#: The function of an integration, or the alias of one.
_FUNCTION = re.compile(r"\$\{(\w+)(?:\.Arn)?\}/invocations")


def wire_http_api(endpoint_url: str, stack_name: str, parameters: dict[str, str]) -> str:
    """Give the stack's HTTP API the routes of its template and return the API's id.

    Raises:
        StackError: a function of it can't be started.
    """
    session = aws.session()
    stacks = session.client("cloudformation", endpoint_url=endpoint_url)
    template: Any = stacks.get_template(StackName=stack_name, TemplateStage="Processed")["TemplateBody"]
    resources = (json.loads(template) if isinstance(template, str) else template)["Resources"]
    ids = {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for resource in stacks.describe_stack_resources(StackName=stack_name)["StackResources"]
    }
    name, api = next((n, r) for n, r in resources.items() if r["Type"] == "AWS::ApiGatewayV2::Api")
    api_id = ids[name]
    gateway = session.client("apigatewayv2", endpoint_url=endpoint_url)
    _clear(gateway, api_id)
    functions = session.client("lambda", endpoint_url=endpoint_url)
    integrations: dict[str, str] = {}
    body = api["Properties"]["Body"]
    authorizers = {
        scheme: _make_authorizer(gateway, api_id, scheme, definition, parameters)
        for scheme, definition in body.get("components", {}).get("securitySchemes", {}).items()
    }
    for path, operations in body["paths"].items():
        for method in (m for m in operations if m in _METHODS or m == "x-amazon-apigateway-any-method"):
            operation = operations[method]
            function = _function_of(operation)
            if function not in integrations:
                arn = _ready(functions, ids[function])
                integrations[function] = gateway.create_integration(
                    ApiId=api_id, IntegrationType="AWS_PROXY", IntegrationUri=arn, PayloadFormatVersion="2.0"
                )["IntegrationId"]
            gateway.create_route(
                ApiId=api_id,
                RouteKey=_route_key(method, path),
                Target=f"integrations/{integrations[function]}",
                **_protection(operation, authorizers),
            )
    return api_id


def mark_deployment(endpoint_url: str, api_id: str, fingerprint: str) -> None:
    """Keep at the API what was deployed, so that a restarted emulator can be asked."""
    gateway = aws.session().client("apigatewayv2", endpoint_url=endpoint_url)
    gateway.tag_resource(ResourceArn=_arn(api_id), Tags={_DEPLOYMENT_TAG: fingerprint})


def deployment_of(endpoint_url: str, api_id: str) -> str | None:
    """What was last deployed as this API; None where the emulator does not know it."""
    gateway = aws.session().client("apigatewayv2", endpoint_url=endpoint_url)
    try:
        return gateway.get_tags(ResourceArn=_arn(api_id))["Tags"].get(_DEPLOYMENT_TAG)
    except gateway.exceptions.NotFoundException:
        return None


def _arn(api_id: str) -> str:
    return f"arn:aws:apigateway:{AWS_REGION}::/apis/{api_id}"


def _clear(gateway: ApiGatewayV2Client, api_id: str) -> None:
    for route in gateway.get_routes(ApiId=api_id).get("Items", []):
        gateway.delete_route(ApiId=api_id, RouteId=route["RouteId"])
    for integration in gateway.get_integrations(ApiId=api_id).get("Items", []):
        gateway.delete_integration(ApiId=api_id, IntegrationId=integration["IntegrationId"])
    for authorizer in gateway.get_authorizers(ApiId=api_id).get("Items", []):
        gateway.delete_authorizer(ApiId=api_id, AuthorizerId=authorizer["AuthorizerId"])


def _route_key(method: str, path: str) -> str:
    if path == "/$default":
        return "$default"
    return f"{method.upper() if method in _METHODS else 'ANY'} {path}"


def _function_of(operation: dict[str, Any]) -> str:
    uri = json.dumps(operation["x-amazon-apigateway-integration"]["uri"])
    match = _FUNCTION.search(uri)
    if match is None:
        raise ValueError(f"no function in the integration {uri}")
    return match[1]


def _ready(functions: LambdaClient, function: str) -> str:
    """The ARN of a function or an alias that can be called; the emulator does not wait for an alias's snapshot."""
    waiter = functions.get_waiter("function_active_v2")
    try:
        waiter.wait(FunctionName=function, WaiterConfig={"Delay": 1, "MaxAttempts": _SNAPSHOT_TIMEOUT_S})
    except WaiterError as error:
        why = functions.get_function(FunctionName=function)["Configuration"].get("StateReason") or error
        raise StackError(f"{function} does not start: {why}") from error
    # An alias is known by its ARN already; a function's would be that of the version behind it.
    if function.startswith("arn:"):
        return function
    return functions.get_function(FunctionName=function)["Configuration"]["FunctionArn"]


def _make_authorizer(
    gateway: ApiGatewayV2Client, api_id: str, name: str, scheme: dict[str, Any], parameters: dict[str, str]
) -> str:
    definition = scheme["x-amazon-apigateway-authorizer"]
    jwt = definition["jwtConfiguration"]
    made = gateway.create_authorizer(
        ApiId=api_id,
        Name=name,
        AuthorizerType="JWT",
        IdentitySource=[definition.get("identitySource", "$request.header.Authorization")],
        JwtConfiguration={
            "Issuer": _value(jwt["issuer"], parameters),
            "Audience": _audiences(jwt["audience"], parameters),
        },
    )
    return made["AuthorizerId"]


def _audiences(written: dict[str, Any], parameters: dict[str, str]) -> list[str]:
    separator, texts = written["Fn::Split"]
    return _value(texts, parameters).split(separator)


def _protection(operation: dict[str, Any], authorizers: dict[str, str]) -> dict[str, Any]:
    for requirement in operation.get("security", []):
        for scheme, scopes in requirement.items():
            if scheme in authorizers:
                return {
                    "AuthorizationType": "JWT",
                    "AuthorizerId": authorizers[scheme],
                    "AuthorizationScopes": scopes,
                }
    return {"AuthorizationType": "NONE"}


def _value(value: str | dict[str, str], parameters: dict[str, str]) -> str:
    return value if isinstance(value, str) else parameters[value["Ref"]]
