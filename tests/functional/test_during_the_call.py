"""What comes while the robot is being called: reports before its answer, and another carrier's turn."""

from psycopg import Connection

from shared.db.audit import audit
from shared.domain import (
    DispatchRef,
    DomainContext,
    NoHandOver,
    UpdateJobItemResultParams,
    claim_dispatch,
    note_accepted,
    release_dispatch,
    update_job_item_result,
)
from tests.factories import (
    claim,
    data_of,
    make_carrier_config,
    make_due,
    make_job,
    make_job_of,
    make_orders,
    report_success,
    row_of_dispatch,
)


def test_what_was_reported_before_the_robot_said_busy_keeps_its_attempt(owner: Connection, ctx: DomainContext) -> None:
    make_carrier_config(owner, ctx.workspace_id)
    job = make_job(owner, ctx, items=2)
    claim(ctx, job)
    report = UpdateJobItemResultParams(job.items[0].item_id, "error", error_type="unknown", dispatch=1)
    assert data_of(update_job_item_result(ctx, report)).outcome == "recorded"
    data_of(release_dispatch(ctx, DispatchRef(job.job_id, 1), "busy", "later"))
    attempts = owner.execute("SELECT item_id FROM robot_job_item_attempts WHERE job_id = %s", [job.job_id]).fetchall()
    assert attempts == [(job.items[0].item_id,)]
    make_due(owner, job)
    assert [item.item_id for item in claim(ctx, job).items] == [job.items[1].item_id]
    assert audit(owner, workspace_id=ctx.workspace_id) == []


def test_a_wave_of_which_all_was_reported_is_not_tried_again(owner: Connection, ctx: DomainContext) -> None:
    make_carrier_config(owner, ctx.workspace_id)
    job = make_job(owner, ctx)
    claim(ctx, job)
    report_success(ctx, job.items[0].item_id)
    released = data_of(release_dispatch(ctx, DispatchRef(job.job_id, 1), "busy", "later"))
    assert isinstance(released, NoHandOver)
    assert row_of_dispatch(owner, job)["status"] == "closed"


def test_another_carriers_turn_waits_for_the_end_of_the_call(owner: Connection, ctx: DomainContext) -> None:
    make_carrier_config(owner, ctx.workspace_id)
    owner.execute(
        "INSERT INTO carrier_configs (workspace_id, carrier, portal_username, portal_password_sealed, robot_url)"
        " SELECT workspace_id, 'another', portal_username, portal_password_sealed, robot_url FROM carrier_configs"
        " WHERE workspace_id = %s",
        [ctx.workspace_id],
    )
    job = make_job(owner, ctx)
    orders = make_orders(owner, ctx.workspace_id)
    other = make_job_of(ctx, orders, carrier="another", item_values={orders[0]: {"nombres": "Luz"}})
    claim(ctx, job)
    assert isinstance(data_of(claim_dispatch(ctx, DispatchRef(other.job_id, 1))), NoHandOver)
    data_of(note_accepted(ctx, DispatchRef(job.job_id, 1)))
    claim(ctx, other)
