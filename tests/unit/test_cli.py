"""The `robot-jobs` command against an API that answers what a test says, over real HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4, uuid5

import pytest

from tests.unit.cli_api import WORKSPACE, Ended, ScriptedApi, checked, item, job, problem, token_of

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLE_ORDERS = Path(__file__).parents[2] / "local" / "samples" / "orders.csv"


def test_orders_of_a_file_are_imported_in_thousands(
    api: ScriptedApi, run: Callable[..., Ended], tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("name,city\n" + "".join(f"B-{number},Cali\n" for number in range(1_001)))
    api.will_answer("POST /order-checks", 200, checked())
    api.will_answer("POST /orders", 200, {"imported": 1_000})
    api.will_answer("POST /orders", 200, {"imported": 1})
    assert run("import-orders", file) == Ended(0, "Orders imported: 1001\n", "")
    # The whole file is checked before any of it is written.
    sent = [(request.path, len(request.body["orders"])) for request in api.requests]
    assert sent == [("/order-checks", 1_000), ("/order-checks", 1), ("/orders", 1_000), ("/orders", 1)]
    for request in (api.requests[0], api.requests[2]):
        assert request.body["orders"][0] == {"externalId": "B-0", "name": "B-0", "shippingCity": "Cali"}
    assert api.authorizations == {f"Bearer {token_of(WORKSPACE)}"}


def test_an_import_says_what_it_read_in_doubt(api: ScriptedApi, run: Callable[..., Ended], tmp_path: Path) -> None:
    """The last line has no end, and its phone is Greek."""
    file = tmp_path / "orders.csv"
    rows = "recipient,name,phone,total_value", "Luz,A-1,3001234567,89.900", "Luz,A-2,+3001234567,12.000"
    file.write_text("\n".join(rows), encoding="utf-8")
    api.will_answer("POST /order-checks", 200, checked(new=2))
    api.will_answer("POST /orders", 200, {"imported": 2})
    code, out, err = run("import-orders", file)
    assert (code, err) == (0, "")
    assert 'line 3, phone (A-2): the cell is "+3001234567", a phone of another country' in out
    assert "line 3 (A-2): the file's last line has no end" in out
    assert "its amount is 12000" in out
    assert out.endswith("Orders imported: 2\n")
    assert [order["totalValue"] for order in api.requests[0].body["orders"]] == [89900, 12000]


def test_nothing_of_a_file_with_an_order_twice_is_imported(
    api: ScriptedApi, run: Callable[..., Ended], tmp_path: Path
) -> None:
    """In batches of a thousand the last line replaces the first."""
    file = tmp_path / "orders.csv"
    names = [*(f"D-{n}" for n in range(1_000)), "D-0"]
    file.write_text("name,city\n" + "".join(f"{name},Cali\n" for name in names), encoding="utf-8")
    for command in (("import-orders", file), ("submit", "--all-from", file)):
        code, out, err = run(*command)
        assert (code, out) == (1, "")
        assert "  line 1002 (D-0): this is the order of line 2 again" in err
    assert api.requests == []


def test_submit_shows_the_job_and_what_was_rejected(api: ScriptedApi, run: Callable[..., Ended]) -> None:
    job_id, kept, left_out = uuid4(), uuid4(), uuid5(WORKSPACE, "A-1025")
    rejected = {"orderId": str(left_out), "code": "city_not_covered", "reason": "no [bold]such city"}
    created = {"jobId": str(job_id), "itemCount": 1, "rejected": [rejected]}
    api.will_answer("POST /robot-jobs", 201, created | {"items": [{"itemId": str(uuid4()), "orderId": str(kept)}]})
    options = ("--idempotency-key", "march", "--allow-reshipment", "--all-from", SAMPLE_ORDERS)
    code, out, err = run("submit", kept, *options)
    assert (code, err) == (0, "")
    assert f"Job {job_id}, orders: 1, rejected: 1" in out
    assert "A-1025" in out
    assert "no [bold]such city" in out
    body = api.requests[0].body
    assert body["orderIds"][0] == str(kept)
    assert len(body["orderIds"]) == 26
    assert (body["idempotencyKey"], body["allowReshipment"]) == ("march", True)


def test_submit_needs_orders(api: ScriptedApi, run: Callable[..., Ended]) -> None:
    code, _, err = run("submit")
    assert code == 1
    assert err == "robot-jobs: Nothing to submit: name order ids or --all-from FILE.csv.\n"
    assert api.requests == []


def test_a_refusal_is_its_detail_and_code_and_exit_code_1(api: ScriptedApi, run: Callable[..., Ended]) -> None:
    order = uuid4()
    rejected = [{"orderId": str(order), "code": "city_not_covered", "reason": "unknown city"}]
    refusal = problem(422, "nothing_to_ship", "No order can be shipped.", rejected=rejected)
    api.will_answer("POST /robot-jobs", 422, refusal)
    assert run("submit", order) == Ended(
        1,
        "",
        f"robot-jobs: No order can be shipped (nothing_to_ship)\n  {order}: unknown city (city_not_covered)\n",
    )


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "does not accept the token"),
        (403, "lacks the scope"),
        (500, "something that is not its own (500)"),
    ],
)
def test_answers_that_are_no_problem_document_are_told_too(
    api: ScriptedApi, run: Callable[..., Ended], status: int, sentence: str
) -> None:
    api.will_answer("GET /robot-jobs?limit=20", status, {"message": "whatever"})
    code, _, err = run("list")
    assert code == 1
    assert sentence in err


def test_reading_is_tried_again_after_a_passing_failure(api: ScriptedApi, run: Callable[..., Ended]) -> None:
    api.will_answer("GET /robot-jobs?limit=20", 503, {"message": "Service Unavailable"})
    api.will_answer("GET /robot-jobs?limit=20", 200, {"jobs": [], "nextCursor": None})
    assert run("list") == Ended(0, "No jobs.\n", "")


def test_what_changes_something_is_sent_once(api: ScriptedApi, run: Callable[..., Ended]) -> None:
    api.will_answer("POST /robot-jobs", 503, problem(503, "unavailable", "Try again later."))
    assert run("submit", uuid4()).code == 1
    assert len(api.requests) == 1


def test_no_answer_is_one_sentence(run: Callable[..., Ended]) -> None:
    code, _, err = run("submit", uuid4(), "--api-url", "http://127.0.0.1:1", "--token", "t")
    assert code == 1
    assert err.startswith("robot-jobs: The API at http://127.0.0.1:1/ does not answer")
    assert len(err.splitlines()) == 1
    assert "is no address" in run("list", "--api-url", "nowhere", "--token", "t").err


def test_another_servers_answer_is_not_taken_for_the_apis(api: ScriptedApi, run: Callable[..., Ended]) -> None:
    api.will_answer("GET /robot-jobs?limit=20", 200, {"hello": "world"})
    assert "is not one of this API's" in run("list").err


def test_a_token_or_a_workspace_is_needed_and_not_both(
    api: ScriptedApi, run: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "not both" in run("list", "--token", "t", "--workspace", WORKSPACE).err
    monkeypatch.delenv("ROBOT_JOBS_TOKEN")
    assert "No token: give --token" in run("list").err
    assert api.requests == []


def test_a_lookup_ships_nothing(api: ScriptedApi, run: Callable[..., Ended]) -> None:
    """Naive: "3 shipped" of orders whose guides were asked for."""
    ended = job(kind="guide_lookup", status="completed", successCount=3)
    api.will_answer(f"GET /robot-jobs/{ended['id']}?limit=1", 200, {"job": ended, "items": [], "nextCursor": None})
    code, out, err = run("watch", ended["id"])
    assert (code, out, err) == (0, "completed: 3 of 3, 3 looked up, 0 failed\n", "")


def test_watch_follows_the_job_to_its_end(api: ScriptedApi, run: Callable[..., Ended]) -> None:
    running, ended = job(successCount=1), job(status="completed", successCount=3)
    route = f"GET /robot-jobs/{running['id']}?limit=1"
    page: dict[str, Any] = {"items": [], "nextCursor": None}
    api.will_answer(route, 200, {"job": running, **page}, {"ETag": '"1"'})
    api.will_answer(route, 304, None)
    api.will_answer(route, 200, {"job": ended, **page})
    code, out, err = run("watch", running["id"])
    assert (code, err) == (0, "")
    assert out == "processing: 1 of 3, 1 shipped, 0 failed\ncompleted: 3 of 3, 3 shipped, 0 failed\n"
    assert len(api.requests) == 3


@pytest.mark.parametrize(("status", "success"), [("completed", 2), ("failed", 0)])
def test_watch_ends_with_3_when_not_all_was_shipped(
    api: ScriptedApi, run: Callable[..., Ended], status: str, success: int
) -> None:
    ended = job(status=status, successCount=success, errorCount=3 - success)
    route = f"GET /robot-jobs/{ended['id']}?limit=1"
    api.will_answer(route, 200, {"job": ended, "items": [], "nextCursor": None})
    assert run("watch", ended["id"]).code == 3


def test_watch_gives_up_when_told_to(api: ScriptedApi, run: Callable[..., Ended]) -> None:
    running = job()
    route = f"GET /robot-jobs/{running['id']}?limit=1"
    api.will_answer(route, 200, {"job": running, "items": [], "nextCursor": None})
    code, _, err = run("watch", running["id"], "--timeout", "0.1")
    assert code == 1
    assert "has not ended within 0.1 s" in err


def test_show_lists_every_page_of_items(api: ScriptedApi, run: Callable[..., Ended]) -> None:
    shown = job(status="completed", successCount=2, errorCount=1)
    route = f"GET /robot-jobs/{shown['id']}"
    shipped = item(orderName="A-1", validatedCity="CALI (VALLE)")
    failed = item(status="error", trackingNumber=None, errorType="portal", errorMessage="slow [x]", retryCount=2)
    api.will_answer(f"{route}?limit=1", 200, {"job": shown, "items": [shipped], "nextCursor": "c"})
    api.will_answer(f"{route}?limit=500", 200, {"job": shown, "items": [shipped], "nextCursor": "c"})
    api.will_answer(f"{route}?limit=500&cursor=c", 200, {"job": shown, "items": [failed], "nextCursor": None})
    code, out, _ = run("show", shown["id"])
    assert code == 0
    lines = [line.split() for line in out.splitlines()]
    assert ["A-1", "CALI", "(VALLE)", "success", "70000000001"] in lines
    # Without a name of its own it goes by what a command takes.
    assert [failed["id"], "CALI", "(VALLE)", "error", "portal:", "slow", "[x]", "2"] in lines
    assert "settle" not in out


def test_list_shows_jobs_and_where_to_go_on(api: ScriptedApi, run: Callable[..., Ended]) -> None:
    one = job(successCount=2)
    api.will_answer("GET /robot-jobs?status=processing&limit=1", 200, {"jobs": [one], "nextCursor": "next"})
    code, out, _ = run("list", "--status", "processing", "--limit", "1")
    assert code == 0
    assert one["id"] in out
    assert out.endswith("More: --cursor next\n")


def test_retry_names_items_or_none_for_all(api: ScriptedApi, run: Callable[..., Ended]) -> None:
    job_id, item_id = uuid4(), uuid4()
    answer = {"retriedCount": 1, "itemIds": [str(item_id)]}
    api.will_answer(f"POST /robot-jobs/{job_id}/retry", 202, answer)
    assert run("retry", job_id).out == "Orders tried again: 1\n"
    assert run("retry", job_id, item_id).code == 0
    assert [request.body for request in api.requests] == [{}, {"itemIds": [str(item_id)]}]


def test_cancel_tells_how_many(api: ScriptedApi, run: Callable[..., Ended]) -> None:
    job_id = uuid4()
    api.will_answer(f"POST /robot-jobs/{job_id}/cancel", 202, {"cancelledCount": 4})
    assert run("cancel", job_id).out == "Orders cancelled: 4\n"


def test_carrier_set_sends_what_is_named_and_shows_no_password(
    api: ScriptedApi, run: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = {"portalUsername": "ops", "hasPassword": True, "robotUrl": None, "isEnabled": False}
    api.will_answer("PUT /carriers/coordinadora/config", 200, config | {"shipmentDefaults": {"weightKg": 1}})
    monkeypatch.setenv("ROBOT_JOBS_PORTAL_PASSWORD", "portal-password")
    code, out, err = run("carrier", "set", "--username", "ops", "--disable", "--weight-kg", "1")
    assert (code, err) == (0, "")
    assert "portal-password" not in out
    assert "Password   set" in out
    assert api.requests[0].body == {
        "portalUsername": "ops",
        "portalPassword": "portal-password",
        "isEnabled": False,
        "shipmentDefaults": {"weightKg": 1},
    }


def test_carrier_set_needs_something_to_set(api: ScriptedApi, run: Callable[..., Ended]) -> None:
    assert "Nothing to set" in run("carrier", "set").err
    assert api.requests == []


def test_carrier_show(api: ScriptedApi, run: Callable[..., Ended]) -> None:
    refusal = problem(404, "carrier_not_configured", "No account at this carrier yet.")
    api.will_answer("GET /carriers/coordinadora/config", 404, refusal)
    assert run("carrier", "show").err == "robot-jobs: No account at this carrier yet (carrier_not_configured)\n"
