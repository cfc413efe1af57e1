"""A second carrier, in the tests alone: its executor answers at once, by an API, and the same recording takes it."""

import json
from collections.abc import Iterator
from uuid import UUID

import boto3
import pytest
from psycopg import Connection

from functions.dispatch_job.app import handler
from shared.aws.passwords import seal_password
from shared.carriers.carrier import Answer, Carrier, Execution, ItemAnswer, Post, Task
from shared.carriers.coordinadora.robot import PATHS
from shared.carriers.registry import CARRIERS
from shared.db.audit import audit
from shared.domain import (
    DomainContext,
    LookUpGuidesParams,
    Submission,
    SubmitJobParams,
    UpsertCarrierConfigParams,
    get_coverage_stats,
    get_order,
    look_up_guides,
    submit_job,
    upsert_carrier_config,
)
from shared.events import JobSubmitted
from shared.logistics import build_pedido
from shared.robot.callback_token import verify_callback_token
from tests.factories import data_of, events_of, failure_of, look_up, make_carrier_config, make_orders, read_job
from tests.functional.conftest import Bus
from tests.http_client import LambdaContext
from tests.queues import failed_ids, sqs_batch
from tests.scripted_robot import ScriptedRobot


class Api:
    """Makes every shipment but those to nowhere, and says so in its answer."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []

    def execute(self, task: Task, post: Post) -> Execution:
        """Answer for each order at once; nothing is posted, and nothing called back."""
        del post
        self.tasks.append(task)
        first, *others = task.orders
        failed = ItemAnswer(first.item_id, "error", error_type="portal", error_message="Ciudad sin cobertura")
        made = [ItemAnswer(each.item_id, "success", f"E-{each.item_id}") for each in others]
        return Execution(Answer("accepted", "ok"), [failed, *made])


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    api = Api()
    monkeypatch.setitem(
        CARRIERS,
        "envia",
        Carrier("envia", "Envía", "https://envia.example/", frozenset({"shipment"}), api, build_pedido),
    )
    return api


@pytest.fixture(autouse=True)
def _ready(  # noqa: PLR0913, PLR0917 - fixtures
    kms_key: str,
    callback_secret: str,
    bus: Bus,
    aws: boto3.Session,
    monkeypatch: pytest.MonkeyPatch,
    ctx: DomainContext,
) -> None:
    assert all((kms_key, callback_secret, bus, ctx))
    monkeypatch.setenv("DISPATCH_QUEUE_URL", aws.client("sqs").create_queue(QueueName="dispatch")["QueueUrl"])
    monkeypatch.setenv("CALLBACK_URL", "https://api.example.com/robot-callbacks")


@pytest.fixture
def robot(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedRobot]:
    monkeypatch.setenv("ALLOW_PRIVATE_ROBOT_URLS", "true")
    with ScriptedRobot().running() as robot:
        yield robot


def deliver(owner: Connection, ctx: DomainContext) -> None:
    """Bring the newest hand-over's event to its function."""
    event = JobSubmitted.model_validate(events_of(owner, ctx.workspace_id, "robot/job.submitted")[-1])
    assert failed_ids(handler(sqs_batch(event), LambdaContext())) == []  # type: ignore[arg-type] # as much of a context as is read


def submit_three(owner: Connection, ctx: DomainContext) -> tuple[Submission, list[UUID]]:
    """Submit three orders to the second carrier."""
    sealed = seal_password("s3cret", workspace_id=ctx.workspace_id, carrier="envia")
    account = UpsertCarrierConfigParams("envia", "tienda", sealed, "https://api.example.com")
    data_of(upsert_carrier_config(ctx, account))
    owner.execute(
        "INSERT INTO carrier_coverage SELECT 'envia', city, department_abbrev, supports_cod, is_active, carrier_city"
        " FROM carrier_coverage WHERE carrier = 'coordinadora' AND city = 'MEDELLIN' ON CONFLICT DO NOTHING"
    )
    orders = make_orders(owner, ctx.workspace_id, 3)
    return data_of(submit_job(ctx, SubmitJobParams(orders, "envia"))), orders


