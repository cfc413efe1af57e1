"""The samples, filled in from the running stack, tell their story by `make invoke`'s way."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from local.stack import aws
from local.stack.bus import put_on_bus
from local.stack.errors import StackError
from local.stack.invoke import run_function
from local.stack.paths import state_directory
from local.stack.samples import filled_sample
from local.stack.state import Stack
from tests.e2e.steps import wait_for
from tests.story import answer_of, story

pytestmark = pytest.mark.e2e


@pytest.fixture
def alone(stack: Stack) -> Iterator[None]:
    """Let the queues of the stack wait, so that what is invoked does the work itself."""
    functions = aws.session().client("lambda", endpoint_url=stack.aws_endpoint_url)
    mappings = [each["UUID"] for each in functions.list_event_source_mappings()["EventSourceMappings"]]
    assert mappings
    try:
        for mapping in mappings:
            functions.update_event_source_mapping(UUID=mapping, Enabled=False)
        yield
    finally:
        for mapping in mappings:
            functions.update_event_source_mapping(UUID=mapping, Enabled=True)


def played(name: str, function: str) -> Any:
    result = run_function(state_directory(), function, json.dumps(filled_sample(name)).encode())
    return {"errorMessage": result.answer} if result.failed else result.answer


def body(answered: dict[str, Any]) -> Any:
    return json.loads(answered["body"])


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("is_whole", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_the_samples_tell_their_story_and_tell_it_again(stack: Stack, *, is_whole: bool) -> None:
    """The whole has the refusals, too, and what runs by itself."""
    answers = {}
    for step in (step for step in story() if is_whole or step.is_of_the_main_story):
        answers[step.sample] = played(step.sample, step.function)
        assert (step.sample, answer_of(answers[step.sample])) == (step.sample, step.answer), answers[step.sample]

    job = body(answers["manage_jobs_get"])
    assert [item["trackingNumber"] for item in job["items"]] == ["52830019274", None, "52830019289"]
    with psycopg.connect(stack.database_url) as conn:
        # It was the invoked dispatch_job that called the robot.
        handed_over = conn.execute(
            "SELECT accepted_at IS NOT NULL FROM robot_job_dispatches WHERE job_id = %s AND dispatch = 1",
            [job["job"]["id"]],
        )
        assert handed_over.fetchone() == (True,)

    first = filled_sample("submit_job")
    assert answer_of(played("manage_orders_import", "manage_orders")) == "200"
    again = filled_sample("submit_job")
    workspaces = [it["requestContext"]["authorizer"]["jwt"]["claims"]["workspace_id"] for it in (first, again)]
    assert workspaces[0] != workspaces[1]
    with pytest.raises(StackError, match="no job yet"):
        filled_sample("dispatch_job")
    assert answer_of(played("manage_carriers_put_config", "manage_carriers")) == "200"
    assert answer_of(played("submit_job", "submit_job")) == "201"


@pytest.mark.slow
def test_the_stack_s_own_functions_may_have_done_the_work_before(stack: Stack) -> None:
    """Fails where the robot reports by itself: the samples' numbers would be second ones."""
    for step in story():
        # Guides are of what was shipped.
        if step.function in {"manage_orders", "manage_carriers", "submit_job"} and not step.sample.endswith(
            ("refused", "guides")
        ):
            assert answer_of(played(step.sample, step.function)) == step.answer
    detail = json.loads(filled_sample("dispatch_job")["Records"][0]["body"])["detail"]

    def accepted() -> bool:
        with psycopg.connect(stack.database_url) as conn:
            found = conn.execute(
                "SELECT FROM robot_job_dispatches WHERE job_id = %s AND accepted_at IS NOT NULL", [detail["jobId"]]
            )
            return found.fetchone() is not None

    wait_for(accepted)
    for step in story():
        if step.function in {"dispatch_job", "receive_callback", "record_results", "complete_job"}:
            assert (step.sample, answer_of(played(step.sample, step.function))) == (step.sample, step.answer)
    job = body(played("manage_jobs_get", "manage_jobs"))
    assert [item["trackingNumber"] for item in job["items"]] == ["52830019274", None, "52830019289"]
    shipped = httpx.get(
        f"{stack.robot_url}/ledger", params={"workspaceId": detail["workspaceId"]}, trust_env=False
    ).json()
    assert shipped["shipments"] == []


@pytest.mark.slow
def test_the_events_of_a_sample_reach_their_function_by_the_rule_of_the_bus(stack: Stack) -> None:
    for name, function in (("import", "manage_orders"), ("put_config", "manage_carriers")):
        played(f"{function}_{name}", function)
    played("submit_job", "submit_job")
    assert put_on_bus(filled_sample("record_results")) == 3

    def ended() -> bool:
        job = body(played("manage_jobs_get", "manage_jobs"))["job"]
        return (job["successCount"], job["errorCount"]) == (2, 1)

    wait_for(ended)
    with pytest.raises(StackError, match="no event of the bus"):
        put_on_bus(filled_sample("submit_job"))
    assert stack


def test_a_sample_that_there_is_not_is_refused_by_name(stack: Stack) -> None:
    assert stack
    with pytest.raises(StackError, match="There is no sample nothing"):
        filled_sample("nothing")
