"""The database and the model side by side, compared after every step of the state machine."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

from hypothesis.stateful import RuleBasedStateMachine, invariant
from psycopg import Connection

from shared.db.audit import audit
from shared.domain import DispatchRef, DomainContext, Expired, expire_dispatches, note_restarted
from shared.domain.ids import uuid7
from tests.factories import make_carrier_config, make_orders
from tests.functional.machine_model import WITH_ROBOT, Item, Job, Wave

ORDERS = 20
#: The second one is there for its turns: of each carrier one wave is with the robot, of both one call is under way.
CARRIERS = ("coordinadora", "another")


@dataclass
class World:
    """The database under test, and the functions that need another role than the app's."""

    owner: Connection
    system: ThreadPoolExecutor
    steps: int = 0

    def expire(self) -> Expired:
        """Run what the schedule runs, as the system role."""
        return self.system.submit(expire_dispatches).result()

    def note_restarted(self, workspace_id: UUID, wave: DispatchRef) -> int:
        """Note, as the system role, that the robot of a wave has restarted."""
        return self.system.submit(note_restarted, [(workspace_id, wave)]).result()


class Mirror(RuleBasedStateMachine):
    """One workspace with some orders, and what it should look like."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.owner = self.world.owner
        self.owner.execute("TRUNCATE contacts, orders, carrier_configs, robot_jobs, outbox CASCADE")
        self.ctx = DomainContext(uuid7(), "test")
        self.order_ids = make_orders(self.owner, self.ctx.workspace_id, ORDERS)
        make_carrier_config(self.owner, self.ctx.workspace_id)
        self.owner.execute("UPDATE carrier_configs SET stop_after_errors = 2")
        self.owner.execute(_ANOTHER_CARRIER)
        self.jobs: list[Job] = []
        self.keys: set[str] = set()
        self.numbers: dict[UUID, str | None] = dict.fromkeys(self.order_ids)
        self.told_numbers: list[tuple[str, str]] = []
        self.submitted: list[tuple[str, int]] = []
        self.is_enabled = True
        self.wave_size = 25
        self.stop_after = 2
        self.world.steps -= 1  # the look at the empty workspace is no step

    @invariant()
    def nothing_is_wrong(self) -> None:
        self.world.steps += 1
        assert audit(self.owner) == []

    @invariant()
    def the_database_is_the_model(self) -> None:
        rows = Counter((kind, str(row)) for kind, row in self.owner.execute(_STATE))
        expected = Counter((kind, str(list(row))) for kind, rows in self._expected().items() for row in rows)
        assert rows == expected, f"the database: {list(rows - expected)}, the model: {list(expected - rows)}"

    def _expected(self) -> dict[str, Sequence[tuple[object, ...]]]:
        items = [(job, item) for job in self.jobs for item in job.items]
        return {
            "job": [
                (
                    *(str(job.id), job.status, job.dispatch, job.wave_size, job.priority),
                    *(len(job.items), job.count("success"), job.count("error"), *(job.paused or (None, None))),
                )
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
            "wave": [
                (str(job.id), wave.number, wave.size, wave.status, wave.attempts, _is_called(wave))
                for job, wave in self._waves()
            ],
            "order": [(str(order_id), number or "none") for order_id, number in self.numbers.items()],
            "end": [(str(job.id), *end) for job in self.jobs for end in job.ends],
            "pause": [(str(job.id), *pause) for job in self.jobs for pause in job.pauses],
            "submitted": self.submitted,
            "number": self.told_numbers,
        }

    def _waves(self, *statuses: str) -> list[tuple[Job, Wave]]:
        """Every wave, or those of some statuses."""
        return [(job, wave) for job in self.jobs for wave in job.waves if not statuses or wave.status in statuses]

    def _job(self, n: int) -> Job:
        return self.jobs[n % len(self.jobs)]

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

    def _move_on(self, begun: Job | None = None) -> int:
        """Close waves that are over, make the next ones, tell whose turn it is; return to how many it has come.

        Of a job that was submitted or retried just now the first wave is told at once.
        """
        for job in self.jobs:
            job.close_wave()
            made = job.make_wave()
            if made is not None and job is begun:
                self._tell(job, made)
        in_turn = [turn for carrier in CARRIERS if (turn := self._turn(carrier)) is not None]
        came = [(job, wave) for job, wave in in_turn if not wave.is_called]
        for _, wave in self._waves("waiting"):
            wave.is_called = any(wave is each for _, each in in_turn)
        for job, wave in came:
            wave.is_scheduled = False
            self._tell(job, wave)
        return len(came)

    def _tell(self, job: Job, wave: Wave) -> None:
        self.submitted.append((str(job.id), wave.number))
        wave.is_called = True

    def _turn(self, carrier: str) -> tuple[Job, Wave] | None:
        """Return the wave whose turn it is: an urgent job's before a normal one's, then the oldest job's."""
        with_robot = self._waves(*WITH_ROBOT)
        assert sum(wave.status == "claimed" for _, wave in with_robot) <= 1
        assert sum(job.carrier == carrier for job, _ in with_robot) <= 1
        is_held = carrier == CARRIERS[0] and not self.is_enabled
        if is_held or any(job.carrier == carrier or wave.status == "claimed" for job, wave in with_robot):
            return None
        ready = [(job, wave) for job, wave in self._waves("waiting") if job.carrier == carrier and job.paused is None]
        return min(ready, key=lambda each: (each[0].priority != "urgent", self.jobs.index(each[0])), default=None)


