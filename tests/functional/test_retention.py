"""Personal data is removed once its workspace need not keep it, and what was removed is never sent empty."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, repeat
from types import SimpleNamespace
from uuid import UUID

import pytest
from psycopg import Connection

from functions.expire_items.app import handler as expire
from functions.manage_carriers.app import handler as manage_carriers
from local.stack.postgres import Postgres
from shared.db.connection import close_connection
from shared.domain import (
    CreatedJob,
    DomainContext,
    KeepUploadParams,
    RetryFailedItemsParams,
    UpdateJobItemResultParams,
    get_job_item,
    keep_upload,
    remove_personal_data,
    retry_failed_items,
    update_job_item_result,
)
from shared.domain.ids import uuid7
from shared.domain.jobs import retention
from shared.domain.jobs.history import GetJobItemParams
from tests.factories import (
    assert_agreement,
    data_of,
    events_of,
    hand_over,
    make_carrier_config,
    make_job_of,
    make_orders,
    read_item,
    report_error,
    report_success,
)
from tests.functional.conftest import Bus
from tests.http_client import LambdaContext, call
from tests.racing import holding, results, two_racers

PERSONAL = {"nombres": "Luz Marina", "direccion": "Calle 10 # 43-12", "celular": "3004567890"}

Remove = Callable[[], int]


@pytest.fixture
def ctx(fresh_database: str, workspace: UUID) -> DomainContext:
    assert fresh_database
    return DomainContext(workspace, "test")


@pytest.fixture
def as_system(fresh_database: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def connect() -> None:
        close_connection()
        monkeypatch.setenv("DATABASE_URL", postgres.url(fresh_database, "robot_jobs_system"))

    return connect


@pytest.fixture
def remove(fresh_database: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> Remove:
    """Give the sweep as its role runs it; the program is the app's role again after it."""

    @contextmanager
    def connected_as(role: str) -> Iterator[None]:
        close_connection()
        with monkeypatch.context() as patch:
            patch.setenv("DATABASE_URL", postgres.url(fresh_database, role))
            yield
        close_connection()

    def run() -> int:
        with connected_as("robot_jobs_system"):
            return remove_personal_data()

    return run


def make_sent_job(owner: Connection, ctx: DomainContext, items: int = 1, carrier: str = "coordinadora") -> CreatedJob:
    order_ids = make_orders(owner, ctx.workspace_id, items)
    return make_job_of(ctx, order_ids, item_values=dict.fromkeys(order_ids, PERSONAL), carrier=carrier)


def ended_days_ago(
    owner: Connection, ctx: DomainContext, days: float, items: int = 1, carrier: str = "coordinadora"
) -> CreatedJob:
    job = make_sent_job(owner, ctx, items, carrier)
    for item in job.items:
        report_error(ctx, item.item_id)
    age(owner, job, days)
    return job


def age(owner: Connection, job: CreatedJob, days: float) -> None:
    owner.execute(
        "UPDATE robot_job_items SET completed_at = now() - %s * interval '1 day' WHERE job_id = %s", [days, job.job_id]
    )


def kept(owner: Connection) -> set[UUID]:
    """Return the items that still hold what was sent."""
    return {item_id for (item_id,) in owner.execute("SELECT id FROM robot_job_items WHERE value_sent IS NOT NULL")}


def set_days(owner: Connection, workspace_id: UUID, days: int) -> None:
    make_carrier_config(owner, workspace_id)
    owner.execute(
        "UPDATE carrier_configs SET personal_data_retention_days = %s WHERE workspace_id = %s", [days, workspace_id]
    )


def test_each_workspace_keeps_it_for_its_own_days_and_ninety_without_a_configuration(
    owner: Connection, ctx: DomainContext, remove: Remove
) -> None:
    short, long, bare = (DomainContext(uuid7(), "test") for _ in range(3))
    set_days(owner, short.workspace_id, 1)
    set_days(owner, long.workspace_id, 3650)
    make_carrier_config(owner, ctx.workspace_id)
    past = [ended_days_ago(owner, each, days) for each, days in ((short, 1.1), (ctx, 90.1), (bare, 90.1))]
    young = [ended_days_ago(owner, each, days) for each, days in ((short, 0.9), (long, 3649), (ctx, 89), (bare, 89))]
    assert remove() == len(past)
    assert kept(owner) == {job.items[0].item_id for job in young}
    assert remove() == 0


def test_each_carrier_s_items_are_kept_for_its_own_days(owner: Connection, ctx: DomainContext, remove: Remove) -> None:
    """Naive: the first carrier's days count for all of the workspace, or the longest, or the shortest."""
    set_days(owner, ctx.workspace_id, 10)
    owner.execute(
        "INSERT INTO carrier_configs (workspace_id, carrier, personal_data_retention_days) VALUES (%s, 'envia', 30)",
        [ctx.workspace_id],
    )
    past, young = (
        [ended_days_ago(owner, ctx, days, carrier=carrier) for carrier, days in each]
        for each in (
            [("envia", 30.1), ("coordinadora", 10.1), ("servientrega", 90.1)],
            [("envia", 29), ("coordinadora", 9), ("servientrega", 89)],
        )
    )
    assert remove() == len(past)
    assert kept(owner) == {job.items[0].item_id for job in young}


