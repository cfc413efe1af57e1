"""Every domain function, called for one workspace with what belongs to another."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shared.domain import (
    ActivityPage,
    ChangeJobParams,
    CheckedImport,
    CheckedOrders,
    ChooseUploadParams,
    ClientActivation,
    ContactParams,
    CreatedJob,
    CreateRobotJobParams,
    DispatchRef,
    DomainContext,
    DomainResult,
    GetJobItemParams,
    GetJobPageParams,
    ImportOrder,
    ImportOrdersParams,
    JobItemsParams,
    JobPage,
    KeepUploadParams,
    ListActivityParams,
    ListJobsParams,
    ListOrdersByItemsParams,
    ListOrdersParams,
    LookUpGuidesParams,
    NoHandOver,
    OrderPage,
    OrderStates,
    Overview,
    RetryFailedItemsParams,
    SaidOfColumns,
    SettleItemsParams,
    Settlement,
    SubmitJobParams,
    SubmitRefsParams,
    UnsettleJobParams,
    UnsettleOrdersParams,
    UpdateJobItemResultParams,
    UpdateJobStatusParams,
    UpdateOrderParams,
    UpsertCarrierConfigParams,
    UpsertClientActivationParams,
    backfill_clients,
    cancel_job,
    change_job,
    check_import,
    check_orders,
    check_retry,
    check_submission,
    choose_upload,
    claim_dispatch,
    close_dispatches,
    create_robot_job,
    find_refs,
    get_carrier_config,
    get_carrier_credentials,
    get_client_activation,
    get_hand_over_ends,
    get_job_item,
    get_job_page,
    get_job_with_items,
    get_last_mapping,
    get_order,
    get_order_in_detail,
    get_order_states,
    get_overview,
    get_pause,
    get_upload,
    import_orders,
    is_end_announced,
    keep_upload,
    list_activity,
    list_jobs,
    list_orders,
    list_orders_by_items,
    list_standing_shipments,
    look_up_guides,
    note_accepted,
    note_refused,
    note_unknown,
    pass_numbers_over,
    pause_job,
    release_dispatch,
    resume_job,
    retry_failed_items,
    settle_items,
    submit_job,
    submit_refs,
    unsettle_job,
    unsettle_orders,
    update_job_item_result,
    update_job_item_results,
    update_job_status,
    update_order,
    upsert_carrier_config,
    upsert_client_activation,
)
from shared.domain.ids import uuid7
from shared.domain.result import Success
from tests.factories import data_of

COORDINADORA = "coordinadora"
RESTORED_TO = datetime.now(UTC)
#: The externalId, name and address of an order of theirs.
THEIR_REF = "T-1"
#: Its tracking number.
THEIR_NUMBER = "T-9"
#: They work on what belongs to no workspace, or to all.
WITHOUT_WORKSPACE = {
    "validate_city",
    "validate_cities",
    "search_cities",
    "get_coverage_stats",
    "import_coverage",
    "expire_dispatches",
    "make_due_lookups",
    "find_silent_waves",
    "note_restarted",
    "remove_personal_data",
    "find_workspaces",
}


@dataclass(frozen=True)
class Theirs:
    """What the other workspace has."""

    ctx: DomainContext
    open: CreatedJob
    claimed: CreatedJob
    waiting: CreatedJob
    paused: CreatedJob
    failed: CreatedJob
    made: CreatedJob
    contact_id: UUID
    cursor: str
    upload_id: UUID


@dataclass(frozen=True)
class Mine:
    """What the calling workspace has: a configuration, an order, a job with a failed item."""

    ctx: DomainContext
    job: CreatedJob
    order_id: UUID


Call = Callable[[Mine, Theirs], DomainResult[Any]]


def _both(call: Callable[[DomainContext, UUID], DomainResult[Any]]) -> list[Call]:
    """Try a job that is open, and one that has failed."""
    return [
        lambda mine, theirs: call(mine.ctx, theirs.open.job_id),
        lambda mine, theirs: call(mine.ctx, theirs.failed.job_id),
    ]


def _overview(ctx: DomainContext) -> Overview:
    return data_of(get_overview(ctx, "coordinadora", 10, 100))


def _success(theirs: Theirs, job_id: UUID | None = None) -> UpdateJobItemResultParams:
    return UpdateJobItemResultParams(theirs.open.items[1].item_id, "success", tracking_number="X", job_id=job_id)


def _item(job: CreatedJob, of: CreatedJob) -> GetJobItemParams:
    return GetJobItemParams(job.job_id, of.items[0].item_id)


def _claimed(theirs: Theirs) -> DispatchRef:
    return DispatchRef(theirs.claimed.job_id, 1)


#: Each function with calls that are refused, and why.
REFUSED: dict[str, list[tuple[str, list[Call]]]] = {
    "cancel_job": [("job_not_found", _both(cancel_job))],
    "change_job": [
        ("job_not_found", _both(lambda ctx, job_id: change_job(ctx, ChangeJobParams(job_id, priority="urgent")))),
        ("job_not_found", _both(lambda ctx, job_id: change_job(ctx, ChangeJobParams(job_id, "failed", "urgent")))),
    ],
    "check_retry": [("job_not_found", _both(check_retry))],
    "check_submission": [
        (
            "orders_not_found",
            [
                lambda mine, theirs: check_submission(mine.ctx, SubmitJobParams([theirs.open.items[0].order_id])),
                lambda mine, theirs: check_submission(
                    mine.ctx, SubmitJobParams([mine.order_id, theirs.failed.items[0].order_id])
                ),
            ],
        )
    ],
    "get_upload": [("upload_not_found", [lambda mine, theirs: get_upload(mine.ctx, theirs.upload_id)])],
    "choose_upload": [
        (
            "upload_not_found",
            [lambda mine, theirs: choose_upload(mine.ctx, ChooseUploadParams(theirs.upload_id, {"a": "name"}))],
        )
    ],
    "pause_job": [
        ("job_not_found", [*_both(pause_job), lambda mine, theirs: pause_job(mine.ctx, theirs.paused.job_id)])
    ],
    "get_pause": [
        ("job_not_found", [*_both(get_pause), lambda mine, theirs: get_pause(mine.ctx, theirs.paused.job_id)])
    ],
    "resume_job": [
        ("job_not_found", [*_both(resume_job), lambda mine, theirs: resume_job(mine.ctx, theirs.paused.job_id)])
    ],
    "unsettle_job": [
        ("job_not_found", _both(lambda ctx, job_id: unsettle_job(ctx, UnsettleJobParams(job_id, RESTORED_TO)))),
    ],
    "close_dispatches": [
        ("job_not_found", _both(close_dispatches)),
        ("job_not_found", _both(lambda ctx, job_id: close_dispatches(ctx, job_id, 1))),
    ],
    "get_job_with_items": [("job_not_found", _both(get_job_with_items))],
    "get_job_page": [("job_not_found", _both(lambda ctx, job_id: get_job_page(ctx, GetJobPageParams(job_id))))],
    "get_job_item": [
        (
            "item_not_found",
            [
                lambda mine, theirs: get_job_item(mine.ctx, _item(theirs.open, theirs.open)),
                lambda mine, theirs: get_job_item(mine.ctx, _item(theirs.failed, theirs.failed)),
                lambda mine, theirs: get_job_item(mine.ctx, _item(mine.job, theirs.failed)),
                lambda mine, theirs: get_job_item(mine.ctx, _item(theirs.failed, mine.job)),
            ],
        )
    ],
    "get_order_in_detail": [
        (
            "order_not_found",
            [
                lambda mine, theirs: get_order_in_detail(mine.ctx, theirs.open.items[0].order_id),
                lambda mine, theirs: get_order_in_detail(mine.ctx, theirs.failed.items[0].order_id),
            ],
        )
    ],
    "list_activity": [
        (
            "invalid_cursor",
            [lambda mine, theirs: list_activity(mine.ctx, ListActivityParams(cursor=theirs.cursor))],
        ),
    ],
    "list_jobs": [
        ("invalid_cursor", [lambda mine, theirs: list_jobs(mine.ctx, ListJobsParams(cursor=theirs.cursor))]),
    ],
    "update_job_status": [
        ("job_not_found", _both(lambda ctx, job_id: update_job_status(ctx, UpdateJobStatusParams(job_id, "failed")))),
        (
            "job_not_found",
            _both(lambda ctx, job_id: update_job_status(ctx, UpdateJobStatusParams(job_id, "processing"))),
        ),
    ],
    "retry_failed_items": [
        ("job_not_found", _both(lambda ctx, job_id: retry_failed_items(ctx, RetryFailedItemsParams(job_id)))),
        (
            "invalid_items",
            [
                lambda mine, theirs: retry_failed_items(
                    mine.ctx, RetryFailedItemsParams(mine.job.job_id, [theirs.failed.items[0].item_id])
                )
            ],
        ),
    ],
    "update_job_item_result": [
        (
            "item_not_found",
            [
                lambda mine, theirs: update_job_item_result(mine.ctx, _success(theirs)),
                lambda mine, theirs: update_job_item_result(mine.ctx, _success(theirs, theirs.open.job_id)),
                lambda mine, theirs: update_job_item_result(mine.ctx, _success(theirs, mine.job.job_id)),
            ],
        ),
    ],
    "create_robot_job": [
        (
            "orders_not_found",
            [
                lambda mine, theirs: create_robot_job(
                    mine.ctx, CreateRobotJobParams([theirs.failed.items[0].order_id])
                ),
                lambda mine, theirs: create_robot_job(mine.ctx, CreateRobotJobParams([theirs.open.items[0].order_id])),
                lambda mine, theirs: create_robot_job(
                    mine.ctx, CreateRobotJobParams([mine.order_id, theirs.failed.items[0].order_id])
                ),
            ],
        ),
    ],
    "submit_job": [
        (
            "orders_not_found",
            [
                lambda mine, theirs: submit_job(
                    mine.ctx, SubmitJobParams([mine.order_id, theirs.open.items[0].order_id])
                )
            ],
        ),
    ],
    "look_up_guides": [
        (
            "orders_not_found",
            [
                lambda mine, theirs: look_up_guides(
                    mine.ctx, LookUpGuidesParams([mine.order_id, theirs.open.items[0].order_id])
                )
            ],
        ),
        ("nothing_to_look_up", [lambda mine, _: look_up_guides(mine.ctx, LookUpGuidesParams())]),
    ],
    "submit_refs": [
        (
            "orders_not_found",
            [
                lambda mine, _: submit_refs(mine.ctx, SubmitRefsParams([THEIR_REF], SubmitJobParams(()))),
            ],
        ),
    ],
    "get_order": [("order_not_found", [lambda mine, theirs: get_order(mine.ctx, theirs.open.items[0].order_id)])],
    "update_order": [
        (
            "order_not_found",
            [
                lambda mine, theirs: update_order(
                    mine.ctx, UpdateOrderParams(theirs.open.items[0].order_id, tracking_number="X", stage_id="won")
                )
            ],
        ),
        (
            "contact_not_found",
            [
                lambda mine, theirs: update_order(
                    mine.ctx, UpdateOrderParams(mine.order_id, contact_id=theirs.contact_id)
                )
            ],
        ),
        (
            "contact_ids_taken",
            [
                lambda mine, theirs: update_order(
                    mine.ctx, UpdateOrderParams(mine.order_id, contact=ContactParams("X", id=theirs.contact_id))
                )
            ],
        ),
    ],
    "import_orders": [
        (
            "order_ids_taken",
            [
                lambda mine, theirs: import_orders(
                    mine.ctx,
                    ImportOrdersParams([ImportOrder(uuid7()), ImportOrder(theirs.open.items[0].order_id, name="X")]),
                )
            ],
        ),
        (
            "contact_ids_taken",
            [
                lambda mine, theirs: import_orders(
                    mine.ctx,
                    ImportOrdersParams([ImportOrder(uuid7(), contact=ContactParams("X", id=theirs.contact_id))]),
                )
            ],
        ),
    ],
    "get_hand_over_ends": [
        (
            "job_not_found",
            [
                lambda mine, theirs: get_hand_over_ends(
                    mine.ctx, JobItemsParams(theirs.failed.job_id, [theirs.failed.items[0].item_id])
                )
            ],
        ),
        (
            "invalid_items",
            [
                lambda mine, theirs: get_hand_over_ends(
                    mine.ctx, JobItemsParams(mine.job.job_id, [theirs.failed.items[0].item_id])
                )
            ],
        ),
    ],
    "settle_items": [
        (
            "job_not_found",
            [
                lambda mine, theirs: settle_items(
                    mine.ctx,
                    SettleItemsParams(theirs.failed.job_id, [Settlement(theirs.failed.items[0].item_id, shipped=True)]),
                )
            ],
        ),
        (
            "invalid_items",
            [
                lambda mine, theirs: settle_items(
                    mine.ctx,
                    SettleItemsParams(mine.job.job_id, [Settlement(theirs.failed.items[0].item_id, shipped=True)]),
                )
            ],
        ),
    ],
    "get_carrier_config": [
        ("carrier_config_not_found", [lambda _, __: get_carrier_config(stranger(), COORDINADORA)]),
    ],
    "get_carrier_credentials": [
        ("carrier_not_configured", [lambda _, __: get_carrier_credentials(stranger(), COORDINADORA)]),
    ],
}

#: Each function with calls that are carried out, and what they answer: nothing of the other workspace.
NOTHING_SEEN: dict[str, list[tuple[object, Call]]] = {
    "claim_dispatch": [
        (
            NoHandOver("there is no such dispatch"),
            lambda mine, theirs: claim_dispatch(mine.ctx, DispatchRef(theirs.waiting.job_id, 1)),
        ),
    ],
    "get_last_mapping": [
        # What somebody said of the columns of another workspace's file is nothing here.
        (SaidOfColumns({}), lambda _, __: get_last_mapping(stranger())),
    ],
    "get_order_states": [
        (OrderStates({}), lambda mine, theirs: get_order_states(mine.ctx, [theirs.open.items[0].order_id])),
    ],
    "get_overview": [
        # The caller's own failed order is.
        (True, lambda mine, _: Success({it.job_id for it in _overview(mine.ctx).attention} <= {mine.job.job_id})),
        (
            True,
            lambda mine, _: Success(
                {it.job.workspace_id for it in _overview(mine.ctx).open_jobs} <= {mine.ctx.workspace_id}
            ),
        ),
    ],
    "list_standing_shipments": [
        ([], lambda mine, theirs: list_standing_shipments(mine.ctx, [theirs.made.items[0].order_id])),
    ],
    "is_end_announced": [
        (False, lambda mine, theirs: is_end_announced(mine.ctx, DispatchRef(theirs.failed.job_id, 1)))
    ],
    "note_accepted": [(None, lambda mine, theirs: note_accepted(mine.ctx, _claimed(theirs)))],
    "note_unknown": [(None, lambda mine, theirs: note_unknown(mine.ctx, _claimed(theirs)))],
    "note_refused": [(None, lambda mine, theirs: note_refused(mine.ctx, _claimed(theirs), "no"))],
    "release_dispatch": [
        (
            NoHandOver("the dispatch is not claimed"),
            lambda mine, theirs: release_dispatch(mine.ctx, _claimed(theirs), "busy", "no"),
        ),
    ],
    "list_activity": [
        (ActivityPage([], None), lambda _, __: list_activity(stranger(), ListActivityParams())),
        (
            ActivityPage([], None),
            lambda mine, theirs: list_activity(mine.ctx, ListActivityParams(job_id=theirs.open.job_id)),
        ),
        (
            ActivityPage([], None),
            lambda mine, theirs: list_activity(mine.ctx, ListActivityParams(order_id=theirs.open.items[0].order_id)),
        ),
    ],
    "list_jobs": [
        (JobPage([], None), lambda _, __: list_jobs(stranger(), ListJobsParams())),
        (JobPage([], None), lambda _, __: list_jobs(stranger(), ListJobsParams(status="failed"))),
    ],
    "check_orders": [
        (
            CheckedOrders(1, 0, [], []),
            lambda mine, _: check_orders(
                mine.ctx,
                ImportOrdersParams(
                    [
                        ImportOrder(
                            external_id=THEIR_REF,
                            name=THEIR_REF,
                            shipping_address=THEIR_REF,
                            contact=ContactParams("X", phone="3001234567"),
                        )
                    ]
                ),
            ),
        ),
        (
            CheckedOrders(1, 0, [], []),
            lambda mine, theirs: check_orders(
                mine.ctx, ImportOrdersParams([ImportOrder(theirs.open.items[0].order_id)])
            ),
        ),
    ],
    "check_import": [
        (
            # What another workspace has in a job is new here, and free.
            CheckedImport(CheckedOrders(1, 0, [], []), 1, [], [], 0),
            lambda mine, theirs: check_import(
                mine.ctx,
                ImportOrdersParams(
                    [
                        ImportOrder(
                            theirs.open.items[0].order_id,
                            shipping_address="Calle 1",
                            shipping_city="Bogotá",
                            contact=ContactParams("X", phone="3001234567"),
                        )
                    ]
                ),
            ),
        ),
    ],
    "list_orders": [
        (OrderPage([], None), lambda _, __, params=params: list_orders(stranger(), params))  # type: ignore[misc] # mypy can't infer a lambda's defaults
        for params in (
            ListOrdersParams(),
            ListOrdersParams(search="luz"),
            ListOrdersParams(search="Pedido", shipped=False),
            ListOrdersParams(shipped=True),
            ListOrdersParams(shipped=False),
            ListOrdersParams(shipped=False, is_free=True),
            ListOrdersParams(has_guide=False),
            ListOrdersParams(stage_id="won"),
        )
    ],
    "list_orders_by_items": [
        (OrderPage([], None), lambda _, __: list_orders_by_items(stranger(), ListOrdersByItemsParams("in_job"))),
        (OrderPage([], None), lambda _, __: list_orders_by_items(stranger(), ListOrdersByItemsParams("failed"))),
    ],
    "get_client_activation": [(ClientActivation(), lambda _, __: get_client_activation(stranger()))],
}

#: Functions that answer with what is nobody's: ids that no order has.
MADE_UP: dict[str, Call] = {"find_refs": lambda mine, _: find_refs(mine.ctx, [THEIR_REF])}

#: Functions that only ever write what is the caller's own.
OWN_ONLY: dict[str, Call] = {
    "keep_upload": lambda mine, _: keep_upload(mine.ctx, KeepUploadParams("a.csv", b"name")),
    "backfill_clients": lambda mine, _: backfill_clients(mine.ctx),
    "upsert_client_activation": lambda mine, _: upsert_client_activation(
        mine.ctx, UpsertClientActivationParams(is_enabled=True, all_are_clients=True)
    ),
    "pass_numbers_over": lambda mine, _: pass_numbers_over(mine.ctx),
    # What another workspace calls an order, its number and its id of before are free here.
    "import_orders": lambda mine, theirs: import_orders(
        mine.ctx,
        ImportOrdersParams(
            [ImportOrder(uuid7(), former_ids=[theirs.open.items[0].order_id]), ImportOrder(external_id=THEIR_REF)]
        ),
    ),
    "update_order": lambda mine, _: update_order(
        mine.ctx, UpdateOrderParams(mine.order_id, external_id=THEIR_REF, tracking_number=THEIR_NUMBER)
    ),
    "unsettle_orders": lambda mine, _: unsettle_orders(mine.ctx, UnsettleOrdersParams(RESTORED_TO)),
    "upsert_carrier_config": lambda mine, _: upsert_carrier_config(
        mine.ctx, UpsertCarrierConfigParams(portal_username="mine", is_enabled=False)
    ),
    "update_job_item_results": lambda mine, theirs: update_job_item_results(
        mine.ctx,
        [_success(theirs), UpdateJobItemResultParams(mine.job.items[0].item_id, "success", tracking_number="M-1")],
    ),
}


def stranger() -> DomainContext:
    return DomainContext(uuid7(), "test")
