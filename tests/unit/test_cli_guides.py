"""`robot-jobs guides find` and `guides list`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tests.unit.cli_api import Ended, ScriptedApi, problem

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., Ended]

JOB, ORDER = str(uuid4()), str(uuid4())
AT = "2026-11-26T15:00:00Z"
MADE: dict[str, Any] = {"jobId": JOB, "itemCount": 1, "items": [{"itemId": JOB, "orderId": ORDER}], "rejected": []}


def test_guides_of_orders_are_looked_up(api: ScriptedApi, run: Run) -> None:
    api.will_answer("POST /guide-lookups", 201, MADE)
    assert run("guides", "find", ORDER, "--idempotency-key", "k") == Ended(
        0, f"Job {JOB}, orders: 1, rejected: 0\n", ""
    )
    assert api.requests[-1].body == {"orderIds": [ORDER], "idempotencyKey": "k"}


def test_without_orders_the_api_chooses(api: ScriptedApi, run: Run) -> None:
    api.will_answer("POST /guide-lookups", 422, problem(422, "nothing_to_look_up", "No guide is to be looked up."))
    assert run("guides", "find").code == 1
    assert api.requests[-1].body == {}


def test_what_is_no_id_is_not_sent(api: ScriptedApi, run: Run) -> None:
    ended = run("guides", "find", "A-1")
    assert (ended.code, api.requests) == (1, [])
    assert "A-1 is no order's id" in ended.err


def test_the_list_says_when_a_guide_was_last_asked_for(api: ScriptedApi, run: Run) -> None:
    there = {"id": str(uuid4()), "name": "A-1", "trackingNumber": "P-1", "carrierGuideNumber": "G-1"}
    lacking = {"id": ORDER, "name": "A-2", "trackingNumber": "P-2"}
    api.will_answer("GET /orders?shipped=true&limit=20", 200, {"orders": [there, lacking], "nextCursor": None})
    api.will_answer(f"GET /orders/{ORDER}", 200, lacking | {"guideAskedAt": AT})
    out = run("guides", "list").out
    assert "G-1" in out
    assert "not there yet, asked at 2026-11-26" in out
    api.will_answer("GET /orders?shipped=true&hasGuide=false&limit=20", 200, {"orders": [lacking], "nextCursor": None})
    listed = json.loads(run("guides", "list", "--missing", "--json").out)
    assert [(each["id"], each["guideAskedAt"]) for each in listed] == [(ORDER, AT)]
