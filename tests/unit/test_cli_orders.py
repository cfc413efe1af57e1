"""`robot-jobs order set`: which order is meant, and what of it is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unicodedata import normalize
from uuid import uuid4, uuid5

import pytest

from tests.unit.cli_api import WORKSPACE, Ended, ScriptedApi, item, job, problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    Run = Callable[..., Ended]

ORDER = uuid4()


def has_order(api: ScriptedApi, order_id: UUID = ORDER, **changes: Any) -> None:
    contact = {"name": "Ana Díaz", "phone": "3001234567"}
    order = {"id": str(order_id), "name": "A-7", "contact": contact} | changes
    api.will_answer(f"GET /orders/{order_id}", 200, order)
    api.will_answer(f"PATCH /orders/{order_id}", 200, order)


def changes_sent(api: ScriptedApi) -> list[Any]:
    return [request.body for request in api.requests if request.method == "PATCH"]


def test_what_is_named_is_changed_and_nothing_else(api: ScriptedApi, run: Run) -> None:
    has_order(api)
    code, out, err = run(
        *("order", "set", ORDER, "--address", "Calle 1 # 2-3", "--city", "Cali", "--department", "Valle del Cauca"),
        *("--phone", "3007654321", "--units", 2, "--prepaid", "--tracking-number", "70000000007.0"),
        "--allow-shared-number",
    )
    assert (code, err) == (0, "")
    assert out == "Order A-7 is changed; retry its job to send it as it is now.\n"
    assert changes_sent(api) == [
        {
            "shippingAddress": "Calle 1 # 2-3",
            "shippingCity": "Cali",
            "shippingDepartment": "Valle del Cauca",
            "units": 2,
            "prepaid": True,
            "trackingNumber": "70000000007",
            "allowSharedNumber": True,
            # Its name is always said, and stays.
            "contact": {"phone": "3007654321", "name": "Ana Díaz"},
        }
    ]


def test_fields_are_cleared_by_name(api: ScriptedApi, run: Run) -> None:
    has_order(api)
    assert run("order", "set", ORDER, "--clear", "tracking-number", "--clear", "phone", "--name", "Eva").code == 0
    assert changes_sent(api) == [{"trackingNumber": None, "contact": {"name": "Eva", "phone": None}}]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "Nothing to set"),
        (["--address", " "], "--address is empty; to clear it, say --clear address"),
        (["--tracking-number", ""], "'' is no tracking number; to clear it, say --clear tracking-number"),
        (["--tracking-number", "null"], "is no tracking number"),
        (["--clear", "carrier"], "--clear carrier is not possible"),
        (["--city", "Cali", "--clear", "city"], "contradict each other"),
    ],
)
def test_an_empty_value_never_clears(api: ScriptedApi, run: Run, options: list[str], sentence: str) -> None:
    """Fails where `--tracking-number "$UNSET"` makes an order forget its number."""
    has_order(api)
    code, _, err = run("order", "set", ORDER, *options)
    assert (code, api.requests) == (1, [])
    assert sentence in err


def test_a_phone_needs_a_recipient(api: ScriptedApi, run: Run) -> None:
    has_order(api, contact=None)
    assert "has no recipient's name yet; give --name too" in run("order", "set", ORDER, "--phone", "3001234567").err
    assert changes_sent(api) == []


@pytest.mark.parametrize("written", ["Ñ-7", normalize("NFD", "Ñ-7")])
def test_a_name_finds_the_order_that_a_file_without_ids_made(api: ScriptedApi, run: Run, written: str) -> None:
    imported = uuid5(WORKSPACE, "Ñ-7")
    api.answers_unknown(404, problem(404, "order_not_found", "There is no order."))
    has_order(api, imported)
    assert run("order", "set", written, "--city", "Cali").code == 0
    assert changes_sent(api) == [{"shippingCity": "Cali"}]


def test_a_name_finds_the_order_among_those_of_a_job(api: ScriptedApi, run: Run) -> None:
    job_id = uuid4()
    has_order(api)
    page = {"job": job(), "items": [item(orderName="A-7", orderId=str(ORDER))], "nextCursor": None}
    api.will_answer(f"GET /robot-jobs/{job_id}?limit=500", 200, page)
    assert run("order", "set", "A-7", "--job", job_id, "--city", "Cali").code == 0
    assert changes_sent(api) == [{"shippingCity": "Cali"}]
    assert "The job has no item 'A-9'" in run("order", "set", "A-9", "--job", job_id, "--city", "Cali").err


def test_who_is_not_found_by_name_is_told_what_can_be_found(api: ScriptedApi, run: Run) -> None:
    api.answers_unknown(404, problem(404, "order_not_found", "There is no order."))
    code, _, err = run("order", "set", "A-9", "--city", "Cali")
    assert code == 1
    assert "No order 'A-9' is found." in err
    assert "--job JOB_ID" in err
    assert changes_sent(api) == []


def test_a_number_of_another_order_is_refused_with_what_to_do(api: ScriptedApi, run: Run) -> None:
    has_order(api)
    api.answers[f"PATCH /orders/{ORDER}"].clear()
    sentence = "Another order has this number: 70. Correct it, or say `allowSharedNumber`."
    api.will_answer(f"PATCH /orders/{ORDER}", 409, problem(409, "number_in_use", sentence))
    code, _, err = run("order", "set", ORDER, "--tracking-number", "70")
    assert (code, err) == (1, f"robot-jobs: {sentence[:-1]} (number_in_use)\n")
