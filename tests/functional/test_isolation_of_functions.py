"""Every domain function, called for one workspace with the ids of another: unknown, and nothing changes.

Once as the functions' role, and once as a superuser, whom row-level security does not hold: then the conditions of
the statements stand alone.
"""

import types
from collections.abc import Iterator

import pytest
from psycopg import Connection

import shared.domain
from local.stack.postgres import Postgres
from shared.db.connection import close_connection
from shared.domain import (
    BackfilledClients,
    CreateRobotJobParams,
    DispatchRef,
    DomainContext,
    ItemResult,
    KeepUploadParams,
    ListJobsParams,
    UpdateOrderParams,
    UpsertClientActivationParams,
    backfill_clients,
    close_dispatches,
    create_robot_job,
    get_carrier_config,
    get_carrier_credentials,
    get_order,
    is_end_announced,
    keep_upload,
    list_jobs,
    note_refused,
    note_unknown,
    pause_job,
    update_order,
    upsert_client_activation,
)
from shared.domain.ids import uuid7
from shared.words import JobKind
from tests.conftest import connected_as
from tests.dump import dump
from tests.factories import (
    KIND,
    claim,
    data_of,
    make_carrier_config,
    make_ended_job,
    make_job,
    make_lookup,
    make_orders,
    report_error,
)
from tests.functional.isolation_cases import (
    COORDINADORA,
    MADE_UP,
    NOTHING_SEEN,
    OWN_ONLY,
    REFUSED,
    THEIR_NUMBER,
    THEIR_REF,
    WITHOUT_WORKSPACE,
    Mine,
    Theirs,
)


@pytest.fixture(
    params=[("robot_jobs_app", "shipment"), ("robot_jobs_app", "guide_lookup"), ("postgres", "shipment")],
    ids=["app", "app, lookups", "owner"],
)
def _role(
    request: pytest.FixtureRequest, database: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, JobKind]]:
    """Let a role's calls meet jobs of a kind."""
    role, kind = request.param
    if connected_as() != (database, role):
        close_connection()
    monkeypatch.setenv("DATABASE_URL", postgres.url(database, role))
    token = KIND.set(kind)
    yield role, kind
    KIND.reset(token)


@pytest.fixture
def theirs(_role: tuple[str, JobKind], owner: Connection) -> Theirs:
    """Give a workspace with a job in every state that a call could move."""
    return make_theirs(owner)


@pytest.fixture
def mine(_role: tuple[str, JobKind], owner: Connection) -> Mine:
    """Give the workspace that calls."""
    return make_mine(owner)


@pytest.fixture
def pair(_role: tuple[str, JobKind], owner: Connection, database: str) -> tuple[Mine, Theirs]:
    """Give both, made once a role, to tests that see that nothing of them has moved."""
    if (database, _role) not in _PAIRS:
        _PAIRS[database, _role] = make_mine(owner), make_theirs(owner)
    return _PAIRS[database, _role]


_PAIRS: dict[tuple[str, tuple[str, JobKind]], tuple[Mine, Theirs]] = {}


def make_theirs(owner: Connection) -> Theirs:
    ctx = DomainContext(uuid7(), "test")
    make_carrier_config(owner, ctx.workspace_id, portal_username="theirs")
    data_of(upsert_client_activation(ctx, UpsertClientActivationParams(activation_stage_ids=["won"])))
    open_, claimed, waiting, paused = (make_job(owner, ctx, items=count) for count in (2, 1, 1, 1))
    # Of unknown outcome, so that the next wave has its turn.
    claim(ctx, open_)
    data_of(note_unknown(ctx, DispatchRef(open_.job_id, 1)))
    report_error(ctx, open_.items[0].item_id)
    claim(ctx, claimed)
    data_of(pause_job(ctx, paused.job_id))
    failed = make_ended_job(owner, ctx, "error")
    data_of(close_dispatches(ctx, failed.job_id, 1))
    assert data_of(is_end_announced(ctx, DispatchRef(failed.job_id, 1)))
    made = make_ended_job(owner, ctx, "success")
    [shipped] = make_orders(
        owner, ctx.workspace_id, name=THEIR_REF, shipping_address=THEIR_REF, tracking_number=THEIR_NUMBER
    )
    owner.execute("UPDATE orders SET external_id = %s WHERE id = %s", [THEIR_REF, shipped])
    owner.execute("UPDATE contacts SET phone = '3001234567' WHERE workspace_id = %s", [ctx.workspace_id])
    contact_id = data_of(get_order(ctx, open_.items[0].order_id)).contact_id
    assert contact_id is not None
    cursor = data_of(list_jobs(ctx, ListJobsParams(limit=1))).next_cursor
    assert cursor is not None
    old_id, upload_id = (data_of(keep_upload(ctx, KeepUploadParams("a.csv", b"name"))).upload_id for _ in range(2))
    owner.execute("UPDATE uploads SET created_at = now() - interval '25 hours' WHERE id = %s", [old_id])
    return Theirs(ctx, open_, claimed, waiting, paused, failed, made, contact_id, cursor, upload_id)


