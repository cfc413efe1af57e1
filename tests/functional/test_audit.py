"""The audit finds each thing that must never be so, on a database where everything else is right."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from threading import Barrier, current_thread, main_thread
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict

from local.cli.app import main
from local.stack.postgres import Postgres
from shared.db.audit import (
    DEFAULT_MINUTES,
    Audited,
    AuditRoleError,
    Finding,
    Scope,
    UnknownRuleError,
    audit,
    audit_by_rule,
    audit_side_by_side,
    count_audited,
)
from shared.domain import (
    CreatedJob,
    DispatchRef,
    DomainContext,
    RetryFailedItemsParams,
    UpdateJobItemResultParams,
    UpdateOrderParams,
    cancel_job,
    expire_dispatches,
    note_accepted,
    release_dispatch,
    retry_failed_items,
    update_job_item_results,
    update_order,
)
from shared.domain.ids import uuid7
from tests.conftest import ROOT
from tests.factories import (
    claim,
    data_of,
    hand_over,
    make_carrier_config,
    make_due,
    make_job,
    make_job_of,
    read_job,
    report_error,
    report_success,
)
from tests.functional.audit_cases import BROKEN
from tests.functional.audit_guide_cases import BROKEN_GUIDES
from tests.functional.audit_scenario import Scenario, make_scenario
from tests.functional.audit_shipment_cases import BROKEN_SHIPMENTS
from tests.functional.audit_sound_cases import SOUND
from tests.functional.audit_wave_cases import BROKEN_WAVES
from tests.functional.owned import owned_database

AUDIT = ROOT / "shared" / "db" / "audit.sql"
EVERY_CASE = BROKEN | BROKEN_GUIDES | BROKEN_SHIPMENTS | BROKEN_WAVES


@pytest.fixture
def scenario(owner: Connection, ctx: DomainContext) -> Scenario:
    """Give the ids of jobs in every state, all as they should be."""
    return make_scenario(owner, ctx)


@pytest.fixture
def unbroken(owner: Connection, database: str) -> Scenario:
    """Give such ids too, made once a database, to tests that roll back whatever they break."""
    if database not in _MADE:
        made = make_scenario(owner, DomainContext(uuid7(), "test"))
        assert kinds_of(owner, made["workspace"]) == set()
        _MADE[database] = made
    return _MADE[database]


_MADE: dict[str, Scenario] = {}


@pytest.fixture
def vandal(owner: Connection) -> Iterator[Connection]:
    """Give a connection that may break everything, and is rolled back."""
    with owner.transaction(force_rollback=True):
        yield owner


def kinds_of(conn: Connection, workspace_id: UUID, minutes: int = DEFAULT_MINUTES) -> set[str]:
    """Return the rules that the audit finds broken."""
    return {finding.kind for finding in audit(conn, workspace_id=workspace_id, minutes=minutes)}


def change(vandal: Connection, statements: str, scenario: Scenario) -> None:
    """Run statements, each of which has to change something."""
    for statement in statements.split(";"):
        changed = vandal.execute(statement.encode(), scenario)
        assert changed.rowcount, "the vandal changed nothing"


@pytest.mark.parametrize("what", EVERY_CASE)
def test_finds(what: str, unbroken: Scenario, vandal: Connection) -> None:
    broken = EVERY_CASE[what]
    change(vandal, broken.statements, unbroken)
    found = audit(vandal, workspace_id=unbroken["workspace"])
    assert {finding.kind for finding in found} == broken.seen_by
    assert [each.sentence for each in found if HOLE.search(each.sentence)] == []


#: What a sentence has where a value is missing in it.
HOLE = re.compile(r" [,.;:)]|[:(] ?[,.;)]|  | $")


@pytest.mark.parametrize("what", SOUND)
def test_finds_nothing_in(what: str, unbroken: Scenario, vandal: Connection) -> None:
    change(vandal, SOUND[what], unbroken)
    assert kinds_of(vandal, unbroken["workspace"]) == set()


def test_each_rule_is_broken_once() -> None:
    rules = set(re.findall(r"^    SELECT '(\w+)', ", AUDIT.read_text(), re.MULTILINE))
    assert rules == set().union(*(case.seen_by for case in EVERY_CASE.values()))


def test_counts_what_it_looked_at(scenario: Scenario, owner: Connection, ctx: DomainContext) -> None:
    assert scenario
    counts = count_audited(owner, workspace_id=ctx.workspace_id)
    assert (counts.workspaces, counts.jobs, counts.items) == (1, 33, 50)
    assert (counts.reports, counts.events) == (50, 122)
    assert count_audited(owner, workspace_id=uuid7()) == Audited(0, 0, 0, 0, 0)


def test_a_finding_says_whose_it_is_and_what_is_seen(
    scenario: Scenario, vandal: Connection, ctx: DomainContext
) -> None:
    vandal.execute("UPDATE robot_jobs SET success_count = 1 WHERE id = %(open)s", scenario)
    [finding] = audit(vandal, workspace_id=ctx.workspace_id)
    assert (finding.workspace_id, finding.subject_id) == (ctx.workspace_id, str(scenario["open"]))
    assert finding.sentence == "The job says 1 + 1 of 3; its items say 0 + 1 of 3."
    assert audit(vandal, workspace_id=scenario["other_workspace"]) == []


@pytest.mark.parametrize(
    ("what", "end"),
    [
        ("an order that is handed over beside an unsettled item", "of the order is unsettled."),
        ("a reshipment beside a shipment that it does not lift", "of the order is made."),
    ],
)
def test_it_is_said_what_an_open_item_holds_its_order_beside(
    what: str, end: str, unbroken: Scenario, vandal: Connection
) -> None:
    change(vandal, EVERY_CASE[what].statements, unbroken)
    [finding] = audit(vandal, workspace_id=unbroken["workspace"])
    assert finding.sentence.endswith(end), finding


def test_a_shipment_made_twice_is_told_with_its_number(unbroken: Scenario, vandal: Connection) -> None:
    change(vandal, EVERY_CASE["a shipment made twice"].statements, unbroken)
    for finding in (found := audit(vandal, workspace_id=unbroken["workspace"])):
        row = vandal.execute(
            "SELECT tracking_number FROM robot_job_items WHERE id = %s::uuid", [finding.subject_id]
        ).fetchone()
        assert row
        assert finding.sentence.startswith(f"The item was made, its number {row[0] or 'unknown'}, beside 1 others"), row
    assert found


def test_of_a_job_without_items_none_are_counted(unbroken: Scenario, vandal: Connection) -> None:
    vandal.execute("DELETE FROM robot_job_items WHERE job_id = %(waiting)s", unbroken)
    [counters] = [each for each in audit(vandal, workspace_id=unbroken["workspace"]) if each.kind == "counters"]
    assert counters.sentence == "The job says 0 + 0 of 2; its items say 0 + 0 of 0."


def test_an_operator_may_change_or_clear_a_number(scenario: Scenario, owner: Connection, ctx: DomainContext) -> None:
    for number in ("CORRECTED", None):
        data_of(update_order(ctx, UpdateOrderParams(scenario["shipped_order"], tracking_number=number)))
        assert kinds_of(owner, ctx.workspace_id) == set()
    data_of(update_order(ctx, UpdateOrderParams(scenario["shipped_order"], carrier_guide_number="G-9")))
    assert kinds_of(owner, ctx.workspace_id) == set(), "the last change is one of something else"


def test_an_operator_may_remove_a_guide_and_the_removal_of_something_else_explains_nothing(
    scenario: Scenario, owner: Connection, ctx: DomainContext
) -> None:
    data_of(update_order(ctx, UpdateOrderParams(scenario["lookup_order"], carrier_guide_number=None)))
    assert kinds_of(owner, ctx.workspace_id) == set()
    for told in ('{"entityId": "another"}', '{"fieldName": "notes"}', '{"newValue": "G-1"}'):
        with owner.transaction(force_rollback=True):
            owner.execute(
                "UPDATE outbox SET detail = detail::jsonb || %s::jsonb WHERE detail_type = 'automation/field.changed'"
                " AND detail ->> 'entityId' = %s::text AND detail ->> 'newValue' IS NULL",
                [told, scenario["lookup_order"]],
            )
            assert kinds_of(owner, ctx.workspace_id) == {"guide_not_on_order"}


def test_an_operators_change_explains_no_other_one(scenario: Scenario, owner: Connection, ctx: DomainContext) -> None:
    order_id = scenario["shipped_order"]
    data_of(update_order(ctx, UpdateOrderParams(order_id, tracking_number="CORRECTED")))
    with owner.transaction(force_rollback=True):
        owner.execute("UPDATE orders SET tracking_number = 'X' WHERE id = %s AND number_by_hand", [order_id])
        assert kinds_of(owner, ctx.workspace_id) == {"number_not_on_order"}


def test_an_old_change_of_a_number_needs_no_event(scenario: Scenario, vandal: Connection, ctx: DomainContext) -> None:
    data_of(update_order(ctx, UpdateOrderParams(scenario["shipped_order"], tracking_number="CORRECTED")))
    pruned = vandal.execute(
        "DELETE FROM outbox WHERE detail_type = 'automation/field.changed'"
        " AND detail ->> 'entityId' = %(shipped_order)s::text",
        scenario,
    )
    assert pruned.rowcount == 2
    assert kinds_of(vandal, ctx.workspace_id) == set()
    vandal.execute("UPDATE orders SET number_by_hand = false WHERE id = %(shipped_order)s", scenario)
    assert kinds_of(vandal, ctx.workspace_id) == {"number_not_on_order", "number_of_nothing"}


def test_a_number_gives_way_to_that_of_the_next_shipment(
    scenario: Scenario, owner: Connection, ctx: DomainContext
) -> None:
    again = make_job_of(ctx, [scenario["shipped_order"]], allow_reshipment=True)
    report_success(ctx, again.items[0].item_id, "T-20")
    assert kinds_of(owner, ctx.workspace_id) == set()
    with owner.transaction(force_rollback=True):
        owner.execute("UPDATE orders SET tracking_number = 'T-1' WHERE id = %(shipped_order)s", scenario)
        assert kinds_of(owner, ctx.workspace_id) == {"number_not_on_order"}


def test_of_two_shipments_in_one_batch_one_is_second(owner: Connection, ctx: DomainContext) -> None:
    first = make_job(owner, ctx)
    report_error(ctx, first.items[0].item_id)
    second = make_job_of(ctx, [first.items[0].order_id])
    reports = [
        UpdateJobItemResultParams(job.items[0].item_id, "success", tracking_number=number)
        for job, number in ((second, "T-22"), (first, "T-21"))
    ]
    data_of(update_job_item_results(ctx, reports))
    assert kinds_of(owner, ctx.workspace_id) == set()
    with owner.transaction(force_rollback=True):
        owner.execute("UPDATE robot_job_items SET shipment = 'made' WHERE order_id = %s", [first.items[0].order_id])
        assert kinds_of(owner, ctx.workspace_id) == {"made_twice"}


def test_a_reshipment_may_be_open_beside_what_it_lifts(
    scenario: Scenario, owner: Connection, ctx: DomainContext
) -> None:
    again = make_job_of(ctx, [scenario["reshipped_order"]], allow_reshipment=True)
    assert kinds_of(owner, ctx.workspace_id) == set()
    with owner.transaction(force_rollback=True):
        owner.execute("UPDATE robot_job_items SET lifted = NULL WHERE id = %s", [again.items[0].item_id])
        assert kinds_of(owner, ctx.workspace_id) == {"held_beside_shipment", "made_twice"}


def test_what_the_migration_made_second_has_no_event(
    scenario: Scenario, vandal: Connection, ctx: DomainContext
) -> None:
    for statement in (
        "DELETE FROM outbox WHERE detail_type = 'robot/shipment.duplicated'",
        "UPDATE robot_job_dispatches SET robot_url = NULL WHERE robot_url IS NOT NULL",
        "DELETE FROM robot_job_item_reports WHERE item_id = %(ended_by_hand)s",
    ):
        assert vandal.execute(statement.encode(), scenario).rowcount
    assert kinds_of(vandal, ctx.workspace_id) == set()


def test_an_item_that_the_deadline_closed_says_so(
    owner: Connection, workspace: UUID, as_system: Callable[[], None]
) -> None:
    ctx = DomainContext(workspace, "test")
    make_carrier_config(owner, ctx.workspace_id)
    job = make_job(owner, ctx)
    hand_over(ctx, job)
    owner.execute("UPDATE robot_job_dispatches SET deadline_at = now() WHERE job_id = %s", [job.job_id])
    as_system()
    assert expire_dispatches().closed_items == 1
    assert kinds_of(owner, ctx.workspace_id) == set()
    owner.execute("DELETE FROM robot_job_item_reports WHERE item_id = %s", [job.items[0].item_id])
    assert kinds_of(owner, ctx.workspace_id) == {"error_unexplained"}


def test_events_that_were_pruned_are_not_missed(unbroken: Scenario, vandal: Connection) -> None:
    for table, columns in {
        "robot_jobs": ("completed_at", "paused_at"),
        "robot_job_items": ("completed_at", "last_retry_at"),
        "robot_job_dispatches": ("created_at", "closed_at", "called_at", "announced_at"),
        "robot_job_item_reports": ("received_at",),
    }.items():
        for column in map(sql.Identifier, columns):
            age = sql.SQL("UPDATE {} SET {} = {} - interval '8 days' WHERE workspace_id = %(workspace)s")
            assert vandal.execute(age.format(sql.Identifier(table), column, column), unbroken).rowcount
    # It was called again since then, that event was published, and the schedule has woken it.
    vandal.execute("UPDATE robot_job_dispatches SET next_attempt_at = now() WHERE job_id = %(called)s", unbroken)
    # One was announced, one was opened and ended again during a call, a guide was removed.
    vandal.execute("UPDATE robot_job_dispatches SET announced_at = created_at WHERE job_id = %(waiting)s", unbroken)
    vandal.execute("UPDATE robot_jobs SET dispatch = dispatch + 1 WHERE id = %(failed)s", unbroken)
    vandal.execute("UPDATE orders SET carrier_guide_number = NULL WHERE id = %(lookup_order)s", unbroken)
    vandal.execute("DELETE FROM outbox WHERE workspace_id = %(workspace)s", unbroken)
    assert kinds_of(vandal, unbroken["workspace"]) == set()


def test_an_end_before_a_partial_retry_is_proved_by_the_wave_that_it_makes(
    owner: Connection, ctx: DomainContext
) -> None:
    job = make_job(owner, ctx, items=2)
    report_success(ctx, job.items[0].item_id, "T-30")
    report_error(ctx, job.items[1].item_id)
    data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)))
    assert kinds_of(owner, ctx.workspace_id) == set()
    forget_ends(owner, job)
    assert kinds_of(owner, ctx.workspace_id) == {"completed_missing"}


def test_a_retry_of_an_open_job_follows_no_end(owner: Connection, ctx: DomainContext) -> None:
    """Fails where a later wave is taken for one that a retry made, or a retry's time for that of an end."""
    job = make_job(owner, ctx, items=3, wave_size=2)
    report_error(ctx, job.items[0].item_id)
    data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)))
    report_success(ctx, job.items[1].item_id, "T-31")
    report_success(ctx, job.items[2].item_id, "T-32")
    assert read_job(ctx, job).job.status == "pending"
    assert kinds_of(owner, ctx.workspace_id) == set()
    report_success(ctx, job.items[0].item_id, "T-33")
    assert kinds_of(owner, ctx.workspace_id) == set()
    assert forget_ends(owner, job) == 1