def _is_called(wave: Wave) -> bool | None:
    """Whether its turn has come; of a wave that does not wait, nothing depends on it."""
    return wave.is_called if wave.status == "waiting" else None


_ANOTHER_CARRIER = """
INSERT INTO carrier_configs (workspace_id, carrier, portal_username, portal_password_sealed, robot_url)
SELECT workspace_id, 'another', portal_username, portal_password_sealed, robot_url FROM carrier_configs
"""

# What the model knows, a row each.
_STATE = """
SELECT 'job', json_build_array(id, status, dispatch, wave_size, priority, total_items, success_count, error_count,
                               paused_reason, nullif(paused_message, ''))
  FROM robot_jobs
UNION ALL
SELECT 'item', json_build_array(id, status, dispatch, tracking_number, error_type, retry_count, shipment, holds)
  FROM robot_job_items
UNION ALL
SELECT 'outcomes', to_json(item_id::text || array_agg(outcome ORDER BY id))
  FROM robot_job_item_reports WHERE source = 'robot' GROUP BY item_id
UNION ALL
SELECT 'wave', json_build_array(job_id, dispatch, item_count, status, attempts,
                                CASE WHEN status = 'waiting' THEN called_at IS NOT NULL END)
  FROM robot_job_dispatches
UNION ALL
SELECT 'order', json_build_array(id, coalesce(tracking_number, 'none')) FROM orders
UNION ALL
SELECT 'end', json_build_array(detail -> 'jobId', detail -> 'status', detail -> 'dispatch', detail -> 'successCount',
                               detail -> 'errorCount')
  FROM outbox WHERE detail_type = 'robot/job.completed'
UNION ALL
SELECT 'pause', json_build_array(detail -> 'jobId', detail -> 'reason', detail -> 'message', detail -> 'dispatch')
  FROM outbox WHERE detail_type = 'robot/job.paused'
UNION ALL
SELECT 'submitted', json_build_array(detail -> 'jobId', detail -> 'dispatch')
  FROM outbox WHERE detail_type = 'robot/job.submitted'
UNION ALL
SELECT 'number', json_build_array(detail -> 'orderId', detail -> 'trackingNumber')
  FROM outbox WHERE detail_type = 'automation/robot.coord.completed'
"""
