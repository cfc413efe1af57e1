"""`robot-jobs order NAME`: the story of one order, from the API's answers alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from rich.console import Console

import local.cli.story
from tests.unit.cli_api import Ended, ScriptedApi, item, problem

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., Ended]

ORDER, JOB, OTHER_JOB = uuid4(), uuid4(), uuid4()
SENT = {"nombres": "Ana", "apellidos": "Díaz", "direccion": "Cra 27", "ciudad": "CALI (VALLE)", "celular": "3001234567"}


def report(at: str, source: str, status: str, outcome: str = "recorded", **said: Any) -> dict[str, Any]:
    return {"receivedAt": f"2026-03-04T{at}:00Z", "source": source, "status": status, "outcome": outcome} | said


def attempt(number: int | None, at: str | None, outcome: str, /, *reports: Any, **sent: Any) -> dict[str, Any]:
    return {
        "dispatch": number,
        "handedOverAt": None if at is None else f"2026-03-04T{at}:00Z",
        "outcome": outcome,
        "valueSent": sent or None,
        "reports": list(reports),
    }


def has_story(api: ScriptedApi) -> None:
    """Rejected and cancelled in one job; rejected, corrected, lost, settled and shipped in another."""
    first, second = uuid4(), uuid4()
    order = {
        "id": str(ORDER),
        "name": "A-1019",
        "trackingNumber": "70000000044",
        "otherNumbers": ["70000000045"],
        "totalValue": 89900,
        "shippingAddress": "Carrera 27 # 36-15",
        "shippingCity": "Cali",
        "contact": {"name": "Ana Díaz", "phone": "3001234567"},
        "shipments": [
            {
                "jobId": str(JOB),
                "itemId": str(second),
                "carrier": "coordinadora",
                "trackingNumber": "70000000044",
                "shipment": "made",
                "at": "2026-03-04T10:30:00Z",
            }
        ],
        "items": [
            {"jobId": str(OTHER_JOB), "itemId": str(first), "status": "error"},
            {"jobId": str(JOB), "itemId": str(second), "status": "success"},
        ],
    }
    api.will_answer(f"GET /orders/{ORDER}", 200, order)
    api.will_answer("GET /orders?search=A-1019&limit=500", 200, {"orders": [order], "nextCursor": None})
    cancelled = item(
        id=str(first),
        jobId=str(OTHER_JOB),
        status="error",
        errorType="validation",
        errorMessage="cancelled by the operator",
        createdAt="2026-03-04T09:00:00Z",
        completedAt="2026-03-04T09:05:00Z",
    )
    api.will_answer(f"GET /robot-jobs/{OTHER_JOB}/items/{first}", 200, {"item": cancelled, "attempts": []})
    shipped = item(id=str(second), jobId=str(JOB), createdAt="2026-03-04T10:00:00Z", completedAt="2026-03-04T10:30:00Z")
    attempts = [
        attempt(
            *(1, "10:01", "accepted"),
            report("10:02", "robot", "error", errorType="portal", errorMessage="La dirección no es válida"),
            report("10:29", "robot", "error", "stale", errorType="portal", errorMessage="tarde"),
            **SENT,
        ),
        attempt(
            *(2, "10:10", "unknown"),
            report("10:20", "deadline", "error", errorType="timeout", errorMessage="no report from the robot"),
            report("10:25", "person", "error", errorType="timeout", errorMessage="not shipped: looked twice"),
            **SENT | {"direccion": "Carrera 27 # 36-15"},
        ),
        attempt(
            *(3, "10:26", "accepted"),
            report("10:30", "robot", "success", trackingNumber="70000000044"),
            report("10:31", "robot", "success", "duplicate", trackingNumber="70000000044"),
            report("10:32", "robot", "success", "conflict", trackingNumber="70000000045"),
            **SENT | {"direccion": "Carrera 27 # 36-15"},
        ),
        attempt(None, None, "unknown", report("10:33", "robot", "success", "duplicate")),
    ]
    api.will_answer(f"GET /robot-jobs/{JOB}/items/{second}", 200, {"item": shipped, "attempts": attempts})
    newest_first = [
        command("10:25", "job_retried", jobId=str(JOB), items=1),
        command("10:24", "order_changed", fields=["shippingAddress", "units"]),
        command("10:23", "carrier_configured", fields=["robotUrl"]),
    ]
    of_second_page = command("10:00", "job_submitted", jobId=str(JOB), actor=None)
    has_activity(api, *newest_first, cursor="more")
    api.will_answer(f"GET /activity?orderId={ORDER}&limit=500&cursor=more", 200, {"entries": [of_second_page]})


def command(at: str, action: str, *, jobId: str | None = None, actor: str | None = "ana@x.co", **details: Any) -> Any:  # noqa: N803 - as the API has it
    told = {"at": f"2026-03-04T{at}:00Z", "actor": actor, "source": "api", "action": action, "jobId": jobId}
    return told | {"details": details}


def has_activity(api: ScriptedApi, *entries: Any, cursor: str | None = None) -> None:
    page = {"entries": list(entries), "nextCursor": cursor}
    api.will_answer(f"GET /activity?orderId={ORDER}&limit=500", 200, page)


TOLD = (
    f"Submitted in job {OTHER_JOB}",
    "Ended: validation: cancelled by the operator",
    f"api submitted it in job {JOB}",
    "Hand-over 1: the robot took it; sent: Ana, Díaz, Cra 27, CALI (VALLE), 3001234567",
    "Robot: portal: La dirección no es válida",
    "Hand-over 2: nobody knows whether the robot took it; now with direccion Carrera 27 # 36-15",
    "The deadline: timeout: no report from the robot",
    "ana@x.co changed shippingAddress, units",
    "A person: not shipped: looked twice",
    "ana@x.co retried 1 of its job",
    "Hand-over 3: the robot took it; sent as before",
    "Robot: portal: tarde [came too late to count]",
    "Robot: shipped, number 70000000044",
    "Robot: shipped, number 70000000044 [nothing new]",
    "Robot: shipped, number 70000000045 [beside its own number]",
    "Robot: shipped, number unknown [nothing new] (on hand-over none)",
)


@pytest.mark.parametrize("words", [["A-1019"], [str(ORDER)], ["show", "A-1019"], ["a-1019"]])
def test_the_whole_story_is_told_in_order(api: ScriptedApi, run: Run, words: list[str]) -> None:
    """Fails where it is told item by item: what was late stands where it came."""
    has_story(api)
    api.will_answer("GET /orders?search=a-1019&limit=500", 200, {"orders": [{"id": str(ORDER), "name": "A-1019"}]})
    code, out, err = run("order", *words)
    assert (code, err) == (0, "")
    assert f"Submitted in job {JOB}" not in out
    places = [out.index(text) for text in TOLD]
    assert places == sorted(places)
    for fact in (
        "A-1019",
        "Ana Díaz, 3001234567",
        "Carrera 27 # 36-15, Cali",
        "89.900, cash on delivery",
        "70000000045",
    ):
        assert fact in out[: out.index("What happened")]


def test_it_is_readable_in_80_columns(api: ScriptedApi, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    has_story(api)
    monkeypatch.setattr(local.cli.story, "make_console", lambda: Console(width=80, highlight=False, markup=False))
    code, out, _ = run("order", "A-1019")
    assert code == 0
    assert max(len(line.rstrip()) for line in out.splitlines()) <= 80
    # An id stands on one line, so that it can be copied.
    assert sum(str(JOB) in line for line in out.splitlines()) == 2
    assert all(
        len(line.split("  ")[0]) in {0, 19} for line in out[out.index("When") :].splitlines()[2:] if line[:4] == "2026"
    )


def test_it_is_told_as_json_and_as_csv(api: ScriptedApi, run: Run) -> None:
    has_story(api)
    told = json.loads(run("order", "A-1019", "--json").out)
    assert told["order"]["name"] == "A-1019"
    assert [len(each["attempts"]) for each in told["items"]] == [0, 4]
    lines = run("order", "A-1019", "--csv").out.splitlines()
    assert lines[0] == "at,job,what"
    assert len(lines) == 1 + len(TOLD)
    assert lines[2] == f"2026-03-04T09:05:00+00:00,{OTHER_JOB},Ended: validation: cancelled by the operator"
    assert run("order", "A-1019", "--csv", "--json").err == "robot-jobs: Give --json or --csv, not both.\n"


def test_an_order_that_was_in_no_job_says_so(api: ScriptedApi, run: Run) -> None:
    api.will_answer(f"GET /orders/{ORDER}", 200, {"id": str(ORDER), "name": "A-1"})
    has_activity(api)
    assert "It has been in no job yet." in run("order", ORDER).out


def test_an_order_is_meant_without_doubt_or_not_at_all(api: ScriptedApi, run: Run) -> None:
    """Fails where the first that is found is taken: a name is part of others."""
    one, two = {"id": str(uuid4()), "name": "A-10"}, {"id": str(uuid4()), "name": "A-100", "trackingNumber": "77"}
    api.will_answer("GET /orders?search=A-1&limit=500", 200, {"orders": [one, two]})
    assert run("order", "A-1").err == "robot-jobs: No order is called 'A-1'. Do you mean A-10, A-100?\n"
    api.will_answer("GET /orders?search=A-10&limit=500", 200, {"orders": [two, one, one | {"id": str(uuid4())}]})
    assert "2 orders are called 'A-10'; use an id instead: " in run("order", "A-10").err
    api.will_answer("GET /orders?search=77&limit=500", 200, {"orders": [two]})
    api.will_answer(f"GET /orders/{two['id']}", 200, two)
    api.will_answer(f"GET /activity?orderId={two['id']}&limit=500", 200, {"entries": []})
    assert "A-100" in run("order", "77").out
    api.will_answer("GET /orders?search=none&limit=500", 200, {"orders": []})
    assert run("order", "none").err == "robot-jobs: No order is called 'none'. `robot-jobs orders TEXT` searches.\n"
    api.will_answer(f"GET /orders/{ORDER}", 404, problem(404, "order_not_found", "There is no such order."))
    assert run("order", ORDER).code == 1


def test_what_an_order_can_be_told_is_still_a_command(api: ScriptedApi, run: Run) -> None:
    api.will_answer(f"GET /orders/{ORDER}", 200, {"id": str(ORDER), "name": "A-1"})
    api.will_answer(f"PATCH /orders/{ORDER}", 200, {"id": str(ORDER), "name": "A-1"})
    assert run("order", "set", ORDER, "--city", "Cali").out.startswith("Order A-1 is changed")
    assert "set" in run("order", "--help").out