def test_nothing_is_left_of_the_person_but_what_became_of_the_order(
    owner: Connection, ctx: DomainContext, remove: Remove
) -> None:
    """Naive: what was sent is removed from the item, and stands in its history for ever."""
    make_carrier_config(owner, ctx.workspace_id)
    job, younger = make_sent_job(owner, ctx), make_sent_job(owner, ctx)
    for each, number in ((job, "T-9"), (younger, "T-8")):
        hand_over(ctx, each)
        report_success(ctx, each.items[0].item_id, number)
    age(owner, job, 91)
    remove()
    item = read_item(ctx, job)
    assert (item.status, item.tracking_number, item.value_sent) == ("success", "T-9", None)
    sent = [
        data_of(get_job_item(ctx, GetJobItemParams(each.job_id, each.items[0].item_id))).attempts[0].value_sent
        for each in (job, younger)
    ]
    assert sent == [None, PERSONAL]
    assert_agreement(owner, ctx.workspace_id)


def test_an_open_item_keeps_what_the_robot_is_yet_to_get(owner: Connection, ctx: DomainContext, remove: Remove) -> None:
    """Naive: data is removed by its age alone, and the robot gets an empty form."""
    job = make_sent_job(owner, ctx)
    owner.execute("UPDATE robot_job_items SET created_at = now() - interval '1 year', updated_at = created_at")
    assert remove() == 0
    assert kept(owner) == {job.items[0].item_id}


def test_an_item_without_its_data_is_retried_with_what_its_order_says_now(
    owner: Connection, ctx: DomainContext, remove: Remove
) -> None:
    """Naive: the retry hands over an empty form, and the robot ships it or fails for another reason."""
    job = ended_days_ago(owner, ctx, 91)
    remove()
    make_carrier_config(owner, ctx.workspace_id)
    data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)))
    [_, submitted] = events_of(owner, ctx.workspace_id, "robot/job.submitted")
    assert [order["pedidoInput"]["nombres"] for order in submitted["orders"]] == ["Luz"]
    hand_over(ctx, job, 2)
    # What was sent now is there, and nothing says that it was removed.
    query = "SELECT value_sent ->> 'nombres', personal_data_removed_at FROM robot_job_items WHERE job_id = %s"
    assert owner.execute(query, [job.job_id]).fetchall() == [("Luz", None)]


def test_the_order_itself_can_be_submitted_anew(owner: Connection, ctx: DomainContext, remove: Remove) -> None:
    job = ended_days_ago(owner, ctx, 91)
    remove()
    again = make_job_of(ctx, [job.items[0].order_id], item_values={job.items[0].order_id: PERSONAL})
    assert read_item(ctx, again).value_sent == PERSONAL


def test_what_a_late_report_brings_back_is_removed_again(owner: Connection, ctx: DomainContext, remove: Remove) -> None:
    job = ended_days_ago(owner, ctx, 91)
    remove()
    late = UpdateJobItemResultParams(job.items[0].item_id, "success", tracking_number="T-1", value_sent=PERSONAL)
    data_of(update_job_item_result(ctx, late))
    assert kept(owner) == {job.items[0].item_id}
    age(owner, job, 91)
    assert remove() == 1
    assert kept(owner) == set()


def test_a_file_of_orders_is_kept_for_a_day_and_deleted_by_whatever_comes_next(
    owner: Connection, ctx: DomainContext, remove: Remove
) -> None:
    """Naive: who looks at a second file loses the first one; or they stay for as long as nobody uploads another."""

    def keep() -> UUID:
        return data_of(keep_upload(ctx, KeepUploadParams("pedidos.csv", b"x"))).upload_id

    def let_pass(upload_id: UUID, hours: float) -> None:
        owner.execute(
            "UPDATE uploads SET created_at = now() - %s * interval '1 hour' WHERE id = %s", [hours, upload_id]
        )

    def kept_files() -> set[UUID]:
        return {id_ for (id_,) in owner.execute("SELECT id FROM uploads")}

    first, second = keep(), keep()
    let_pass(first, 24.1)
    let_pass(second, 23.9)
    third = keep()
    assert kept_files() == {second, third}
    let_pass(second, 24.1)
    let_pass(third, 23.9)
    remove()
    assert kept_files() == {third}