def test_no_answer_of_it_keeps_another_from_being_recorded(
    owner: Connection, ctx: DomainContext, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: one number that is too long refuses them all, and three shipments have no number."""
    job, _ = submit_three(owner, ctx)

    def answers(task: Task, post: Post) -> Execution:
        del post
        numbers = ("x" * 300, "undefined", "E-3")
        made = [ItemAnswer(each.item_id, "success", n) for each, n in zip(task.orders, numbers, strict=True)]
        return Execution(Answer("accepted", "ok"), made)

    monkeypatch.setattr(api, "execute", answers)
    deliver(owner, ctx)
    now = read_job(ctx, job)  # type: ignore[arg-type] # the id is all that is read
    assert [(item.status, item.tracking_number) for item in now.items] == [
        ("success", None),
        ("success", None),
        ("success", "E-3"),
    ]


def test_what_it_answers_at_once_is_recorded_as_reports_are(owner: Connection, ctx: DomainContext, api: Api) -> None:
    job, orders = submit_three(owner, ctx)
    deliver(owner, ctx)
    [task] = api.tasks
    assert (task.kind, task.password, task.job_id) == ("shipment", "s3cret", str(job.job_id))
    now = read_job(ctx, job)  # type: ignore[arg-type] # the id is all that is read
    assert (now.job.status, now.job.success_count, now.job.error_count) == ("completed", 2, 1)
    # Its words are none of Coordinadora's, whose table they are not looked for in.
    assert [(item.status, item.shipment) for item in now.items] == [
        ("error", "none"),
        ("success", "made"),
        ("success", "made"),
    ]
    assert data_of(get_order(ctx, orders[1])).tracking_number == f"E-{now.items[1].id}"
    assert len(events_of(owner, ctx.workspace_id, "robot/job.completed")) == 1
    assert events_of(owner, ctx.workspace_id, "automation/robot.coord.completed") == []
    assert audit(owner, workspace_id=ctx.workspace_id) == []
    refused = failure_of(
        look_up_guides(ctx, LookUpGuidesParams(orders[1:], "envia")), "INVALID", "carrier_not_configured"
    )
    assert refused.error == "envia finds no guides here; name another carrier."
    unknown = failure_of(get_coverage_stats(ctx, "servientrega"), "NOT_FOUND", "carrier_not_found")
    assert unknown.error == "There is no such carrier; use coordinadora or envia."


def test_a_lookup_is_handed_over_to_the_letter(owner: Connection, ctx: DomainContext, robot: ScriptedRobot) -> None:
    sealed = seal_password("s3cret", workspace_id=ctx.workspace_id, carrier="coordinadora")
    make_carrier_config(owner, ctx.workspace_id, robot_url=robot.url, portal_password_sealed=sealed)
    [order_id] = make_orders(owner, ctx.workspace_id, tracking_number="52830019274")
    owner.execute("UPDATE orders SET number_by_hand = true WHERE id = %s", [order_id])
    job = look_up(owner, ctx, [order_id])
    deliver(owner, ctx)
    [call] = robot.calls
    assert call["path"] == PATHS["guide_lookup"] == "/api/buscar-guias"
    token = call["json"].pop("callbackSecret")
    assert verify_callback_token(token).job_id == job.job_id
    assert call["json"] == {
        "workspaceId": str(ctx.workspace_id),
        "jobId": str(job.job_id),
        "credentials": {"username": "tienda", "password": "s3cret"},
        "callbackUrl": "https://api.example.com/robot-callbacks",
        "pedidoNumbers": [
            {"itemId": str(job.items[0].item_id), "orderId": str(order_id), "pedidoNumber": "52830019274"}
        ],
    }
    assert read_job(ctx, job).job.status == "processing"
    assert json.dumps(call["json"]).count("pedidoInput") == 0