def test_what_ended_under_a_number_without_a_wave_was_told(owner: Connection, ctx: DomainContext) -> None:
    make_carrier_config(owner, ctx.workspace_id)
    job = make_job(owner, ctx)
    claim(ctx, job)
    report_error(ctx, job.items[0].item_id)
    for _ in range(2):
        data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)))
        assert kinds_of(owner, ctx.workspace_id) == set()
        data_of(cancel_job(ctx, job.job_id))
        assert kinds_of(owner, ctx.workspace_id) == set()
    data_of(note_accepted(ctx, DispatchRef(job.job_id, 1)))
    assert kinds_of(owner, ctx.workspace_id) == set()
    assert forget_ends(owner, job) == 3
    assert kinds_of(owner, ctx.workspace_id) == {"completed_missing"}


def test_waves_of_unknown_outcome_from_before_are_no_second_ones(unbroken: Scenario, vandal: Connection) -> None:
    vandal.execute(
        """
        INSERT INTO robot_job_dispatches (job_id, dispatch, workspace_id, carrier, item_count, status, claimed_at,
                                          deadline_at)
        SELECT id, number, workspace_id, carrier, 1, 'unknown', now(), now() + interval '1 hour'
          FROM robot_jobs CROSS JOIN generate_series(2, 3) AS number WHERE id = %(open)s
        """,
        unbroken,
    )
    # The one between them has ended, so that a retry followed an end, and yet not one of the job.
    vandal.execute(
        "UPDATE robot_job_dispatches SET status = 'closed', closed_at = now() - interval '1 minute'"
        " WHERE job_id = %(open)s AND dispatch = 2",
        unbroken,
    )
    vandal.execute("UPDATE robot_jobs SET dispatch = 3 WHERE id = %(open)s", unbroken)
    vandal.execute("UPDATE robot_job_items SET dispatch = 3, shipment = 'none' WHERE id = %(open_item)s", unbroken)
    assert kinds_of(vandal, unbroken["workspace"]) == set()
    vandal.execute(
        "UPDATE robot_job_dispatches SET called_at = created_at WHERE job_id = %(open)s AND status <> 'closed'",
        unbroken,
    )
    assert kinds_of(vandal, unbroken["workspace"]) == {"submitted_missing", "waves"}


