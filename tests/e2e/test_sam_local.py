"""The samples and the API in real containers, where there is a container runtime; without one that is left out."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from local.stack.environment import clean_environment
from local.stack.paths import CHECKOUT, state_directory
from local.stack.sam_local.prepare import prepare, prepared_directory
from local.stack.sam_local.runtime import find_runtime
from local.stack.samples import filled_sample
from local.stack.state import Stack
from local.stack.tools import SAM, tool
from tests.e2e.conftest import token
from tests.story import Step, answer_of, story

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

IMAGE = "public.ecr.aws/lambda/python:3.13-{architecture}"
_HAVE_IMAGE = """
import docker, sys
client = docker.from_env(timeout=300)
try:
    client.images.get(sys.argv[1])
except docker.errors.ImageNotFound:
    client.images.pull(sys.argv[1])
"""
_START_TIMEOUT_S = 300
_TIMEOUT_S = 180


@pytest.fixture(scope="module")
def prepared(stack: Stack) -> Path:
    """Give the folder that `make sam` prepares for the stack of the tests."""
    assert stack
    runtime = find_runtime()
    if runtime is None:
        pytest.skip("left out: no container runtime answers")
    image = IMAGE.format(architecture=runtime.architecture)
    # It must be asked for by the name that SAM looks for.
    found = subprocess.run([tool(SAM) / "python", "-c", _HAVE_IMAGE, image], check=False, capture_output=True)  # noqa: S603 - our own program
    if found.returncode != 0:
        pytest.skip(f"left out: there is no image {image}, and it can't be pulled")
    state = state_directory()
    prepare(state)
    return prepared_directory(state)


def sam_local(prepared: Path, *arguments: str, template: str = "template.yaml") -> tuple[list[str], dict[str, str]]:
    """Return the command that the README's line is with this stack's preparation, and its environment."""
    options = ("--template-file", str(prepared / template), "--env-vars", str(prepared / "env.json"))
    # Else SAM looks for it beside the template.
    config = ("--config-file", str(CHECKOUT / "samconfig.toml"))
    command = [str(tool(SAM) / "sam"), "local", *arguments, *options, *config]
    docker = {name: value for name, value in os.environ.items() if "DOCKER" in name}
    # Settings of somebody who has an account: none of them may reach a function.
    own = {"AWS_ACCESS_KEY_ID": "AKIAOWN", "AWS_SECRET_ACCESS_KEY": "own", "AWS_SESSION_TOKEN": "own"}
    return command, clean_environment(state_directory(), SAM_CLI_TELEMETRY="0", **own, **docker)


def invoked(prepared: Path, step: Step) -> Any:
    command, environment = sam_local(prepared, "invoke", step.logical_id, "--event", "-")
    done = subprocess.run(  # noqa: S603 - our own command
        command,
        cwd=CHECKOUT,
        env=environment,
        input=json.dumps(filled_sample(step.sample)),
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_S,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_main_story_runs_by_sam_local_invoke(prepared: Path) -> None:
    answers = {}
    for step in (step for step in story() if step.is_of_the_main_story or step.answer == "done"):
        answers[step.sample] = invoked(prepared, step)
        assert (step.sample, answer_of(answers[step.sample])) == (step.sample, step.answer), answers[step.sample]
    job = json.loads(answers["manage_jobs_get"]["body"])
    assert [item["trackingNumber"] for item in job["items"]] == ["52830019274", None, "52830019289"]


@pytest.fixture
def api_url(prepared: Path) -> Iterator[str]:
    """Serve the API from containers for the test."""
    command, environment = sam_local(prepared, "start-api", "--port", "3927", template="api.yaml")
    log = prepared / "start-api.log"
    with log.open("w") as output:
        server = subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=CHECKOUT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while "Running on" not in log.read_text():
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        yield "http://127.0.0.1:3927"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=_TIMEOUT_S)


#: Samples about what was recorded: here the queues have not seen the job yet.
_OF_WHAT_THE_QUEUES_DID = {
    "manage_jobs_refused",
    "manage_jobs_retry",
    "manage_jobs_settle",
    "manage_jobs_unrouted",
    "submit_job_guides",
}


def test_the_requests_of_the_samples_are_answered_by_sam_local_start_api(stack: Stack, api_url: str) -> None:
    assert stack
    with httpx.Client(base_url=api_url, trust_env=False, timeout=_TIMEOUT_S) as client:
        for step in story():
            event = filled_sample(step.sample) if step.answer[0] in "24" else {}
            if not event or step.sample in _OF_WHAT_THE_QUEUES_DID:
                continue
            headers = {name: event["headers"][name] for name in ("x-callback-secret", "idempotency-key", "content-type")
                       if name in event["headers"]}  # fmt: skip
            claims = event["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims")
            if claims:
                headers["authorization"] = f"Bearer {token(UUID(claims['workspace_id']))}"
            method, path = event["requestContext"]["http"]["method"], event["rawPath"]
            query = event.get("queryStringParameters")
            answer = client.request(method, path, params=query, headers=headers, content=event.get("body"))
            assert (step.sample, str(answer.status_code)) == (step.sample, step.answer), answer.text
        assert client.get("/robot-jobs").status_code == 401
