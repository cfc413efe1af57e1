"""The samples of events/ are what AWS sends, fit the models, and tell one story."""

import base64
import hashlib
import json
import re
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

import jwt
import pytest
from pydantic import BaseModel, ValidationError

from functions.manage_carriers.models import CarrierConfigBody, ValidateCitiesBody
from functions.manage_jobs.models import ChangeBody, RetryBody, SettleBody
from functions.manage_orders.models import ClientActivationBody, ImportOrdersBody, UpdateOrderBody
from functions.receive_callback.models import ReportBody
from functions.submit_job.models import SubmitJobBody
from shared.events import ALL_EVENTS, SOURCE
from shared.logistics.pedido import PedidoInput
from tests.samples import CALLBACK_KEY, NAMES, envelopes, is_http, is_queue, is_refused, sample
from tests.story import story
from tests.template import ROOT, Resource, events, functions, resources, target

HTTP = [name for name in NAMES if is_http(name)]
QUEUES = [name for name in NAMES if is_queue(name)]
GOOD_QUEUES = [name for name in QUEUES if not is_refused(name)]
SCHEDULES = [name for name in NAMES if name not in {*HTTP, *QUEUES, "migrate_database"}]

BODIES: dict[str, type[BaseModel]] = {
    "manage_carriers_coverage_validate": ValidateCitiesBody,
    "manage_carriers_put_config": CarrierConfigBody,
    "manage_jobs_patch": ChangeBody,
    "manage_jobs_retry": RetryBody,
    "manage_jobs_settle": SettleBody,
    "manage_orders_check": ImportOrdersBody,
    "manage_orders_import": ImportOrdersBody,
    "manage_orders_patch": UpdateOrderBody,
    "manage_orders_put_client_activation": ClientActivationBody,
    "receive_callback_error": ReportBody,
    "receive_callback_success": ReportBody,
    "submit_job": SubmitJobBody,
}


def function_of(name: str) -> str:
    """Return the function that a sample is for; its name begins with it."""
    (found,) = [function for function in functions() if name == function or name.startswith(f"{function}_")]
    return found


def route_of(name: str) -> Resource:
    """Return the route of the template that an HTTP sample calls."""
    key = sample(name)["routeKey"]
    (route,) = [route for route in events(functions()[function_of(name)], "HttpApi") if route_key(route) == key]
    return route


def route_key(route: Resource) -> str:
    """Return a route's key; the one that takes what no other takes has neither method nor path."""
    return f"{route['Method']} {route['Path']}" if "Path" in route else "$default"


def body(name: str) -> Any:
    return json.loads(sample(name)["body"])


def test_every_function_has_a_sample_and_every_route_its_own() -> None:
    assert {function_of(name) for name in NAMES} == set(functions())
    routes = {route_key(route) for each in functions().values() for route in events(each, "HttpApi")}
    assert {sample(name)["routeKey"] for name in HTTP if not is_refused(name)} == routes


def test_every_function_has_a_sample_that_shows_a_refusal_but_those_that_read_nothing_of_their_event() -> None:
    scheduled = {name for name, properties in functions().items() if events(properties, "Schedule")}
    assert {function_of(name) for name in NAMES if is_refused(name)} == set(functions()) - scheduled - {
        "migrate_database"
    }


def test_the_readme_plays_the_main_story_in_its_order() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    played = re.findall(
        r"^\$ (?:robot-jobs sample (\w+) \| )?sam local invoke (\w+) -e (?:-|events/(\w+)\.json)$", readme, re.MULTILINE
    )
    lines = [(piped or file, function) for piped, function, file in played]
    assert lines == [(step.sample, step.logical_id) for step in story() if step.is_of_the_main_story]


def test_the_story_has_each_sample_once() -> None:
    assert sorted(step.sample for step in story()) == NAMES