def test_what_was_reported_of_a_claim_that_was_given_back_is_not_sent_again(
    owner: Connection, ctx: DomainContext
) -> None:
    make_carrier_config(owner, ctx.workspace_id)
    job = make_job(owner, ctx, items=2)
    claim(ctx, job)
    data_of(release_dispatch(ctx, DispatchRef(job.job_id, 1), "busy", "Ya hay un lote en proceso"))
    report = UpdateJobItemResultParams(job.items[0].item_id, "error", error_type="timeout")
    assert data_of(update_job_item_results(ctx, [report]))[0].outcome == "recorded"
    make_due(owner, job)
    hand_over(ctx, job)
    assert kinds_of(owner, ctx.workspace_id) == set()


def test_an_item_in_line_may_fail_by_a_report_that_names_no_wave(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=2, wave_size=1)
    for _ in range(2):
        report_error(ctx, job.items[1].item_id)
        assert kinds_of(owner, ctx.workspace_id) == set()
        data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)))
        assert kinds_of(owner, ctx.workspace_id) == set()
    report = UpdateJobItemResultParams(job.items[1].item_id, "error", error_type="timeout")
    assert data_of(update_job_item_results(ctx, [report]))[0].outcome == "recorded"
    assert kinds_of(owner, ctx.workspace_id) == set()
    item = {"item": job.items[1].item_id, "other": job.items[0].item_id}
    for another in (
        *("dispatch = 1", "outcome = 'stale'", "source = 'person'", "item_id = %(other)s"),
        "status = 'success', error_type = NULL",
    ):
        with owner.transaction(force_rollback=True):
            owner.execute(f"UPDATE robot_job_item_reports SET {another} WHERE item_id = %(item)s".encode(), item)  # noqa: S608 - of the test's own
            assert "attempt_missing" in kinds_of(owner, ctx.workspace_id), another
    owner.execute("DELETE FROM robot_job_item_reports WHERE item_id = %(item)s", item)
    assert kinds_of(owner, ctx.workspace_id) == {"attempt_missing", "error_unexplained"}


