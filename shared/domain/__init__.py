"""The domain's public face: every function is called as `function(ctx, params)` and returns a `DomainResult`."""

from shared.domain.carrier_configs import (
    CarrierConfig,
    CarrierCredentials,
    ShipmentDefaultsParams,
    UpsertCarrierConfigParams,
    get_carrier_config,
    get_carrier_credentials,
    upsert_carrier_config,
)
from shared.domain.carrier_coverage import (
    CityQuery,
    CityResult,
    CoverageStats,
    ImportCoverageParams,
    ImportedCoverage,
    ValidateCitiesParams,
    ValidateCityParams,
    ValidatedCities,
    get_coverage_stats,
    import_coverage,
    validate_cities,
    validate_city,
)
from shared.domain.carriers import CARRIERS
from shared.domain.client_activation import (
    BackfilledClients,
    ClientActivation,
    UpsertClientActivationParams,
    backfill_clients,
    get_client_activation,
    upsert_client_activation,
)
from shared.domain.context import MAX_CASCADE_DEPTH, DomainContext
from shared.domain.errors import RetryableDatabaseError
from shared.domain.orders.importing import import_orders
from shared.domain.orders.models import (
    Contact,
    ContactParams,
    ImportedOrders,
    ImportOrder,
    ImportOrdersParams,
    Order,
    UpdateOrderParams,
)
from shared.domain.orders.read import get_order
from shared.domain.orders.update import update_order
from shared.domain.result import DomainResult, ErrorCode, Failure, Success
from shared.domain.retention import remove_personal_data
from shared.domain.robot_jobs.cancel import Cancelled, cancel_job
from shared.domain.robot_jobs.complete import close_dispatches, is_end_told
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
from shared.domain.submission import RejectedOrder, Submission, SubmitJobParams, submit_job
from shared.domain.unset import UNSET, Unset

__all__ = [
    "CARRIERS",
    "MAX_CASCADE_DEPTH",
    "UNSET",
    "BackfilledClients",
    "Cancelled",
    "CarrierConfig",
    "CarrierCredentials",
    "CityQuery",
    "CityResult",
    "ClientActivation",
    "Contact",
    "ContactParams",
    "CoverageStats",
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
    "ImportCoverageParams",
    "ImportOrder",
    "ImportOrdersParams",
    "ImportedCoverage",
    "ImportedOrders",
    "ItemResult",
    "JobItemsPage",
    "JobPage",
    "JobRef",
    "JobWithItems",
    "Later",
    "ListJobsParams",
    "Nothing",
    "Order",
    "RejectedOrder",
    "RetriedItems",
    "RetryFailedItemsParams",
    "RetryableDatabaseError",
    "RobotJob",
    "RobotJobItem",
    "ShipmentDefaultsParams",
    "Submission",
    "SubmitJobParams",
    "Success",
    "Unset",
    "UpdateJobItemResultParams",
    "UpdateJobStatusParams",
    "UpdateOrderParams",
    "UpsertCarrierConfigParams",
    "UpsertClientActivationParams",
    "ValidateCitiesParams",
    "ValidateCityParams",
    "ValidatedCities",
    "backfill_clients",
    "cancel_job",
    "claim_dispatch",
    "close_dispatches",
    "create_robot_job",
    "expire_dispatches",
    "get_carrier_config",
    "get_carrier_credentials",
    "get_client_activation",
    "get_coverage_stats",
    "get_job_page",
    "get_job_with_items",
    "get_order",
    "import_coverage",
    "import_orders",
    "is_end_told",
    "list_jobs",
    "note_accepted",
    "note_refused",
    "note_unknown",
    "release_dispatch",
    "remove_personal_data",
    "retry_failed_items",
    "submit_job",
    "update_job_item_result",
    "update_job_item_results",
    "update_job_status",
    "update_order",
    "upsert_carrier_config",
    "upsert_client_activation",
    "validate_cities",
    "validate_city",
]
