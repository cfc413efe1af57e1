"""PutEvents: ten entries and 1 MB a call, and an answer for each entry."""

import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from psycopg import Connection

from shared.aws import bus as module
from shared.aws.bus import BusUnavailableError, Entry, NotTaken, put_entries, put_event
from shared.aws.clients import client
from shared.db.transaction import transaction
from shared.events import JobCompleted
from shared.workflow.publish import Published, publish, publish_committed
from tests.functional.conftest import Bus

COMPLETED = {
    "jobId": "0198c0de-0000-7000-8000-000000000010",
    "workspaceId": "0198c0de-0000-7000-8000-000000000001",
    "status": "failed",
    "dispatch": 2,
    "successCount": 0,
    "errorCount": 3,
    "kind": "shipment",
}


class Recorder:
    """An EventBridge client that remembers its calls and fails the entries it is told to."""

    def __init__(self, failing: Sequence[str] = ()) -> None:
        self.calls: list[list[dict[str, Any]]] = []
        self.failing = failing
        #: Makes the whole call fail, with this code.
        self.poison: dict[str, str] = {}
        self.down: Exception | None = None

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3 names it so
        self.calls.append(Entries)
        if self.down:
            raise self.down
        for entry in Entries:
            if code := self.poison.get(entry["Detail"]):
                raise ClientError({"Error": {"Code": code, "Message": "no"}}, "PutEvents")
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


def test_aws_is_asked_three_times_and_given_up_soon(bus: Bus) -> None:
    """Naive: botocore's own minute of waiting, which no function has."""
    assert bus
    config: Any = client("events").meta.config
    assert (config.connect_timeout, config.read_timeout) == (2, 5)
    assert config.retries == {"mode": "standard", "total_max_attempts": 3}


def test_a_call_has_at_most_ten_entries(recorder: Recorder) -> None:
    put_entries([Entry("robot/job.completed", "{}")] * 23)
    assert [len(call) for call in recorder.calls] == [10, 10, 3]


def test_a_call_has_at_most_a_megabyte(recorder: Recorder) -> None:
    put_entries([Entry("robot/job.submitted", "x" * 400_000)] * 5)
    assert [len(call) for call in recorder.calls] == [2, 2, 1]


