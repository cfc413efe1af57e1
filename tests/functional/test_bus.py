"""PutEvents: ten entries and 1 MB a call, and an answer for each entry."""

from collections.abc import Sequence
from typing import Any

import pytest

from shared.aws import bus as module
from shared.aws.bus import BusUnavailableError, Entry, put_entries, put_event
from shared.events import JobCompleted
from tests.functional.conftest import Bus


class Recorder:
    """An EventBridge client that remembers its calls and fails the entries it is told to."""

    def __init__(self, failing: Sequence[str] = ()) -> None:
        self.calls: list[list[dict[str, Any]]] = []
        self.failing = failing

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3 names it so
        self.calls.append(Entries)
        results = [
            {"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}
            if entry["Detail"] in self.failing
            else {"EventId": "1"}
            for entry in Entries
        ]
        return {"FailedEntryCount": len(self.failing), "Entries": results}


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    monkeypatch.setenv("EVENT_BUS_NAME", "robot-jobs")
    monkeypatch.setattr(module, "client", lambda _service: recorder)
    return recorder


def test_a_call_has_at_most_ten_entries(recorder: Recorder) -> None:
    put_entries([Entry("robot/job.completed", "{}")] * 23)
    assert [len(call) for call in recorder.calls] == [10, 10, 3]


def test_a_call_has_at_most_a_megabyte(recorder: Recorder) -> None:
    put_entries([Entry("robot/job.submitted", "x" * 400_000)] * 5)
    assert [len(call) for call in recorder.calls] == [2, 2, 1]


def test_the_answer_is_read_entry_by_entry(recorder: Recorder) -> None:
    recorder.failing = ["2"]
    assert put_entries([Entry("robot/job.completed", str(n)) for n in range(4)]) == [
        None,
        None,
        "ThrottlingException: slow down",
        None,
    ]


def test_an_event_arrives_with_the_ids_as_text_and_without_what_is_absent(bus: Bus) -> None:
    event = {
        "jobId": "0198c0de-0000-7000-8000-000000000010",
        "workspaceId": "0198c0de-0000-7000-8000-000000000001",
        "status": "failed",
        "dispatch": 2,
        "successCount": 0,
        "errorCount": 3,
    }
    put_event(JobCompleted.model_validate(event))
    assert bus.received() == [event]


def test_a_bus_that_can_t_be_reached_is_an_error(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bus
    monkeypatch.setenv("EVENT_BUS_NAME", "another-bus")
    event = JobCompleted.model_validate(
        {
            "jobId": "0198c0de-0000-7000-8000-000000000010",
            "workspaceId": "0198c0de-0000-7000-8000-000000000001",
            "status": "failed",
            "dispatch": 1,
            "successCount": 0,
            "errorCount": 1,
        }
    )
    with pytest.raises(BusUnavailableError):
        put_event(event)
