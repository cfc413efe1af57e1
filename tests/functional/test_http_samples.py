"""Every sample request in `events/` drives its handler, in the order in which an operator would send them."""

import json
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest

from local.openapi.document import FUNCTIONS
from shared.domain import DomainContext, UpdateJobItemResultParams, update_job_item_result
from shared.robot.callback_token import sign_callback_token
from tests.functional.conftest import Bus
from tests.http_client import LambdaContext
from tests.template import ROOT

WORKSPACE = UUID("0198c0de-0000-7000-8000-000000000002")
#: The samples' job, and the item of it that they retry.
JOB, FAILED_ITEM = "0198c0de-0000-7000-8000-000000000010", "0198c0de-0000-7000-8000-000000000022"
PREPARATION = {
    "manage_carriers_put_config": 200,
    "manage_carriers_get_config": 200,
    "manage_carriers_coverage": 200,
    "manage_carriers_coverage_cities": 200,
    "manage_carriers_coverage_validate": 200,
    "manage_orders_import": 200,
    "manage_orders_check": 200,
    "manage_orders_get": 200,
    "manage_orders_list": 200,
    "manage_orders_patch": 200,
    "manage_orders_put_client_activation": 200,
    "manage_orders_get_client_activation": 200,
}
WORK = {
    "manage_jobs_list": 200,
    "manage_jobs_get": 200,
    "manage_jobs_item": 200,
    "manage_jobs_activity": 200,
    "manage_jobs_patch": 200,
}
REPORTS = {"receive_callback_success": 202, "receive_callback_error": 202}
REFUSALS = {
    "manage_orders_refused": 422,
    "manage_carriers_refused": 422,
    "submit_job_refused": 409,
    "receive_callback_refused": 401,
    "manage_jobs_refused": 404,
    "manage_jobs_unrouted": 404,
}
AFTERWARDS = {
    "submit_job_guides": 201,
    "manage_jobs_settle": 200,
    "manage_jobs_retry": 202,
    "manage_jobs_pause": 202,
    "manage_jobs_resume": 202,
    "manage_jobs_cancel": 202,
    "manage_jobs_openapi": 200,
}


def sample(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text(encoding="utf-8"))
    return event


def send(name: str, event: dict[str, Any], ids: dict[str, str]) -> tuple[int, Any]:
    """Send an event to the handler that its sample is named after, with the samples' ids replaced."""
    text = json.dumps(event)
    for old, new in ids.items():
        text = text.replace(old, new)
    function = next(each for each in FUNCTIONS if name.startswith(each))
    answer = import_module(f"functions.{function}.app").handler(json.loads(text), LambdaContext())
    return answer["statusCode"], json.loads(answer["body"])


def test_every_sample_is_part_of_the_story() -> None:
    written = {path.stem for name in FUNCTIONS for path in (ROOT / "events").glob(f"{name}*.json")}
    assert written == {"submit_job", *PREPARATION, *WORK, *REPORTS, *REFUSALS, *AFTERWARDS}


@pytest.mark.usefixtures("fresh_database", "kms_key", "callback_secret")
def test_the_samples_tell_the_story_of_a_job(bus: Bus) -> None:
    for name, expected in PREPARATION.items():
        assert (name, send(name, sample(name), {})[0]) == (name, expected)
    status, job = send("submit_job", sample("submit_job"), {})
    assert (status, job["itemCount"] + len(job["rejected"])) == (201, 3)
    ids = {JOB: job["jobId"], FAILED_ITEM: job["items"][-1]["itemId"]}
    for name, expected in WORK.items():
        assert (name, send(name, sample(name), ids)[0]) == (name, expected)
    token = sign_callback_token(job_id=UUID(job["jobId"]), workspace_id=WORKSPACE, dispatch=1)
    for name, expected in REPORTS.items():
        event = sample(name)
        event["headers"]["x-callback-secret"] = token
        assert (name, send(name, event, ids)[0]) == (name, expected)
    for name, expected in REFUSALS.items():
        assert (name, send(name, sample(name), ids)[0]) == (name, expected)
    assert len(bus.received("robot/item.completed")) == len(REPORTS)
    first = UUID(job["items"][0]["itemId"])
    shipped = UpdateJobItemResultParams(first, "success", "52830019274")
    assert update_job_item_result(DomainContext(WORKSPACE, source="robot"), shipped).success
    failed = UpdateJobItemResultParams(UUID(ids[FAILED_ITEM]), "error", None, None, None, "portal", "no answer")
    assert update_job_item_result(DomainContext(WORKSPACE, source="robot"), failed).success
    for name, expected in AFTERWARDS.items():
        assert (name, send(name, sample(name), ids)[0]) == (name, expected)