def test_a_turn_is_told_within_the_minutes_of_the_schedules(unbroken: Scenario, vandal: Connection) -> None:
    age = "UPDATE {} SET updated_at = now() - interval '16 minutes' WHERE workspace_id = %(workspace)s"
    vandal.execute("UPDATE robot_job_dispatches SET called_at = NULL WHERE job_id = %(called)s", unbroken)
    of_others = sql.SQL(age + " AND carrier <> 'elsewhere'")
    for table in ("robot_jobs", "robot_job_dispatches"):
        assert vandal.execute(of_others.format(sql.Identifier(table)), unbroken).rowcount
    assert kinds_of(vandal, unbroken["workspace"]) == set(), "another line stands still"
    vandal.execute(sql.SQL(age).format(sql.Identifier("robot_job_dispatches")), unbroken)
    vandal.execute(sql.SQL(age + " AND id <> %(parked)s").format(sql.Identifier("robot_jobs")), unbroken)
    assert kinds_of(vandal, unbroken["workspace"]) == set(), "a job of the line has moved just now"
    vandal.execute(sql.SQL(age).format(sql.Identifier("robot_jobs")), unbroken)
    assert kinds_of(vandal, unbroken["workspace"], minutes=20) == set()
    assert kinds_of(vandal, unbroken["workspace"], minutes=15) == {"turn_untold"}
    vandal.execute(
        "UPDATE robot_job_dispatches SET status = 'claimed', accepted_at = NULL WHERE job_id = %(open)s", unbroken
    )
    assert "turn_untold" not in kinds_of(vandal, unbroken["workspace"]), "the workspace is calling elsewhere"


