"""The database and the model side by side, compared after every step of the state machine."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

from hypothesis.stateful import RuleBasedStateMachine, invariant
from psycopg import Connection

from shared.db.audit import audit
from shared.domain import DomainContext, Expired, expire_dispatches
from shared.domain.ids import uuid7
from tests.factories import make_carrier_config, make_orders
from tests.functional.machine_model import Dispatch, Item, Job

ORDERS = 12


@dataclass
class World:
    """The database under test, and the functions that need another role than the app's."""

    owner: Connection
    system: ThreadPoolExecutor
    steps: int = 0

    def expire(self) -> Expired:
        """Run what the schedule runs, as the system role."""
        return self.system.submit(expire_dispatches).result()


class Mirror(RuleBasedStateMachine):
    """One workspace with a dozen orders, and what it should look like."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.owner = self.world.owner
        self.owner.execute("TRUNCATE contacts, orders, carrier_configs, robot_jobs, outbox CASCADE")
        self.ctx = DomainContext(uuid7(), "test")
        self.order_ids = make_orders(self.owner, self.ctx.workspace_id, ORDERS)
        make_carrier_config(self.owner, self.ctx.workspace_id)
        self.jobs: list[Job] = []
        self.keys: set[str] = set()
        self.hand_overs: list[tuple[Job, Dispatch]] = []
        self.numbers: dict[UUID, str | None] = dict.fromkeys(self.order_ids)
        self.told_numbers: list[tuple[str, str]] = []
        self.submitted: list[tuple[str, int]] = []
        self.is_configured = True
        self.world.steps -= 1  # the look at the empty workspace is no step

    @invariant()
    def nothing_is_wrong(self) -> None:
        self.world.steps += 1
        assert audit(self.owner) == []

    @invariant()
    def the_database_is_the_model(self) -> None:
        rows = self.owner.execute(_STATE).fetchall()
        found = {kind: sorted(tuple(row) for each, row in rows if each == kind) for kind in _KINDS}
        assert found == {kind: sorted(rows) for kind, rows in self._expected().items()}

    def _expected(self) -> dict[str, list[tuple[object, ...]]]:
        items = [(job, item) for job in self.jobs for item in job.items]
        return {
            "job": [
                (str(job.id), job.status, job.dispatch, len(job.items), job.count("success"), job.count("error"))
                for job in self.jobs
            ],
            "item": [
                (
                    *(str(item.id), item.status, item.dispatch, item.number, item.error_type, item.retry_count),
                    *(item.shipment, item.holds),
                )
                for _, item in items
            ],
            "outcomes": [(str(item.id), *item.outcomes) for _, item in items if item.outcomes],
            "dispatch": [(str(job.id), each.number, each.status, each.attempts) for job, each in self.hand_overs],
            "order": [(str(order_id), number or "none") for order_id, number in self.numbers.items()],
            "end": [(str(job.id), *end) for job in self.jobs for end in job.ends],
            "submitted": list(self.submitted),
            "number": list(self.told_numbers),
        }

    def _job(self, n: int) -> Job:
        return self.jobs[n % len(self.jobs)]

    def _one_of(self, statuses: tuple[str, ...], n: int) -> tuple[Job, Dispatch]:
        found = [each for each in self.hand_overs if each[1].status in statuses]
        return found[n % len(found)]

    def _others(self, order_id: UUID, item: Item | None = None) -> list[Item]:
        every_item = [each for job in self.jobs for each in job.items]
        return [each for each in every_item if each.order_id == order_id and each is not item]

    def _blocked(self, order_id: UUID, item: Item | None = None) -> str | None:
        """Return why the guard stops an order, or its item."""
        others = self._others(order_id, item)
        if self.numbers[order_id] is not None or any(each.status == "success" for each in others):
            return "already_shipped"
        if (item is not None and item.is_unsettled) or any(each.is_unsettled for each in others):
            return "shipment_unsettled"
        return "order_in_open_job" if any(each.is_open for each in others) else None

    def _submit(self, job: Job) -> None:
        self.hand_overs.append((job, job.dispatches[-1]))
        self.submitted.append((str(job.id), job.dispatch))


_KINDS = ("job", "item", "outcomes", "dispatch", "order", "end", "submitted", "number")

# What the model knows, a row each.
_STATE = """
SELECT 'job', json_build_array(id, status, dispatch, total_items, success_count, error_count) FROM robot_jobs
UNION ALL
SELECT 'item', json_build_array(id, status, dispatch, tracking_number, error_type, retry_count, shipment, holds)
  FROM robot_job_items
UNION ALL
SELECT 'outcomes', to_json(item_id::text || array_agg(outcome ORDER BY id))
  FROM robot_job_item_reports WHERE source = 'robot' GROUP BY item_id
UNION ALL
SELECT 'dispatch', json_build_array(job_id, dispatch, status, attempts) FROM robot_job_dispatches
UNION ALL
SELECT 'order', json_build_array(id, coalesce(tracking_number, 'none')) FROM orders
UNION ALL
SELECT 'end', json_build_array(detail -> 'jobId', detail -> 'status', detail -> 'dispatch', detail -> 'successCount',
                               detail -> 'errorCount')
  FROM outbox WHERE detail_type = 'robot/job.completed'
UNION ALL
SELECT 'submitted', json_build_array(detail -> 'jobId', detail -> 'dispatch')
  FROM outbox WHERE detail_type = 'robot/job.submitted'
UNION ALL
SELECT 'number', json_build_array(detail -> 'orderId', detail -> 'trackingNumber')
  FROM outbox WHERE detail_type = 'automation/robot.coord.completed'
"""
