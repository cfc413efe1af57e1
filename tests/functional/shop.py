"""A workspace that ships single orders: what happens to each, and what is known of its shipment then."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import pytest
from psycopg import Connection
from psycopg.rows import class_row

from shared.db.audit import audit
from shared.db.connection import close_connection
from shared.domain import (
    CreatedJob,
    DispatchRef,
    DomainContext,
    DomainResult,
    RejectedOrder,
    RetryFailedItemsParams,
    SettledItems,
    SettleItemsParams,
    Settlement,
    UpdateJobItemResultParams,
    UpdateJobStatusParams,
    UpdateOrderParams,
    cancel_job,
    close_dispatches,
    expire_dispatches,
    note_accepted,
    note_refused,
    note_unknown,
    release_dispatch,
    retry_failed_items,
    settle_items,
    update_job_item_result,
    update_job_status,
    update_order,
)
from shared.words import ErrorType
from tests.factories import (
    claim,
    data_of,
    events_of,
    failure_of,
    hand_over,
    look_up,
    make_carrier_config,
    make_due,
    make_job_of,
    make_orders,
)


@dataclass(frozen=True)
class Known:
    """What stands on an item."""

    status: str
    shipment: str
    holds: bool
    tracking_number: str | None
    error_type: str | None
    error_message: str | None
    closed_by: str | None
    other_numbers: list[str]
    value_sent: dict[str, Any] | None
    is_voided: bool

    @property
    def is_known_as(self) -> tuple[str, str]:
        """Its status, and what is known of its shipment."""
        return self.status, self.shipment


@dataclass(frozen=True)
class Shop:
    """One workspace; each job has one order, in one item."""

    owner: Connection
    ctx: DomainContext

    def order(self, **columns: Any) -> UUID:
        """Make an order that can be shipped."""
        return make_orders(self.owner, self.ctx.workspace_id, 1, **columns)[0]

    def job(self, order_id: UUID | None = None, **params: Any) -> CreatedJob:
        """Make a job that waits, of this order or of a new one."""
        return make_job_of(self.ctx, [order_id or self.order()], **params)

    def at_robot(self, order_id: UUID | None = None, **params: Any) -> CreatedJob:
        """Make a job that the robot has accepted."""
        job = self.job(order_id, **params)
        hand_over(self.ctx, job)
        return job

    def made(self, number: str | None = "T-1", order_id: UUID | None = None, **params: Any) -> CreatedJob:
        """Make a job that was shipped."""
        job = self.at_robot(order_id, **params)
        assert self.success(job, number) == "recorded"
        return job

    def failed(self, order_id: UUID | None = None, **params: Any) -> CreatedJob:
        """Make a job that the portal refused: nothing was made."""
        job = self.at_robot(order_id, **params)
        assert self.error(job) == "recorded"
        return job

    def unsettled(self, order_id: UUID | None = None, **params: Any) -> CreatedJob:
        """Make a job of which nobody knows whether it was shipped; its hand-over is over."""
        job = self.at_robot(order_id, **params)
        assert self.error(job, "timeout") == "recorded"
        return job

    def success(self, job: CreatedJob, number: str | None = "T-1", dispatch: int | None = None) -> str:
        """Report a shipment and return the report's outcome."""
        params = UpdateJobItemResultParams(job.items[0].item_id, "success", tracking_number=number, dispatch=dispatch)
        return data_of(update_job_item_result(self.ctx, params)).outcome

    def guide_found(self, order_id: UUID, guide: str) -> CreatedJob:
        """Have an order's guide looked up and found."""
        lookup = look_up(self.owner, self.ctx, [order_id])
        hand_over(self.ctx, lookup)
        params = UpdateJobItemResultParams(lookup.items[0].item_id, "success", tracking_number=guide, guide_found=True)
        assert data_of(update_job_item_result(self.ctx, params)).outcome == "recorded"
        return lookup

    def error(
        self,
        job: CreatedJob,
        error_type: ErrorType | None = "portal",
        words: str = "no",
        dispatch: int | None = None,
        *,
        number: str | None = None,
    ) -> str:
        """Report an error and return the report's outcome."""
        params = UpdateJobItemResultParams(
            job.items[0].item_id,
            "error",
            tracking_number=number,
            error_type=error_type,
            error_message=words,
            dispatch=dispatch,
        )
        return data_of(update_job_item_result(self.ctx, params)).outcome

    def claim(self, job: CreatedJob, dispatch: int = 1) -> None:
        """Claim a hand-over that must be there to claim, and due."""
        make_due(self.owner, job)
        claim(self.ctx, job, dispatch)

    def release(self, job: CreatedJob) -> None:
        """Say that the robot is busy."""
        data_of(release_dispatch(self.ctx, DispatchRef(job.job_id, 1), "busy", "Ya hay un lote en proceso"))

    def refuse(self, job: CreatedJob) -> None:
        """Say that the robot refused for good."""
        data_of(note_refused(self.ctx, DispatchRef(job.job_id, 1), "no such portal"))

    def accept(self, job: CreatedJob, dispatch: int = 1) -> None:
        """Say that the robot took the hand-over."""
        data_of(note_accepted(self.ctx, DispatchRef(job.job_id, dispatch)))

    def lose(self, job: CreatedJob) -> None:
        """Say that nobody knows what the robot did with the hand-over."""
        data_of(note_unknown(self.ctx, DispatchRef(job.job_id, 1)))

    def announce(self, job: CreatedJob) -> None:
        """Close what is over of the job, as at its end."""
        data_of(close_dispatches(self.ctx, job.job_id, 1))

    def end(self, job: CreatedJob) -> None:
        """End the job by hand."""
        params = UpdateJobStatusParams(job.job_id, "failed", "unknown", "ended by the operator")
        data_of(update_job_status(self.ctx, params))

    def cancel(self, job: CreatedJob) -> None:
        """Cancel what waits of the job."""
        data_of(cancel_job(self.ctx, job.job_id))

    def retry(self, job: CreatedJob) -> None:
        """Put the failed item back."""
        assert data_of(retry_failed_items(self.ctx, RetryFailedItemsParams(job.job_id))).retried_count == 1

    def skipped(self, job: CreatedJob) -> RejectedOrder:
        """Try to put the failed item back, which must be refused, and return why."""
        result = retry_failed_items(self.ctx, RetryFailedItemsParams(job.job_id))
        refused = failure_of(result, "INVALID", "nothing_to_retry")
        [skipped] = cast("list[RejectedOrder]", refused.details["skipped"])
        assert skipped.item_id == job.items[0].item_id
        return skipped

    def write_number(self, order_id: UUID, number: str | None) -> None:
        """Write the order's number by hand, or clear it."""
        data_of(update_order(self.ctx, UpdateOrderParams(order_id, tracking_number=number)))

    def settle(self, job: CreatedJob, **said: Any) -> DomainResult[SettledItems]:
        """Say what a person found at the carrier."""
        shared = said.pop("allow_shared_number", False)
        settlement = Settlement(job.items[0].item_id, **said)
        return settle_items(self.ctx, SettleItemsParams(job.job_id, [settlement], None, shared))

    def let_deadline_pass(self, job: CreatedJob, system_url: str) -> None:
        """Let the hand-over's deadline pass, and do what the schedule does."""
        self.owner.execute(
            "UPDATE robot_job_dispatches SET deadline_at = now() - interval '1 minute' WHERE job_id = %s", [job.job_id]
        )
        close_connection()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DATABASE_URL", system_url)
            expire_dispatches()
            close_connection()

    def item(self, job: CreatedJob) -> Known:
        """Return what stands on the job's item."""
        rows = self.owner.cursor(row_factory=class_row(Known)).execute(
            "SELECT status, shipment, holds, tracking_number, error_type, error_message, closed_by, other_numbers,"
            " value_sent, voided_at IS NOT NULL AS is_voided FROM robot_job_items WHERE job_id = %s",
            [job.job_id],
        )
        [item] = rows.fetchall()
        return item

    def number(self, order_id: UUID) -> str | None:
        """Return the order's number."""
        [(number,)] = self.owner.execute("SELECT tracking_number FROM orders WHERE id = %s", [order_id]).fetchall()
        return number if number is None else str(number)

    def changes(self) -> list[dict[str, Any]]:
        """Return of each change of an order what automations were told."""
        return events_of(self.owner, self.ctx.workspace_id, "automation/field.changed")

    def number_change(self, order_id: UUID, previous: str | None, new: str | None) -> dict[str, Any]:
        """Return what automations are told, all of it, of an order whose number changes."""
        query = "SELECT contact_id FROM orders WHERE id = %s"
        [(contact_id,)] = self.owner.execute(query, [order_id]).fetchall()
        return {
            "workspaceId": str(self.ctx.workspace_id),
            "entityType": "order",
            "entityId": str(order_id),
            "fieldName": "tracking_number",
            "previousValue": previous,
            "newValue": new,
            "contactId": str(contact_id),
            "cascadeDepth": 0,
        }

    def duplicated(self) -> list[tuple[str, str | None, str | None]]:
        """Return of each `robot/shipment.duplicated` the item, its number, and the number that came first."""
        return [
            (each["itemId"], each.get("trackingNumber"), each.get("firstTrackingNumber"))
            for each in events_of(self.owner, self.ctx.workspace_id, "robot/shipment.duplicated")
        ]

    def assert_sound(self) -> None:
        """Check that nothing is wrong in the workspace."""
        assert audit(self.owner, workspace_id=self.ctx.workspace_id) == []


def open_shop(owner: Connection, ctx: DomainContext) -> Shop:
    """Give a workspace whose carrier is configured."""
    make_carrier_config(owner, ctx.workspace_id)
    return Shop(owner, ctx)


def order_of(job: CreatedJob) -> UUID:
    """Return the job's order."""
    return job.items[0].order_id
