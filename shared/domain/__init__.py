"""The domain's public face: every function is called as `function(ctx, params)` and returns a `DomainResult`."""

from shared.domain.context import MAX_CASCADE_DEPTH, DomainContext
from shared.domain.errors import RetryableDatabaseError
from shared.domain.result import DomainResult, ErrorCode, Failure, Success
from shared.domain.robot_jobs.cancel import Cancelled, cancel_job
from shared.domain.robot_jobs.complete import close_dispatches
from shared.domain.robot_jobs.create import CreatedItem, CreatedJob, CreateRobotJobParams, create_robot_job
from shared.domain.robot_jobs.dispatches import (
    DispatchRef,
    HandOver,
    HandOverItem,
    Later,
    Nothing,
    claim_dispatch,
    note_accepted,
    note_refused,
    note_unknown,
    release_dispatch,
)
from shared.domain.robot_jobs.expire import Expired, expire_dispatches
from shared.domain.robot_jobs.models import JobRef, JobWithItems, RobotJob, RobotJobItem
from shared.domain.robot_jobs.read import (
    GetJobPageParams,
    JobItemsPage,
    JobPage,
    ListJobsParams,
    get_job_page,
    get_job_with_items,
    list_jobs,
)
from shared.domain.robot_jobs.record import (
    ItemResult,
    UpdateJobItemResultParams,
    update_job_item_result,
    update_job_item_results,
)
from shared.domain.robot_jobs.retry import RetriedItems, RetryFailedItemsParams, retry_failed_items
from shared.domain.robot_jobs.status import UpdateJobStatusParams, update_job_status

__all__ = [
    "MAX_CASCADE_DEPTH",
    "Cancelled",
    "CreateRobotJobParams",
    "CreatedItem",
    "CreatedJob",
    "DispatchRef",
    "DomainContext",
    "DomainResult",
    "ErrorCode",
    "Expired",
    "Failure",
    "GetJobPageParams",
    "HandOver",
    "HandOverItem",
    "ItemResult",
    "JobItemsPage",
    "JobPage",
    "JobRef",
    "JobWithItems",
    "Later",
    "ListJobsParams",
    "Nothing",
    "RetriedItems",
    "RetryFailedItemsParams",
    "RetryableDatabaseError",
    "RobotJob",
    "RobotJobItem",
    "Success",
    "UpdateJobItemResultParams",
    "UpdateJobStatusParams",
    "cancel_job",
    "claim_dispatch",
    "close_dispatches",
    "create_robot_job",
    "expire_dispatches",
    "get_job_page",
    "get_job_with_items",
    "list_jobs",
    "note_accepted",
    "note_refused",
    "note_unknown",
    "release_dispatch",
    "retry_failed_items",
    "update_job_item_result",
    "update_job_item_results",
    "update_job_status",
]