def forget_ends(owner: Connection, job: CreatedJob) -> int:
    """Take away the events of a job's ends, and return how many there were."""
    ends = "DELETE FROM outbox WHERE detail_type = 'robot/job.completed' AND detail ->> 'jobId' = %s::text"
    return owner.execute(ends, [job.job_id]).rowcount


def test_the_schedules_have_as_long_as_the_caller_says(
    scenario: Scenario, vandal: Connection, ctx: DomainContext
) -> None:
    vandal.execute(
        "UPDATE robot_job_dispatches SET deadline_at = now() - interval '16 minutes' WHERE job_id = %(open)s", scenario
    )
    assert kinds_of(vandal, ctx.workspace_id, minutes=20) == set()
    assert kinds_of(vandal, ctx.workspace_id, minutes=15) == {"overdue"}


def test_leaves_the_transaction_as_it_was(vandal: Connection) -> None:
    vandal.execute("SET LOCAL ROLE pg_monitor")
    audit(vandal)
    state = vandal.execute("SELECT current_user, current_setting('enable_nestloop')").fetchone()
    assert state == ("pg_monitor", "on")


@pytest.fixture
def broken_database(fresh_database: str, owner: Connection, workspace: UUID) -> str:
    """Give a database where one counter is wrong."""
    ctx = DomainContext(workspace, "test")
    job = make_job(owner, ctx, items=2)
    owner.execute("UPDATE robot_jobs SET success_count = 1 WHERE id = %s", [job.job_id])
    return fresh_database