@pytest.mark.parametrize("name", HTTP)
def test_an_http_sample_is_of_one_piece(name: str) -> None:
    event = sample(name)
    context = event["requestContext"]
    method, _, path = event["routeKey"].partition(" ")
    if event["routeKey"] == "$default":
        method, path = context["http"]["method"], event["rawPath"]
    assert (event["version"], event["isBase64Encoded"], context["stage"]) == ("2.0", False, "$default")
    assert (context["routeKey"], context["http"]["method"]) == (event["routeKey"], method)
    # Of a greedy variable the plus is no part of its name.
    assert (
        path.replace("+}", "}").format(**event.get("pathParameters", {})) == event["rawPath"] == context["http"]["path"]
    )
    query = "&".join(f"{key}={value}" for key, value in event.get("queryStringParameters", {}).items())
    assert event["rawQueryString"] == query
    headers = event["headers"]
    assert all(key == key.lower() and isinstance(value, str) for key, value in headers.items())
    assert headers["host"] == context["domainName"] == f"{context['apiId']}.execute-api.us-east-1.amazonaws.com"
    if "body" in event:
        assert int(headers["content-length"]) == len(event["body"].encode())
        assert headers["content-type"] == "application/json"
    at = datetime.strptime(context["time"], "%d/%b/%Y:%H:%M:%S %z")
    assert at.timestamp() * 1000 == context["timeEpoch"]


@pytest.mark.parametrize("name", HTTP)
def test_an_http_sample_has_the_claims_that_its_route_asks_for(name: str) -> None:
    auth = route_of(name)["Auth"]
    context = sample(name)["requestContext"]
    if auth["Authorizer"] == "NONE":
        assert "authorizer" not in context
        return
    claims = context["authorizer"]["jwt"]["claims"]
    # API Gateway gives every claim as a text.
    assert all(isinstance(value, str) for value in claims.values())
    assert context["authorizer"]["jwt"]["scopes"] == auth["AuthorizationScopes"]
    assert set(auth["AuthorizationScopes"]) <= set(claims["scope"].split())
    assert UUID(claims["workspace_id"]).version == 7


@pytest.mark.parametrize("name", sorted(BODIES))
def test_a_body_fits_the_model_of_its_route_and_uses_its_fields(name: str) -> None:
    parsed = BODIES[name].model_validate_json(sample(name)["body"])
    assert parsed.model_fields_set
    assert not parsed.model_extra


def test_every_body_has_its_model() -> None:
    assert {name for name in HTTP if "body" in sample(name) and not is_refused(name)} == set(BODIES)


@pytest.mark.parametrize("name", QUEUES)
def test_a_queue_sample_is_a_batch_as_sqs_delivers_it(name: str) -> None:
    (trigger,) = events(functions()[function_of(name)], "SQS")
    records = sample(name)["Records"]
    assert 1 <= len(records) <= trigger["BatchSize"]
    assert len({record["messageId"] for record in records}) == len(records)
    for record in records:
        UUID(record["messageId"])
        base64.b64decode(record["receiptHandle"], validate=True)
        digest = hashlib.md5(record["body"].encode(), usedforsecurity=False).hexdigest()
        assert record["md5OfBody"] == digest
        assert (record["eventSource"], record["awsRegion"]) == ("aws:sqs", "us-east-1")
        assert f":robot-jobs-{target(trigger['Queue'])}-" in record["eventSourceARN"]
        sent = int(record["attributes"]["SentTimestamp"])
        assert sent <= int(record["attributes"]["ApproximateFirstReceiveTimestamp"])


@pytest.mark.parametrize("name", GOOD_QUEUES)
def test_a_queue_sample_holds_bus_events_of_its_rule_that_fit_their_model(name: str) -> None:
    (trigger,) = events(functions()[function_of(name)], "SQS")
    (rule,) = [
        rule
        for rule in resources("AWS::Events::Rule").values()
        if target(rule["Targets"][0]["Arn"]) == target(trigger["Queue"])
    ]
    for envelope in envelopes(name):
        assert envelope["detail-type"] in rule["EventPattern"]["detail-type"]
        assert envelope["source"] == SOURCE
        assert datetime.fromisoformat(envelope["time"]).tzinfo is not None
        event = ALL_EVENTS[envelope["detail-type"]].model_validate(envelope["detail"])
        # Written again it is the same: nothing ignored, nothing that is left out given as null.
        assert json.loads(event.to_detail()) == envelope["detail"]


