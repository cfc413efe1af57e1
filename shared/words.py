"""The words of states, once: of jobs, items, reports and hand-overs. Events, robot, API and domain take them from here.

The database checks the same words; `tests/functional/test_words.py` compares.
"""

from typing import Literal, get_args

OpenStatus = Literal["pending", "processing"]
EndedStatus = Literal["completed", "failed"]
#: How a robot reports an item, and how an item ends.
ReportStatus = Literal["success", "error"]
JobStatus = Literal[OpenStatus, EndedStatus]
#: What a job asks the robot for: to make shipments, or to look up the guides of some that exist.
JobKind = Literal["shipment", "guide_lookup"]
ItemStatus = Literal[OpenStatus, ReportStatus]
#: Why an item has no shipment.
ErrorType = Literal["validation", "portal", "timeout", "unknown"]
#: What is known of an item's shipment; the column's comment says what each means. A lookup has none.
Shipment = Literal["none", "possible", "made", "second"]
#: What items can be asked for by: their status, what failed for certain, what a person has to settle, or that no guide
#: came. `error` is `failed` and `unsettled` together.
ItemFilter = Literal[ItemStatus, "failed", "unsettled", "second", "no_guide"]
#: What became of an order in all its jobs: what its items say, or that it was in none.
OrderStanding = Literal[ItemStatus, "unsettled", "second", "to_ship"]
#: Who says what stands in the history of an item.
ReportSource = Literal["robot", "person", "deadline", "restart"]
#: Who closed an item: `system` closes only what no robot has, or has refused.
ClosedBy = Literal[ReportSource, "system"]
#: What became of a report.
RecordedAs = Literal["recorded", "duplicate", "stale", "conflict"]
Outcome = Literal[RecordedAs, "not_found"]
#: What became of a hand-over, as an item's history tells it.
AttemptOutcome = Literal["calling", "accepted", "unknown", "refused"]
#: How far a hand-over is.
DispatchStatus = Literal["waiting", "claimed", "accepted", "unknown", "closed"]
#: Why a robot did not take a hand-over for now.
RefusedAs = Literal["busy", "unreachable"]
#: Which job's wave is next, before the older one.
Priority = Literal["normal", "urgent"]
#: Who or what paused a job.
PausedReason = Literal["operator", "errors"]
#: Why a job stands still.
WaitingReason = Literal[
    "paused", "carrier_not_ready", "behind_job", "robot_busy", "robot_unreachable", "outcome_unknown"
]

#: What was done, in the log of activity.
Action = Literal[
    "orders_imported",
    "order_changed",
    "job_submitted",
    "job_retried",
    "job_settled",
    "job_paused",
    "job_resumed",
    "job_prioritised",
    "job_cancelled",
    "job_ended",
    "carrier_configured",
    "guides_looked_up",
]

OPEN_STATUSES: tuple[OpenStatus, ...] = get_args(OpenStatus)
ENDED_STATUSES: tuple[EndedStatus, ...] = get_args(EndedStatus)
REPORT_STATUSES: tuple[ReportStatus, ...] = get_args(ReportStatus)
JOB_STATUSES: tuple[JobStatus, ...] = get_args(JobStatus)
JOB_KINDS: tuple[JobKind, ...] = get_args(JobKind)
ITEM_STATUSES: tuple[ItemStatus, ...] = get_args(ItemStatus)
ERROR_TYPES: tuple[ErrorType, ...] = get_args(ErrorType)
RECORDED_AS: tuple[RecordedAs, ...] = get_args(RecordedAs)
DISPATCH_STATUSES: tuple[DispatchStatus, ...] = get_args(DispatchStatus)
REFUSED_AS: tuple[RefusedAs, ...] = get_args(RefusedAs)
PRIORITIES: tuple[Priority, ...] = get_args(Priority)
ACTIONS: tuple[Action, ...] = get_args(Action)
PAUSED_REASONS: tuple[PausedReason, ...] = get_args(PausedReason)
SHIPMENTS: tuple[Shipment, ...] = get_args(Shipment)
ITEM_FILTERS: tuple[ItemFilter, ...] = get_args(ItemFilter)
REPORT_SOURCES: tuple[ReportSource, ...] = get_args(ReportSource)
CLOSED_BY: tuple[ClosedBy, ...] = get_args(ClosedBy)
