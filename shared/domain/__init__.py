"""The domain's public face: every function is called as `function(ctx, params)` and returns a `DomainResult`."""

from shared.domain.context import MAX_CASCADE_DEPTH, DomainContext
from shared.domain.errors import RetryableDatabaseError
from shared.domain.result import DomainResult, ErrorCode, Failure, Success
from shared.domain.robot_jobs.cancel import Cancelled, cancel_job
from shared.domain.robot_jobs.create import CreatedItem, CreatedJob, CreateRobotJobParams, create_robot_job
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
    "DomainContext",
    "DomainResult",
    "ErrorCode",
    "Failure",
    "GetJobPageParams",
    "ItemResult",
    "JobItemsPage",
    "JobPage",
    "JobRef",
    "JobWithItems",
    "ListJobsParams",
    "RetriedItems",
    "RetryFailedItemsParams",
    "RetryableDatabaseError",
    "RobotJob",
    "RobotJobItem",
    "Success",
    "UpdateJobItemResultParams",
    "UpdateJobStatusParams",
    "cancel_job",
    "create_robot_job",
    "get_job_page",
    "get_job_with_items",
    "list_jobs",
    "retry_failed_items",
    "update_job_item_result",
    "update_job_item_results",
    "update_job_status",
]
