"""The samples of real trouble end to end: file, import, submission, report; each gives the right value or a refusal."""

import json
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from psycopg import Connection

from functions.manage_orders.app import handler as manage_orders
from functions.submit_job.app import handler as submit_job
from local.cli.api import RobotJobsApi
from local.cli.errors import ApiError
from local.cli.models import Submission
from local.cli.order_batches import import_rows, submit_rows
from shared.domain import DomainContext, UpdateJobItemResultParams, update_job_item_results
from shared.intake import OrderFile, RefusedFile, read_order_file
from shared.robot.report import Report, parse_report
from tests.factories import data_of, hand_over, make_carrier_config
from tests.functional.conftest import Bus
from tests.http_client import call

CASES = Path(__file__).parents[1] / "cases"
Run = Callable[[str], Submission]


class Api(RobotJobsApi):
    """The command line's client, with the functions behind it instead of HTTP."""

    def __init__(self, workspace: UUID) -> None:
        super().__init__("http://127.0.0.1:1", "token")
        self.workspace = workspace

    def _send(self, method: str, path: str, body: object) -> object:  # type: ignore[override] # an answer as httpx has it
        handler = manage_orders if path == "orders" else submit_job
        answer = call(handler, method, f"/{path}", workspace=self.workspace, body=json.loads(json.dumps(body)))
        if answer.status >= 400:
            problem = answer.json
            raise ApiError(answer.status, problem["code"], problem["detail"], problem)
        return _Taken(answer.json)


class _Taken:
    def __init__(self, content: object) -> None:
        self.json = lambda: content
        self.content = json.dumps(content).encode()


@pytest.fixture
def run(workspace: UUID, owner: Connection, database: str, bus: Bus) -> Run:
    """Import a sample and submit all of it, as `import-orders` and `submit --all-from` do."""
    assert database
    assert bus
    make_carrier_config(owner, workspace)
    api = Api(workspace)

    def run(name: str) -> Submission:
        read = read_order_file((CASES / name).read_bytes(), workspace)
        assert isinstance(read, OrderFile)
        import_rows(api, read.orders)
        return submit_rows(read.orders, api.submit)[0]

    return run


def result_of(job_id: UUID, report: Report) -> UpdateJobItemResultParams:
    return UpdateJobItemResultParams(report.item_id, report.status, report.tracking_number, job_id=job_id)


def sent(owner: Connection, workspace: UUID) -> list[tuple[str, object]]:
    """Return name and value of the workspace's orders."""
    return owner.execute(
        "SELECT name, total_value FROM orders WHERE workspace_id = %s ORDER BY name", [workspace]
    ).fetchall()


def test_thousands_are_thousands(run: Run, owner: Connection, workspace: UUID) -> None:
    """Naive: the carrier collects 89.9 and 150 pesos."""
    assert run("thousands_point.csv").item_count == 2
    assert sent(owner, workspace) == [("B-1", 89900), ("B-2", 150000)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("windows_nfc.csv", "mac_nfd.csv"),
        ("mac_nfd.csv", "windows_nfc.csv"),
        ("table_tool_floats.csv", "table_tool_digits.csv"),
        ("table_tool_digits.csv", "table_tool_floats.csv"),
    ],
)
def test_one_sheet_of_two_programs_is_one_order_and_one_shipment(
    run: Run, ctx: DomainContext, owner: Connection, first: str, second: str
) -> None:
    """Naive: the second sheet ships the order a second time."""
    made = run(first)
    hand_over(ctx, made)  # type: ignore[arg-type] # it asks for the job's id alone
    report = parse_report(
        json.dumps({"itemId": str(made.items[0].item_id), "status": "success", "trackingNumber": "1"})
    )
    data_of(update_job_item_results(ctx, [result_of(made.job_id, report)]))
    with pytest.raises(Exception, match="already_shipped"):
        run(second)
    [order] = sent(owner, ctx.workspace_id)
    assert order in {("Niño-7", 89900), ("1003", 89900)}
    [(who,)] = owner.execute(
        "SELECT identification FROM contacts WHERE workspace_id = %s", [ctx.workspace_id]
    ).fetchall()
    assert who in {"1030507090", "1020304052"}


def test_a_number_with_signs_that_nobody_sees_is_the_clean_one(run: Run, ctx: DomainContext, owner: Connection) -> None:
    """Naive: the clean number is a conflict with the one that came first."""
    made = run("windows_nfc.csv")
    hand_over(ctx, made)  # type: ignore[arg-type] # it asks for the job's id alone
    outcomes = []
    for name in ("report_zero_width.json", "report_clean.json"):
        body = (CASES / name).read_text().replace("ITEM_ID", str(made.items[0].item_id))
        [recorded] = data_of(update_job_item_results(ctx, [result_of(made.job_id, parse_report(body))]))
        outcomes.append(recorded.outcome)
    assert outcomes == ["recorded", "duplicate"]
    numbers = owner.execute("SELECT tracking_number FROM orders WHERE workspace_id = %s", [ctx.workspace_id]).fetchall()
    assert numbers == [("52800012345",)]


def test_phones_of_other_countries_are_rejected_at_submission(run: Run, workspace: UUID) -> None:
    """Naive: three of them become Colombian mobiles, and strangers are called."""
    with pytest.raises(Exception, match="nothing_to_ship") as refused:
        run("foreign_phones.csv")
    assert str(refused.value).count("(invalid_phone)") == 5
    read = read_order_file((CASES / "foreign_phones.csv").read_bytes(), workspace)
    assert isinstance(read, OrderFile)
    assert [note.line for note in read.remarks] == [2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("name", "line"), [("cut_off_last_row.csv", 3), ("column_twice.csv", 1), ("lost_letters.csv", 2)]
)
def test_what_was_spoilt_is_refused_by_its_line(workspace: UUID, name: str, line: int) -> None:
    read = read_order_file((CASES / name).read_bytes(), workspace)
    assert isinstance(read, RefusedFile)
    assert read.refusals[0].line == line