@pytest.mark.parametrize("name", [name for name in QUEUES if is_refused(name)])
def test_a_refused_message_is_no_event_of_its_type(name: str) -> None:
    for envelope in envelopes(name):
        with pytest.raises(ValidationError):
            ALL_EVENTS[envelope["detail-type"]].model_validate(envelope["detail"])


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_sample_is_what_its_rule_sends(name: str) -> None:
    (schedule,) = events(functions()[name], "Schedule")
    rule = schedule["Name"]["Fn::Sub"].replace("${AWS::StackName}", "robot-jobs")
    event = sample(name)
    assert (event["source"], event["detail-type"], event["detail"]) == ("aws.events", "Scheduled Event", {})
    assert event["resources"] == [f"arn:aws:events:us-east-1:123456789012:rule/{rule}"]


def test_the_samples_are_of_one_workspace_and_one_job() -> None:
    details = [envelope["detail"] for name in QUEUES for envelope in envelopes(name)]
    claims = [
        sample(name)["requestContext"]["authorizer"]["jwt"]["claims"]
        for name in HTTP
        if "authorizer" in sample(name)["requestContext"]
    ]
    workspaces = {detail["workspaceId"] for detail in details} | {claim["workspace_id"] for claim in claims}
    assert workspaces == {"0198c0de-0000-7000-8000-000000000002"}
    good = [name for name in HTTP if not is_refused(name)]
    paths = {sample(name).get("pathParameters", {}).get("jobId") for name in good} - {None}
    assert {detail["jobId"] for detail in details} == paths
    assert len(paths) == 1


def test_the_samples_follow_the_same_orders_and_items_from_import_to_the_end() -> None:
    imported = [order["id"] for order in body("manage_orders_import")["orders"]]
    (submitted,) = [envelope["detail"] for envelope in envelopes("dispatch_job")]
    assert body("submit_job")["orderIds"] == imported == [order["orderId"] for order in submitted["orders"]]
    assert sample("manage_orders_get")["pathParameters"]["orderId"] in imported
    items = [order["itemId"] for order in submitted["orders"]]
    reports = {detail["itemId"]: detail for detail in (each["detail"] for each in envelopes("record_results"))}
    assert list(reports) == items
    for name in ("receive_callback_success", "receive_callback_error"):
        report = body(name)
        assert report.items() <= reports[report["itemId"]].items()
    statuses = [detail["status"] for detail in reports.values()]
    (ended,) = [envelope["detail"] for envelope in envelopes("complete_job")]
    assert (ended["successCount"], ended["errorCount"]) == (statuses.count("success"), statuses.count("error"))
    assert ended["errorCount"] > 0
    assert body("manage_jobs_retry")["itemIds"] == [item for item in items if reports[item]["status"] == "error"]


def test_a_pedido_of_the_samples_has_exactly_the_robot_s_fields() -> None:
    for order in envelopes("dispatch_job")[0]["detail"]["orders"]:
        assert set(order["pedidoInput"]) == {field.name for field in fields(PedidoInput)}


@pytest.mark.parametrize("name", ["receive_callback_success", "receive_callback_error"])
def test_a_callback_sample_brings_the_token_of_its_job(name: str) -> None:
    claims = jwt.decode(
        sample(name)["headers"]["x-callback-secret"],
        CALLBACK_KEY,
        algorithms=["HS256"],
        audience="robot-jobs/robot-callbacks",
    )
    detail = envelopes("record_results")[0]["detail"]
    told = (claims["job"], claims["workspace"], claims["dispatch"])
    assert told == (detail["jobId"], detail["workspaceId"], detail["dispatch"])