def test_works_as_the_system_role(broken_database: str, postgres: Postgres, owner: Connection) -> None:
    with psycopg.connect(postgres.url(broken_database, "robot_jobs_system")) as conn:
        assert [finding.kind for finding in audit(conn)] == ["counters"]
        assert count_audited(conn).jobs == 1
        # Of others one has its turn as well, and a robot is at work for another.
        waiting, busy = (DomainContext(uuid4(), "test") for _ in range(2))
        report_success(waiting, make_job(owner, waiting, items=2).items[0].item_id, "T-40")
        make_carrier_config(owner, busy.workspace_id)
        hand_over(busy, make_job(owner, busy))
        conn.commit()
        assert [finding.kind for finding in audit(conn)] == ["counters"]
        events = owner.execute("SELECT count(*)::int FROM outbox").fetchone()
        assert count_audited(conn) == Audited(3, 3, 5, 1, *(events or ()))


def test_the_functions_role_is_told_which_role_it_takes(broken_database: str, postgres: Postgres) -> None:
    with (
        psycopg.connect(postgres.url(broken_database, "robot_jobs_app")) as conn,
        pytest.raises(AuditRoleError, match="connect as robot_jobs_system"),
    ):
        audit(conn)


@pytest.fixture
def owned(postgres: Postgres) -> Iterator[str]:
    """Give the owner's URL of a migrated database; the owner is no superuser, and has the database's name."""
    with owned_database(postgres, "head") as url:
        yield url


