"""Who gets in on the deployed stack, and what another workspace sees: nothing."""

from uuid import UUID

import pytest

from local.cli.api import RobotJobsApi
from local.cli.errors import ApiError
from local.stack.state import Stack
from local.stack.tokens import issue_token
from shared.domain.ids import uuid7
from tests.e2e import steps
from tests.e2e.conftest import Connect, raw, token

pytestmark = pytest.mark.e2e


def status_with(stack: Stack, authorization: str | None) -> int:
    with raw(stack) as client:
        headers = {} if authorization is None else {"Authorization": f"Bearer {authorization}"}
        return client.get("robot-jobs", headers=headers).status_code


def test_a_good_token_gets_in(stack: Stack, workspace: UUID) -> None:
    assert status_with(stack, token(workspace)) == 200


@pytest.mark.parametrize("kind", ["missing", "garbage", "changed", "expired", "another audience"])
def test_a_bad_token_is_401(stack: Stack, workspace: UUID, kind: str) -> None:
    tokens = {
        "missing": None,
        "garbage": "not.a.token",
        "changed": token(workspace)[:-6] + "AAAAAA",
        "expired": token(workspace, expires_in_s=-3600),
        "another audience": token(workspace, audience="somebody-else"),
    }
    assert status_with(stack, tokens[kind]) == 401


def test_a_token_without_the_scope_is_403(stack: Stack, workspace: UUID) -> None:
    assert status_with(stack, issue_token(workspace, ["orders/write"], 600)) == 403


def test_a_token_without_a_workspace_is_403(stack: Stack) -> None:
    assert status_with(stack, token(None)) == 403


def test_a_callback_without_our_secret_is_401(stack: Stack) -> None:
    with raw(stack) as client:
        report = {"itemId": str(uuid7()), "status": "success", "trackingNumber": "1"}
        assert client.post("robot-callbacks", json=report).status_code == 401
        assert client.post("robot-callbacks", json=report, headers={"X-Callback-Secret": "x"}).status_code == 401


def test_another_workspaces_job_and_order_are_404(
    api: RobotJobsApi, connect: Connect, stack: Stack, workspace: UUID
) -> None:
    steps.configure(api, stack, workspace)
    [order_id] = steps.import_orders(api, 1)
    job_id = api.submit([order_id]).job_id
    stranger = connect(uuid7())
    for look in (
        lambda: stranger.get_job(job_id),
        lambda: stranger.retry(job_id),
        lambda: stranger.cancel(job_id),
        lambda: stranger.get_order(order_id),
    ):
        with pytest.raises(ApiError) as refused:
            look()
        assert refused.value.status == 404
    assert stranger.list_jobs().jobs == []
    steps.wait_until_ended(api, job_id)