@pytest.mark.parametrize(("more", "calls"), [(0, 1), (1, 2)])
def test_a_megabyte_is_counted_in_bytes_and_with_what_an_entry_has_beside_its_detail(
    recorder: Recorder, more: int, calls: int
) -> None:
    def of_size(size: int) -> Entry:
        rest = size - len("robot/job.submitted") - len("robot-jobs")
        return Entry("robot/job.submitted", "\u00f1" * (rest // 2) + "x" * (rest % 2))

    put_entries([of_size(500_000), of_size(500_000 + more)])
    assert len(recorder.calls) == calls
    # As much goes into a later call.
    put_entries([of_size(600_000), of_size(500_000), of_size(500_000 + more)])
    assert len(recorder.calls) == calls + 1 + calls


def test_the_answer_is_read_entry_by_entry(recorder: Recorder) -> None:
    recorder.failing = ["2"]
    assert put_entries([Entry("robot/job.completed", str(n)) for n in range(4)]) == [
        None,
        None,
        NotTaken("ThrottlingException: slow down", is_refused=False),
        None,
    ]


def test_an_entry_over_the_limit_is_never_sent_and_takes_no_other_with_it(recorder: Recorder) -> None:
    """Naive: the bus refuses the whole call, and its neighbours wait with it for ever."""
    large = Entry("x", "l" * (900_001 - len("x") - len("robot-jobs")))
    outcomes = put_entries([Entry("x", "1"), large, Entry("x", "2")])
    assert (outcomes[0], outcomes[2]) == (None, None)
    assert outcomes[1]
    assert outcomes[1].is_refused
    assert [[entry["Detail"] for entry in call] for call in recorder.calls] == [["1"], ["2"]]
    assert outcomes[1].words == "an entry of 900001 bytes, of at most 900000"
    largest = Entry("x", "l" * (900_000 - len("x") - len("robot-jobs")))
    assert put_entries([largest]) == [None]


@pytest.mark.parametrize(
    "code", ["ValidationException", "SerializationException", "InvalidArgument", "MalformedDetail"]
)
def test_an_entry_that_makes_its_call_fail_takes_no_other_with_it(recorder: Recorder, code: str) -> None:
    """Naive: ten entries share the fate of one, and are set aside with it."""
    recorder.poison = {"3": code}
    outcomes = put_entries([Entry("x", str(number)) for number in range(12)])
    assert [number for number, outcome in enumerate(outcomes) if outcome is not None] == [3]
    assert outcomes[3]
    assert outcomes[3].is_refused
    assert len(outcomes) == 12


@pytest.mark.parametrize(
    "down",
    [
        ClientError({"Error": {"Code": "InternalException", "Message": "no"}}, "PutEvents"),
        ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "PutEvents"),
        EndpointConnectionError(endpoint_url="https://events"),
    ],
)
def test_a_bus_that_is_down_is_asked_once(recorder: Recorder, down: Exception) -> None:
    """Naive: each call waits for its own time-out, and a request that had committed ends in one."""
    recorder.down = down
    outcomes = put_entries([Entry("x", "{}")] * 200)
    assert len(recorder.calls) == 1
    assert [outcome.is_refused for outcome in outcomes if outcome] == [False] * 10
    assert len(outcomes) == 10


def test_a_slow_bus_is_not_asked_for_longer_than_a_transaction_lasts(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: the transaction is over before it is noted what the bus took, and all is published again for ever."""
    monkeypatch.setattr("shared.aws.bus._BEGIN_WITHIN_S", 0.01)
    put = recorder.put_events

    def slowly(**request: Any) -> Any:
        time.sleep(0.02)
        return put(**request)

    monkeypatch.setattr(recorder, "put_events", slowly)
    assert put_entries([Entry("x", "{}")] * 25) == [None] * 10


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalFailure", "InternalException", "MalformedDetail"])
def test_it_is_known_whether_the_entry_or_the_bus_is_the_reason(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(recorder, "put_events", lambda **_: {"Entries": [{"ErrorCode": code, "ErrorMessage": "no"}]})
    assert put_entries([Entry("x", "{}")]) == [NotTaken(f"{code}: no", is_refused=code == "MalformedDetail")]


def test_an_event_arrives_with_the_ids_as_text_and_without_what_is_absent(bus: Bus) -> None:
    put_event(JobCompleted.model_validate(COMPLETED))
    assert bus.received() == [COMPLETED]


def test_a_bus_that_can_t_be_reached_is_an_error(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bus
    monkeypatch.setenv("EVENT_BUS_NAME", "another-bus")
    monkeypatch.setattr("shared.aws.bus._PATIENCE_S", 0.05)
    with pytest.raises(BusUnavailableError):
        put_event(JobCompleted.model_validate(COMPLETED))


@pytest.mark.parametrize("refusals", [1, 3])
def test_an_event_that_is_kept_nowhere_else_is_put_again(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch, refusals: int
) -> None:
    """Naive: one throttled entry loses the report of a shipment, which the robot sends once."""
    answers = [{"ErrorCode": "ThrottlingException", "ErrorMessage": "later"}] * refusals + [{"EventId": "taken"}]
    monkeypatch.setattr("shared.aws.bus._FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(recorder, "put_events", lambda **_: {"Entries": [answers.pop(0)]})
    put_event(JobCompleted.model_validate(COMPLETED))
    assert answers == []


def test_a_bus_that_throttles_is_given_twice_the_time_after_each_try(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: sixty calls in six seconds, to a bus that asks for fewer."""
    answers = [{"ErrorCode": "ThrottlingException", "ErrorMessage": "later"}] * 4 + [{"EventId": "taken"}]
    monkeypatch.setattr(recorder, "put_events", lambda **_: {"Entries": [answers.pop(0)]})
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    put_event(JobCompleted.model_validate(COMPLETED))
    assert pauses == [0.1, 0.2, 0.4, 0.8]


def test_an_event_that_the_bus_refuses_for_itself_is_not_put_again(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [{"ErrorCode": "MalformedDetail", "ErrorMessage": "no"}]
    monkeypatch.setattr(recorder, "put_events", lambda **_: {"Entries": [answers.pop(0)]})
    with pytest.raises(BusUnavailableError, match="MalformedDetail"):
        put_event(JobCompleted.model_validate(COMPLETED))


def test_a_bus_that_is_down_is_asked_once_however_many_batches_wait(
    recorder: Recorder, owner: Connection, workspace: UUID
) -> None:
    """Naive: a request that has committed waits for the bus's time-out again for each batch."""
    owner.execute(
        "INSERT INTO outbox (workspace_id, detail_type, detail)"
        " SELECT %s, 'x', jsonb_build_object('n', n) FROM generate_series(1, 250) AS n",
        [workspace],
    )
    recorder.down = EndpointConnectionError(endpoint_url="https://events")
    publish_committed(workspace)
    assert len(recorder.calls) == 1
    recorder.down = None
    owner.execute("UPDATE outbox SET next_attempt_at = now() WHERE workspace_id = %s", [workspace])
    publish_committed(workspace)
    assert len(recorder.calls) == 1 + 25
    [(published,)] = owner.execute(
        "SELECT count(*) FROM outbox WHERE workspace_id = %s AND published_at IS NOT NULL", [workspace]
    ).fetchall()
    assert published == 250


@pytest.mark.parametrize(
    ("waiting", "codes", "is_slow", "expected"),
    [
        (250, {}, False, Published(200, 0, has_more=True)),
        (200, {}, False, Published(200, 0, has_more=True)),
        (150, {}, False, Published(150, 0, has_more=False)),
        (0, {}, False, Published(0, 0, has_more=False)),
        # Each for itself: others may be taken.
        (250, dict.fromkeys(range(1, 201), "MalformedDetail"), False, Published(0, 200, has_more=True)),
        (250, {5: "MalformedDetail", 200: "ThrottlingException"}, False, Published(198, 2, has_more=True)),
        (20, {}, True, Published(10, 0, has_more=True)),
        (20, {10: "MalformedDetail"}, True, Published(9, 1, has_more=True)),
        # The bus takes nothing just now.
        (
            250,
            dict.fromkeys(range(1, 201), "ThrottlingException"),
            False,
            Published(0, 200, has_more=False, is_bus_up=False),
        ),
        (250, {15: "down"}, False, Published(10, 10, has_more=False, is_bus_up=False)),
    ],
)
def test_a_bus_is_given_more_as_long_as_it_takes_or_refuses_for_good(  # noqa: PLR0913, PLR0917 - fixtures and cases
    recorder: Recorder,
    owner: Connection,
    workspace: UUID,
    monkeypatch: pytest.MonkeyPatch,
    waiting: int,
    codes: dict[int, str],
    is_slow: bool,  # noqa: FBT001 - a case's value
    expected: Published,
) -> None:
    """Naive: a bus in trouble is asked again at once, or one event that it refuses holds all others up."""
    owner.execute(
        "INSERT INTO outbox (workspace_id, detail_type, detail)"
        " SELECT %s, 'x', to_jsonb(n) FROM generate_series(1, %s) AS n",
        [workspace, waiting],
    )

    def put_events(Entries: list[dict[str, Any]]) -> Any:  # noqa: N803 - boto3 names it so
        said = [codes.get(int(entry["Detail"])) for entry in Entries]
        if "down" in said:
            raise EndpointConnectionError(endpoint_url="https://events")
        return {"Entries": [{"ErrorCode": code} if code else {"EventId": "1"} for code in said]}

    monkeypatch.setattr(recorder, "put_events", put_events)
    if is_slow:
        monkeypatch.setattr(module, "_BEGIN_WITHIN_S", -1)
    with transaction(workspace) as conn:
        assert publish(conn, [workspace]) == expected