def test_an_owner_who_sees_nothing_is_never_told_that_all_is_well(owned: str, postgres: Postgres) -> None:
    plain_owner = str(conninfo_to_dict(owned)["dbname"])
    workspace_id = uuid4()
    with psycopg.connect(postgres.url(plain_owner), autocommit=True) as conn:
        conn.execute(
            "INSERT INTO robot_jobs (id, workspace_id, carrier, total_items) VALUES (%s, %s, 'coordinadora', 1)",
            [uuid4(), workspace_id],
        )
    with psycopg.connect(owned, autocommit=True) as conn:
        assert conn.execute("SELECT count(*) FROM robot_jobs").fetchone() == (0,)
        with pytest.raises(AuditRoleError, match=f"GRANT robot_jobs_system TO {plain_owner}"):
            audit(conn)
        with psycopg.connect(postgres.url(), autocommit=True) as superuser:
            superuser.execute(sql.SQL("GRANT robot_jobs_system TO {}").format(sql.Identifier(plain_owner)))
        assert {finding.kind for finding in audit(conn)} == {"counters", "dispatch_numbers"}


def test_the_command_prints_what_is_wrong_and_fails(
    broken_database: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres.url(broken_database))
    with pytest.raises(SystemExit) as ended:
        main(["audit"])
    assert ended.value.code == 1
    out = capsys.readouterr().out
    assert "The job says 1 + 0 of 2; its items say 0 + 0 of 2." in out
    assert "Wrong: 1, in 1 jobs of 1 workspaces, 2 items, 0 reports, 1 events." in out


def test_the_command_says_that_all_is_well_and_how_much_it_saw(
    broken_database: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres.url(broken_database, "robot_jobs_system"))
    with pytest.raises(SystemExit) as ended:
        main(["audit", "--workspace", str(uuid4())])
    assert ended.value.code == 0
    assert capsys.readouterr().out == "All is well: 0 jobs of 0 workspaces, 0 items, 0 reports, 0 events.\n"


def test_the_command_says_which_role_it_needs(
    broken_database: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres.url(broken_database, "robot_jobs_app"))
    with pytest.raises(SystemExit) as ended:
        main(["audit"])
    assert ended.value.code == 1
    assert capsys.readouterr().err == (
        "robot-jobs: robot_jobs_app may not act as robot_jobs_system, which sees every workspace:"
        " connect as robot_jobs_system, or run GRANT robot_jobs_system TO robot_jobs_app once.\n"
    )


def test_rules_are_looked_for_by_name_and_what_is_found_comes_as_it_is_read(
    scenario: Scenario, vandal: Connection, ctx: DomainContext
) -> None:
    vandal.execute("UPDATE robot_jobs SET success_count = 1 WHERE id = %(open)s", scenario)
    found = {
        rule: [finding.subject_id for finding in findings]
        for rule, findings in audit_by_rule(vandal, Scope(ctx.workspace_id, rules=["end", "counters"]))
    }
    assert found == {"end": [], "counters": [str(scenario["open"])]}
    with pytest.raises(UnknownRuleError, match="no rule ends"):
        list(audit_by_rule(vandal, Scope(rules=["ends"])))


def test_since_a_moment_ended_jobs_of_before_are_left_out_and_nothing_is_missed_for_want_of_them(
    owner: Connection, ctx: DomainContext
) -> None:
    """Naive: only what has changed is read, and an order's older shipment, or a job's first wave, seems missing."""
    make_scenario(owner, ctx)
    [(moment,)] = owner.execute("SELECT clock_timestamp()").fetchall()
    with owner.transaction(force_rollback=True):
        assert kinds_since(owner, ctx, moment) == set()
        miscounted = owner.execute(
            "UPDATE robot_jobs SET success_count = 0, error_count = total_items"
            " WHERE workspace_id = %s AND status = 'completed'",
            [ctx.workspace_id],
        )
        assert miscounted.rowcount
        assert "counters" not in kinds_since(owner, ctx, moment)
        owner.execute(
            "UPDATE robot_jobs SET updated_at = now() WHERE workspace_id = %s AND status = 'completed'",
            [ctx.workspace_id],
        )
        owner.execute("UPDATE orders SET updated_at = now() WHERE workspace_id = %s", [ctx.workspace_id])
        assert kinds_since(owner, ctx, moment) == {"counters"}


