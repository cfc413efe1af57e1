"""The HTTP API of the template: every route with its function and its scope, and none besides."""

import json

import pytest

from tests.template import events, functions, resources, template

READ, WRITE_JOBS, WRITE_CARRIERS, WRITE_ORDERS = "robot-jobs/read", "robot-jobs/write", "carriers/write", "orders/write"

#: Route → the function that answers it and the scope that it asks for; None: no token.
ROUTES = {
    "POST /robot-jobs": ("submit_job", WRITE_JOBS),
    "GET /robot-jobs": ("manage_jobs", READ),
    "GET /robot-jobs/{jobId}": ("manage_jobs", READ),
    "GET /robot-jobs/{jobId}/items/{itemId}": ("manage_jobs", READ),
    "PATCH /robot-jobs/{jobId}": ("manage_jobs", WRITE_JOBS),
    "POST /robot-jobs/{jobId}/retry": ("manage_jobs", WRITE_JOBS),
    "POST /robot-jobs/{jobId}/settle": ("manage_jobs", WRITE_JOBS),
    "GET /activity": ("manage_jobs", READ),
    "POST /robot-jobs/{jobId}/pause": ("manage_jobs", WRITE_JOBS),
    "POST /robot-jobs/{jobId}/resume": ("manage_jobs", WRITE_JOBS),
    "POST /robot-jobs/{jobId}/cancel": ("manage_jobs", WRITE_JOBS),
    "GET /openapi.json": ("manage_jobs", None),
    "GET /carriers/{carrier}/config": ("manage_carriers", READ),
    "PUT /carriers/{carrier}/config": ("manage_carriers", WRITE_CARRIERS),
    "GET /carriers/{carrier}/coverage": ("manage_carriers", READ),
    "GET /carriers/{carrier}/coverage/cities": ("manage_carriers", READ),
    "POST /carriers/{carrier}/coverage/validate": ("manage_carriers", READ),
    "POST /orders": ("manage_orders", WRITE_ORDERS),
    "POST /order-checks": ("manage_orders", WRITE_ORDERS),
    "GET /orders": ("manage_orders", READ),
    "GET /orders/{orderId}": ("manage_orders", READ),
    "PATCH /orders/{orderId}": ("manage_orders", WRITE_ORDERS),
    "GET /client-activation": ("manage_orders", READ),
    "PUT /client-activation": ("manage_orders", WRITE_ORDERS),
    "POST /robot-callbacks": ("receive_callback", None),
    "GET /app": ("operator_page", None),
    "GET /app/{proxy+}": ("operator_page", None),
    "POST /app/{proxy+}": ("operator_page", None),
    "$default": ("manage_jobs", None),
}


def test_every_route_has_its_function_and_its_scope_and_there_are_no_others() -> None:
    found = {}
    for name, function in functions().items():
        for route in events(function, "HttpApi"):
            auth = route["Auth"]
            if auth["Authorizer"] == "NONE":
                scope = None
            else:
                assert auth["Authorizer"] == "Jwt"
                (scope,) = auth["AuthorizationScopes"]
            found[f"{route['Method']} {route['Path']}" if "Path" in route else "$default"] = (name, scope)
            assert route["ApiId"] == {"Ref": "HttpApi"}
    assert found == ROUTES


def test_a_route_asks_for_a_token_unless_it_says_otherwise() -> None:
    auth = resources("AWS::Serverless::HttpApi")["HttpApi"]["Auth"]
    assert auth["DefaultAuthorizer"] == "Jwt"
    configuration = auth["Authorizers"]["Jwt"]["JwtConfiguration"]
    assert configuration == {"issuer": {"Ref": "JwtIssuer"}, "audience": {"Fn::Split": [",", {"Ref": "JwtAudience"}]}}


@pytest.mark.parametrize("settings", ["DefaultRouteSettings", "RouteSettings"])
def test_the_stage_is_throttled(settings: str) -> None:
    limits = resources("AWS::Serverless::HttpApi")["HttpApi"][settings]
    for route in [limits] if settings == "DefaultRouteSettings" else limits.values():
        assert route["ThrottlingRateLimit"] > 0
        assert route["ThrottlingBurstLimit"] >= route["ThrottlingRateLimit"]


def test_a_robot_s_report_is_turned_away_later_than_anything_else() -> None:
    """A robot reports once: a report answered 429 is a tracking number lost."""
    api = resources("AWS::Serverless::HttpApi")["HttpApi"]
    callbacks = api["RouteSettings"]["POST /robot-callbacks"]
    assert callbacks["ThrottlingRateLimit"] >= 10 * api["DefaultRouteSettings"]["ThrottlingRateLimit"]


def test_whatever_a_stranger_may_call_takes_little_of_the_account() -> None:
    """Naive: anybody's loop over /openapi.json takes as many executions as all operators together."""
    api = resources("AWS::Serverless::HttpApi")["HttpApi"]
    strangers = {route for route, (_, scope) in ROUTES.items() if scope is None} - {"POST /robot-callbacks"}
    # The page asks for a session where the others ask for a token; a page is several requests, and is asked for again.
    strangers -= {route for route, (name, _) in ROUTES.items() if name == "operator_page"}
    for route in strangers:
        limit = api["RouteSettings"][route]["ThrottlingRateLimit"]
        assert limit * 10 <= api["DefaultRouteSettings"]["ThrottlingRateLimit"], route


def test_browsers_are_let_in_only_from_the_origins_that_a_parameter_names() -> None:
    condition, cors, otherwise = resources("AWS::Serverless::HttpApi")["HttpApi"]["CorsConfiguration"]["Fn::If"]
    assert (condition, otherwise) == ("HasCorsOrigins", {"Ref": "AWS::NoValue"})
    assert cors["allowOrigins"] == {"Fn::Split": [",", {"Ref": "CorsOrigins"}]}
    assert template()["Parameters"]["CorsOrigins"]["Default"] == ""
    assert template()["Conditions"]["HasCorsOrigins"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "CorsOrigins"}, ""]}]}
    assert {route.split()[0] for route in ROUTES} - {"$default"} == set(cors["allowMethods"])


def test_the_access_log_is_json_and_holds_no_token() -> None:
    access_log = resources("AWS::Serverless::HttpApi")["HttpApi"]["AccessLogSettings"]["Format"]
    fields = json.loads(access_log)
    assert {"requestId", "route", "status", "latencyMs", "workspaceId"} <= set(fields)
    assert "uthorization" not in access_log
    assert "header" not in access_log


def test_the_robot_is_told_the_url_at_which_callbacks_are_taken() -> None:
    condition, public, own = functions()["dispatch_job"]["Environment"]["Variables"]["CALLBACK_URL"]["Fn::If"]
    assert condition == "HasPublicApiUrl"
    assert public["Fn::Sub"][0] == "${Base}${ApiId}/robot-callbacks"
    public_output = template()["Outputs"]["ApiUrl"]["Value"]["Fn::If"]
    assert public_output[1]["Fn::Sub"] == ["${Base}${ApiId}", public["Fn::Sub"][1]]
    assert own["Fn::Sub"] == public_output[2]["Fn::Sub"] + "/robot-callbacks"


def test_robots_at_private_addresses_are_refused_unless_a_developer_allows_them() -> None:
    assert template()["Parameters"]["AllowPrivateRobotUrls"]["Default"] == "false"
    users = {name for name, function in functions().items() if "ALLOW_PRIVATE_ROBOT_URLS" in str(function)}
    assert users == {"manage_carriers", "operator_page", "dispatch_job", "expire_items"}
