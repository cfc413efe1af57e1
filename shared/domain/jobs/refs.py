"""Submit orders by what their shop calls them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.domain import refusal_page as page
from shared.domain.context import DomainContext
from shared.domain.jobs.submit import Submission, SubmitJobParams, submit_job
from shared.domain.orders.refs import find_refs
from shared.domain.result import DomainResult


@dataclass(frozen=True)
class SubmitRefsParams:
    """The externalIds of the orders to ship, and all else of the job; the ids in that don't count."""

    order_refs: Sequence[str]
    job: SubmitJobParams


def submit_refs(ctx: DomainContext, params: SubmitRefsParams) -> DomainResult[Submission]:
    """Create a job as `submit_job` does, and refuse as it does; unknown orders are named by their externalIds."""
    if not _is_submission(params):
        return page.unexpected_value("The submission", "SubmitRefsParams").failure
    found = find_refs(ctx, params.order_refs)
    if not found.success:
        return found
    submitted = submit_job(ctx, replace(params.job, order_ids=found.data))
    if submitted.success or submitted.reason != page.orders_not_found.code:
        return submitted
    missing = set(submitted.details["order_ids"])  # type: ignore[call-overload] # details hold anything
    refs = [ref for ref, id_ in zip(params.order_refs, found.data, strict=True) if id_ in missing]
    return page.refs_not_found(order_refs=refs).failure


def _is_submission(params: object) -> bool:
    return isinstance(params, SubmitRefsParams) and isinstance(params.job, SubmitJobParams)