def test_what_is_broken_in_another_workspace_or_was_before_a_moment_is_not_told(
    unbroken: Scenario, vandal: Connection
) -> None:
    breaks = ("a reshipment that nobody asked for", "a success recorded twice", "a number that is not on its order")
    for what in breaks:
        change(vandal, EVERY_CASE[what].statements.replace("now() + interval '1 s'", "updated_at"), unbroken)
    change(
        vandal,
        "UPDATE robot_job_dispatches SET parked_at = created_at, called_at = created_at WHERE job_id = %(ended)s",
        unbroken,
    )
    everything = {"dispatch_times", "made_twice", "number_not_on_order", "recorded_twice"}
    assert kinds_of(vandal, unbroken["workspace"]) == everything
    assert kinds_of(vandal, unbroken["other_workspace"]) == set()
    ctx = DomainContext(unbroken["workspace"], "test")
    [(moment,)] = vandal.execute("SELECT clock_timestamp()").fetchall()
    assert kinds_since(vandal, ctx, moment) == set()
    # Open jobs are looked at, whenever they changed; and the orders that did.
    with vandal.transaction(force_rollback=True):
        change(
            vandal, "UPDATE robot_jobs SET error_count = 1 - error_count WHERE id IN (%(open)s, %(waiting)s)", unbroken
        )
        scope = Scope(ctx.workspace_id, since=moment, rules=["counters"])
        [subjects] = [{each.subject_id for each in found} for _, found in audit_by_rule(vandal, scope)]
        assert subjects == {str(unbroken["open"]), str(unbroken["waiting"])}
    change(vandal, "UPDATE orders SET updated_at = clock_timestamp() WHERE id = %(shipped_order)s", unbroken)
    assert kinds_since(vandal, ctx, moment) == {"number_not_on_order", "recorded_twice"}


def kinds_since(conn: Connection, ctx: DomainContext, moment: datetime) -> set[str]:
    """Return the rules that the audit finds broken in what has changed since a moment."""
    return {
        finding.kind
        for _, findings in audit_by_rule(conn, Scope(ctx.workspace_id, since=moment))
        for finding in findings
    }


def test_an_audit_only_reads_and_sees_one_moment(broken_database: str, postgres: Postgres, owner: Connection) -> None:
    """As on a replica; and what commits between two rules seems broken to none."""
    with psycopg.connect(postgres.url(broken_database, "robot_jobs_system")) as conn:
        rules = audit_by_rule(conn, Scope(rules=["end", "counters"]))
        assert list(next(rules)[1]) == []
        state = "SELECT current_setting('transaction_read_only'), current_setting('transaction_isolation')"
        assert conn.execute(state).fetchone() == ("on", "repeatable read")
        owner.execute("UPDATE robot_jobs SET success_count = 0")
        assert len(list(next(rules)[1])) == 1
        rules.close()


def test_two_connections_share_the_rules_and_see_one_moment(
    broken_database: str, postgres: Postgres, owner: Connection
) -> None:
    """Naive: the second sees the database as it was when its own turn came."""

    class Late(psycopg.Connection[Any]):
        def execute(self, *args: Any, **kwargs: Any) -> psycopg.Cursor[Any]:
            owner.execute("UPDATE robot_jobs SET success_count = 0")
            return super().execute(*args, **kwargs)

    both_have_one = Barrier(2, timeout=30)

    def look(rule: str, found: Iterator[Finding]) -> int:
        both_have_one.wait()
        return len([finding.kind == rule for finding in found])

    url = postgres.url(broken_database, "robot_jobs_system")
    with psycopg.connect(url) as first, Late.connect(url) as second:
        assert audit_side_by_side(first, second, Scope(rules=["counters", "counters"]), look) == 2
        # Both are as they were.
        assert audit_side_by_side(first, second, Scope(rules=["counters", "counters"]), look) == 0


def test_where_one_of_two_connections_fails_the_other_begins_no_further_rule(
    broken_database: str, postgres: Postgres
) -> None:
    url = postgres.url(broken_database, "robot_jobs_system")
    both_have_one = Barrier(2, timeout=30)
    begun: list[str] = []

    def look(rule: str, _found: Iterator[Finding]) -> int:
        begun.append(rule)
        both_have_one.wait()
        if current_thread() is main_thread():
            raise ZeroDivisionError
        time.sleep(0.5)
        return 0

    with psycopg.connect(url) as first, psycopg.connect(url) as second, pytest.raises(ZeroDivisionError):
        audit_side_by_side(first, second, Scope(rules=["end"] * 4), look)
    assert len(begun) == 2