def make_mine(owner: Connection) -> Mine:
    ctx = DomainContext(uuid7(), "test")
    make_carrier_config(owner, ctx.workspace_id, portal_username="mine")
    job = make_ended_job(owner, ctx, "error")
    # The caller has nothing to look up: whatever is found is the other's.
    owner.execute(
        "UPDATE orders SET carrier_guide_number = 'G' WHERE workspace_id = %s AND tracking_number IS NOT NULL",
        [ctx.workspace_id],
    )
    return Mine(ctx, job, job.items[0].order_id)


def test_no_domain_function_is_left_out() -> None:
    functions = {name for name in dir(shared.domain) if isinstance(getattr(shared.domain, name), types.FunctionType)}
    tried = REFUSED.keys() | NOTHING_SEEN.keys() | OWN_ONLY.keys() | MADE_UP.keys()
    assert functions == tried | WITHOUT_WORKSPACE


@pytest.mark.parametrize("function", REFUSED)
def test_ids_of_another_workspace_are_unknown(owner: Connection, pair: tuple[Mine, Theirs], function: str) -> None:
    mine, theirs = pair
    workspaces = (mine.ctx.workspace_id, theirs.ctx.workspace_id)
    before = dump(owner, *workspaces)
    for reason, calls in REFUSED[function]:
        for call in calls:
            result = call(mine, theirs)
            assert not result.success
            assert result.reason == reason
            assert dump(owner, *workspaces) == before


@pytest.mark.parametrize("function", NOTHING_SEEN)
def test_nothing_of_another_workspace_is_seen_or_moved(
    owner: Connection, pair: tuple[Mine, Theirs], function: str
) -> None:
    mine, theirs = pair
    workspaces = (mine.ctx.workspace_id, theirs.ctx.workspace_id)
    before = dump(owner, *workspaces)
    for answer, call in NOTHING_SEEN[function]:
        assert data_of(call(mine, theirs)) == answer
        assert dump(owner, *workspaces) == before


@pytest.mark.parametrize("function", MADE_UP)
def test_what_is_answered_is_nobodys(owner: Connection, pair: tuple[Mine, Theirs], function: str) -> None:
    mine, theirs = pair
    before = dump(owner, mine.ctx.workspace_id, theirs.ctx.workspace_id)
    answered = data_of(MADE_UP[function](mine, theirs))
    assert answered
    assert owner.execute("SELECT id FROM orders WHERE id = ANY(%s)", [answered]).fetchall() == []
    assert dump(owner, mine.ctx.workspace_id, theirs.ctx.workspace_id) == before


@pytest.mark.parametrize("function", OWN_ONLY)
def test_what_is_written_is_the_callers_own(owner: Connection, mine: Mine, theirs: Theirs, function: str) -> None:
    before, mine_before = dump(owner, theirs.ctx.workspace_id), dump(owner, mine.ctx.workspace_id)
    data_of(upsert_client_activation(mine.ctx, UpsertClientActivationParams(is_enabled=True, all_are_clients=True)))
    data_of(OWN_ONLY[function](mine, theirs))
    assert dump(owner, theirs.ctx.workspace_id) == before
    assert dump(owner, mine.ctx.workspace_id) != mine_before


def test_a_list_records_the_callers_own_reports_alone(mine: Mine, theirs: Theirs) -> None:
    results = data_of(OWN_ONLY["update_job_item_results"](mine, theirs))
    assert results == [
        ItemResult(theirs.open.items[1].item_id, None, "not_found"),
        ItemResult(mine.job.items[0].item_id, mine.order_id, "recorded"),
    ]


def test_each_workspace_has_keys_and_settings_of_its_own(owner: Connection, mine: Mine, theirs: Theirs) -> None:
    for ctx in (theirs.ctx, mine.ctx):
        orders = make_orders(owner, ctx.workspace_id)
        data_of(create_robot_job(ctx, CreateRobotJobParams(orders, idempotency_key="the same")))
    assert data_of(get_carrier_config(mine.ctx, COORDINADORA)).portal_username == "mine"
    assert data_of(get_carrier_credentials(theirs.ctx, COORDINADORA)).username == "theirs"


def test_clients_are_marked_in_the_callers_workspace_alone(owner: Connection, mine: Mine, theirs: Theirs) -> None:
    """Naive: by anybody's rule."""
    everybody = UpsertClientActivationParams(is_enabled=True, all_are_clients=True)
    data_of(upsert_client_activation(theirs.ctx, everybody))
    before = dump(owner, theirs.ctx.workspace_id)
    data_of(update_order(mine.ctx, UpdateOrderParams(mine.order_id, stage_id="won")))
    assert data_of(backfill_clients(mine.ctx)) == BackfilledClients(0)
    data_of(upsert_client_activation(mine.ctx, everybody))
    assert data_of(backfill_clients(mine.ctx)) == BackfilledClients(1)
    assert dump(owner, theirs.ctx.workspace_id) == before


def test_a_robot_that_refuses_a_lookup_is_asked_by_other_workspaces_as_before(
    owner: Connection, mine: Mine, theirs: Theirs
) -> None:
    """Naive: one workspace's robot without the route stops the lookups of all."""
    lookup = make_lookup(owner, mine.ctx)
    before = dump(owner, theirs.ctx.workspace_id)
    claim(mine.ctx, lookup)
    data_of(note_refused(mine.ctx, DispatchRef(lookup.job_id, 1), "HTTP 404"))
    assert data_of(get_carrier_config(mine.ctx, COORDINADORA)).guides_refused_at is not None
    assert dump(owner, theirs.ctx.workspace_id) == before
