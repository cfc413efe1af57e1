"""Record a workspace's reports: all at once, or one by one when one of them can't be recorded."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from uuid import UUID

import psycopg
from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from psycopg import errors as pg

from shared.domain import (
    DomainContext,
    ItemResult,
    LookupResult,
    RetryableDatabaseError,
    UpdateJobItemResultParams,
    update_job_item_results,
)
from shared.events import ItemCompleted
from shared.logs import logger
from shared.workflow.publish import publish_committed

#: An event has them all by the same names, and the workspace beside them.
_FIELDS = tuple(each.name for each in fields(UpdateJobItemResultParams))


#: Not the report's fault: the database could not do it, or is not as the program needs it (a role without its right, a
#: standby that took over, a migration that is under way). Nor is a unique rule: where two transactions move an order's
#: hold at once, the later one may break it; when it is made again it sees what the other wrote, and is recorded.
_MAY_PASS = (
    RetryableDatabaseError,
    psycopg.InterfaceError,
    psycopg.OperationalError,
    psycopg.ProgrammingError,
    pg.ReadOnlySqlTransaction,
    pg.UniqueViolation,
)


class ReportRefusedError(Exception):
    """The domain refused a report that the bus let through."""


@dataclass(frozen=True)
class Unrecorded:
    """What was not recorded of a batch: the message ids to deliver again, and those of poison with what is wrong."""

    again: list[str] = field(default_factory=list)
    poison: dict[str, str] = field(default_factory=dict)


def record_reports(workspace_id: UUID, reports: Mapping[str, ItemCompleted], metrics: Metrics) -> Unrecorded:
    """Record reports, by message id, publish what they changed, and return which could not be recorded."""
    ctx = DomainContext(workspace_id, source="robot")
    unrecorded = Unrecorded()
    try:
        _record(ctx, reports, metrics)
    except RetryableDatabaseError:
        logger.exception("the database could not record a batch", workspace_id=str(workspace_id))
        return Unrecorded(again=list(reports))
    except (psycopg.Error, ReportRefusedError):
        # One of them is the reason: alone, each shows whether it is the one.
        for message_id, report in reports.items():
            _record_alone(ctx, message_id, report, metrics, unrecorded)
    publish_committed(workspace_id)
    return unrecorded


def _record_alone(
    ctx: DomainContext, message_id: str, report: ItemCompleted, metrics: Metrics, unrecorded: Unrecorded
) -> None:
    try:
        _record(ctx, {message_id: report}, metrics)
    except (RetryableDatabaseError, psycopg.Error, ReportRefusedError) as error:
        logger.exception("a report can't be recorded", message_id=message_id, item_id=str(report.item_id))
        if isinstance(error, _MAY_PASS):
            unrecorded.again.append(message_id)
        else:
            unrecorded.poison[message_id] = type(error).__name__


def _record(ctx: DomainContext, reports: Mapping[str, ItemCompleted], metrics: Metrics) -> None:
    result = update_job_item_results(ctx, [_params(report) for report in reports.values()])
    if not result.success:
        raise ReportRefusedError(result.error)
    for outcome, count in Counter(recorded.outcome for recorded in result.data).items():
        metrics.add_metric(f"Reports{outcome.title().replace('_', '')}", MetricUnit.Count, count)
    for recorded, report in zip(result.data, reports.values(), strict=True):
        if recorded.outcome == "recorded":
            metrics.add_metric(_name_of(recorded, report), MetricUnit.Count, 1)
        _log(recorded, report)


def _name_of(recorded: ItemResult, report: ItemCompleted) -> str:
    """Return the metric that counts an item's outcome: one for a success, one for each type of error."""
    if isinstance(recorded, LookupResult):
        return "LookupsFailed" if report.status == "error" else "LookupsAnswered"
    return "ItemsShipped" if report.status == "success" else f"ItemsFailed{(report.error_type or 'unknown').title()}"


def _log(recorded: ItemResult, report: ItemCompleted) -> None:
    about = {
        "item_id": str(report.item_id),
        "job_id": str(report.job_id),
        "workspace_id": str(report.workspace_id),
        "dispatch": report.dispatch,
    }
    if recorded.outcome == "conflict":
        what = "guide" if isinstance(recorded, LookupResult) else "tracking number"
        logger.error(f"a second {what} for one item", extra=about | {"tracking_number": report.tracking_number})
    elif recorded.outcome == "not_found":
        logger.warning("a report about an item that its job does not have", extra=about)
    else:
        logger.info("report", extra=about | {"outcome": recorded.outcome})


def _params(report: ItemCompleted) -> UpdateJobItemResultParams:
    return UpdateJobItemResultParams(**{name: getattr(report, name) for name in _FIELDS})
