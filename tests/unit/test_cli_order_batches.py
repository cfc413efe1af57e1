"""A file at the API: nothing before the whole of it is right, and everything by the names that the operator knows."""

from pathlib import Path
from typing import Any
from unicodedata import normalize
from uuid import UUID, uuid4, uuid5

import pytest

from local.cli.api import RobotJobsApi
from local.cli.errors import ApiError, CommandError
from local.cli.models import Submission
from local.cli.order_batches import import_rows, submit_rows
from shared.intake import OrderFile, OrderRow, read_order_file

WORKSPACE = UUID("0198c2a0-0000-7000-8000-000000000001")
CASES = Path(__file__).parents[1] / "cases"


def rows_of(data: str | bytes) -> tuple[OrderRow, ...]:
    read = read_order_file(data if isinstance(data, bytes) else data.encode(), WORKSPACE)
    assert isinstance(read, OrderFile), read
    return read.orders


def many(count: int) -> tuple[OrderRow, ...]:
    return rows_of("name,city\n" + "".join(f"D-{n},Cali\n" for n in range(count)))


class Api(RobotJobsApi):
    """Takes batches until one of its answers is an error."""

    def __init__(self, *errors: CommandError | None) -> None:
        super().__init__("http://127.0.0.1:1", "token")
        self.errors = list(errors)
        self.batches: list[list[dict[str, Any]]] = []

    def import_orders(self, orders: Any) -> int:
        self.batches.append(list(orders))
        if self.errors and (error := self.errors.pop(0)):
            raise error
        return len(orders)


class Submitter:
    """Knows some orders, as the API does."""

    def __init__(self, *known: UUID) -> None:
        self.known = set(known)
        self.asked: list[list[UUID]] = []

    def __call__(self, ids: list[UUID]) -> Submission:
        self.asked.append(ids)
        if missing := [str(id_) for id_ in ids if id_ not in self.known]:
            raise ApiError(422, "orders_not_found", "These orders are not known", {"orderIds": missing})
        return Submission(job_id=uuid4(), item_count=len(ids), items=[], rejected=[])


def test_what_was_written_before_a_batch_that_failed_is_said() -> None:
    """Naive: `duplicate ids`, while a thousand orders are there and the others are not."""
    api = Api(None, ApiError(422, "invalid_number", "orders.17.totalValue must have at most 2 decimals", {}))
    with pytest.raises(CommandError) as failed:
        import_rows(api, many(2_500))
    assert str(failed.value).splitlines() == [
        "orders.17.totalValue must have at most 2 decimals (invalid_number).",
        "  That is D-1017 (line 1019).",
        "  Not written: lines 1002 to 2001 (D-1000 to D-1999) and what follows.",
        "  Written before: 1000 orders, lines 2 to 1001 (D-0 to D-999).",
        "  Import the whole file again after that: an order that was written is not made twice.",
    ]
    assert [len(batch) for batch in api.batches] == [1_000, 1_000]


def test_a_batch_without_an_answer_may_be_written() -> None:
    with pytest.raises(CommandError) as failed:
        import_rows(Api(CommandError("The API gave no answer.")), many(1))
    said = str(failed.value)
    assert "Not sure: line 2 (D-0)." in said
    assert "Nothing was written before." in said


def test_orders_are_named_as_the_operator_knows_them() -> None:
    rows = many(3)
    taken = ApiError(422, "order_ids_taken", "These order ids are not free", {"orderIds": [str(rows[2].id)]})
    with pytest.raises(CommandError, match=r"D-2 \(line 4\)"):
        import_rows(Api(taken), rows)
    open_job: dict[str, object] = {"orders": [{"orderId": str(rows[1].id), "jobId": str(uuid4())}]}

    def refuse(_ids: list[UUID]) -> Submission:
        raise ApiError(409, "order_in_open_job", "These orders are in a job", open_job)

    with pytest.raises(CommandError, match=r"D-1 \(line 3\)"):
        submit_rows(rows, refuse)


def test_an_order_that_was_imported_under_its_sheets_old_id_is_submitted_under_it() -> None:
    """Naive: the sheet that a Mac saved is not known any more, or is shipped a second time."""
    [row] = rows_of((CASES / "windows_nfc.csv").read_bytes())
    old = uuid5(WORKSPACE, normalize("NFD", "Niño-7"))
    submit = Submitter(old)
    made, names = submit_rows([row], submit)
    assert (made.item_count, names) == (1, {old: "Niño-7 (line 2)"})
    assert submit.asked == [[row.id], [old]]
    api = Api()
    import_rows(api, [row])
    assert api.batches[0][0]["formerIds"][:2] == [str(row.id), str(old)]


@pytest.mark.parametrize("sheet", ["table_tool_floats.csv", "table_tool_digits.csv"])
def test_floats_and_digits_are_one_order_whichever_came_first(sheet: str) -> None:
    [row] = rows_of((CASES / sheet).read_bytes())
    for first in (uuid5(WORKSPACE, "1003"), uuid5(WORKSPACE, "1003.0")):
        _, names = submit_rows([row], Submitter(first))
        assert names == {first: "1003 (line 2)"}


def test_orders_that_nobody_imported_are_named() -> None:
    submit = Submitter()
    with pytest.raises(CommandError, match=r"Niño-7 \(line 2\)"):
        submit_rows(rows_of((CASES / "windows_nfc.csv").read_bytes()), submit)
    assert len(submit.asked) == 2


def test_a_plain_name_is_asked_for_once_and_sends_no_other_id() -> None:
    rows = many(2)
    submit = Submitter(*(row.id for row in rows))
    submit_rows(rows, submit)
    assert submit.asked == [[row.id for row in rows]]
    api = Api()
    import_rows(api, rows)
    assert all("formerIds" not in order for order in api.batches[0])