def test_much_of_it_is_removed_a_batch_at_a_time(
    owner: Connection, ctx: DomainContext, remove: Remove, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    ended_days_ago(owner, ctx, 91, items=4)
    ended_days_ago(owner, DomainContext(uuid7(), "test"), 91, items=3)
    assert [remove() for _ in range(4)] == [3, 3, 1, 0]


def test_of_much_the_oldest_is_removed_first(
    owner: Connection, ctx: DomainContext, remove: Remove, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 1)
    jobs = [ended_days_ago(owner, ctx, days) for days in (92, 95, 91)]
    left = []
    for _ in jobs:
        remove()
        left.append(kept(owner))
    assert left == [{jobs[place].items[0].item_id for place in places} for places in ((0, 2), (2,), ())]


def test_what_a_batch_has_left_is_for_the_next_workspaces(
    owner: Connection, ctx: DomainContext, remove: Remove, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: each of them may fill a batch of its own, and the call outlives its time."""
    monkeypatch.setattr(retention, "BATCH", 3)
    monkeypatch.setattr(retention, "_AT_ONCE", 1)
    for each in (ctx, *(DomainContext(uuid7(), "test") for _ in range(2))):
        ended_days_ago(owner, each, 91, items=2)
    assert [remove() for _ in range(3)] == [3, 3, 0]


def test_workspaces_have_their_turn_one_after_the_other_and_then_from_the_beginning(
    owner: Connection, ctx: DomainContext, remove: Remove, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: each call begins with the same ones, and the last never have theirs."""

    def look_at(workspaces: int) -> int:
        monkeypatch.setattr(retention, "_IN_ALL", workspaces)
        return remove()

    monkeypatch.setattr(retention, "_AT_ONCE", 1)
    first, second, third = ctx, *(DomainContext(uuid7(), "test") for _ in range(2))
    young, _ = (ended_days_ago(owner, each, 1) for each in (first, second))
    ended_days_ago(owner, third, 91)
    assert [look_at(2), look_at(2)] == [0, 1]
    assert look_at(1) == 0
    age(owner, young, 91)
    assert look_at(10) == 1


def test_two_sweeps_at_once_remove_each_once(
    owner: Connection, ctx: DomainContext, as_system: Callable[[], None]
) -> None:
    job = ended_days_ago(owner, ctx, 91, items=4)
    as_system()
    with two_racers(owner) as (first, second):
        with holding(owner, "robot_job_items", job.items[0].item_id):
            # What someone else works on is passed over, not waited for.
            assert sum(results(first.start(remove_personal_data), second.start(remove_personal_data))) == 3
        assert sum(results(first.start(remove_personal_data), second.start(remove_personal_data))) == 1
    assert kept(owner) == set()


@pytest.mark.parametrize(("later_s", "removed"), [(27.9, 4), (28, 0)])
def test_the_schedule_removes_batch_after_batch_and_begins_none_when_its_time_is_up(  # noqa: PLR0913, PLR0917 - fixtures
    owner: Connection,
    ctx: DomainContext,
    as_system: Callable[[], None],
    bus: Bus,
    monkeypatch: pytest.MonkeyPatch,
    later_s: float,
    removed: int,
) -> None:
    """Naive: the function is killed in the middle, and what it had found to do is told to nobody."""
    assert bus
    for module in ("shared.domain.jobs.retention", "functions.expire_items.app"):
        monkeypatch.setattr(f"{module}.BATCH", 3)
    ended_days_ago(owner, ctx, 91, items=4)
    clock = chain([0], repeat(later_s))
    monkeypatch.setattr("functions.expire_items.app.time", SimpleNamespace(monotonic=clock.__next__))
    as_system()
    assert expire({}, LambdaContext())["emptied_items"] == removed


def test_the_schedule_removes_it(
    owner: Connection, ctx: DomainContext, as_system: Callable[[], None], bus: Bus
) -> None:
    assert bus
    ended_days_ago(owner, ctx, 91)
    as_system()
    assert expire({}, LambdaContext())["emptied_items"] == 1
    assert kept(owner) == set()


def test_a_workspace_sets_its_days_and_reads_them(ctx: DomainContext) -> None:
    def ask(method: str, body: object = None) -> object:
        answer = call(manage_carriers, method, "/carriers/coordinadora/config", workspace=ctx.workspace_id, body=body)
        assert answer.status == 200, answer.text
        return answer.json["personalDataRetentionDays"]

    assert ask("PUT", {"portalUsername": "tienda"}) == retention.DEFAULT_RETENTION_DAYS
    assert ask("PUT", {"personalDataRetentionDays": 30}) == 30
    assert ask("PUT", {"isEnabled": True}) == 30
    assert ask("GET") == 30


@pytest.mark.parametrize("days", [0, 3651, -1, 1.5, "30", True])
def test_days_that_can_not_be_are_refused(ctx: DomainContext, days: object) -> None:
    answer = call(
        manage_carriers,
        "PUT",
        "/carriers/coordinadora/config",
        workspace=ctx.workspace_id,
        body={"personalDataRetentionDays": days},
    )
    assert answer.status == 422, answer.text
