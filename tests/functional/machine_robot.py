"""What the robot and the calls of it do, to the program and to the model alike."""

from uuid import UUID

from shared.domain import (
    DispatchRef,
    HandOver,
    NoHandOver,
    Postponed,
    UpdateJobItemResultParams,
    claim_dispatch,
    note_accepted,
    note_refused,
    note_unknown,
    release_dispatch,
    update_job_item_result,
    update_job_item_results,
)
from tests.factories import data_of
from tests.functional.machine_mirror import CARRIERS, Mirror
from tests.functional.machine_model import OPEN, SURE, Item, Job, Report, Wave


class Robot(Mirror):
    """Claims, answers and reports."""

    def _turn_back(self, job: Job, wave: Wave, assignment: str) -> None:
        statement = f"UPDATE robot_job_dispatches SET {assignment} WHERE job_id = %s AND dispatch = %s"  # noqa: S608 - ours
        self.owner.execute(statement.encode(), [job.id, wave.number])

    def _wait_for_next_try(self, job: Job, wave: Wave) -> None:
        if wave.is_scheduled:
            self._turn_back(job, wave, "next_attempt_at = now()")
            wave.is_scheduled = False

    def _claim(self, job: Job, wave: Wave, *, has_password: bool = True) -> None:
        result = data_of(claim_dispatch(self.ctx, DispatchRef(job.id, wave.number)))
        if wave.status != "waiting" or not wave.is_called or wave.is_scheduled:
            assert isinstance(result, NoHandOver), result
            return
        if not has_password:
            assert isinstance(result, NoHandOver)
            self._end_unsent(job, wave, "validation")
            return
        items = job.open_items(wave.number)
        passed = [item for item in items if self._blocked(item.order_id, item) is None]
        job.close_items([item for item in items if item not in passed], "validation")
        if passed:
            assert isinstance(result, HandOver)
            assert [item.item_id for item in result.items] == [item.id for item in passed]
            wave.status, wave.size = "claimed", len(passed)
            wave.attempts += 1
            for item in passed:
                item.shipment, item.holds = "possible", True
        else:
            assert isinstance(result, NoHandOver)
        self._move_on()

    def _answer(self, job: Job, wave: Wave, what: str) -> None:
        ref, is_claimed = DispatchRef(job.id, wave.number), wave.status == "claimed"
        if what in {"accepted", "unknown"}:
            data_of(note_accepted(self.ctx, ref) if what == "accepted" else note_unknown(self.ctx, ref))
            if is_claimed:
                job.begin(wave, what)
        elif what == "refused":
            data_of(note_refused(self.ctx, ref, "no such portal"))
            if is_claimed:
                wave.status = "closed"
                self._prove_none(job, wave)
                job.close_items(job.open_items(wave.number), "portal", shipment="none")
        else:
            self._release(job, wave, what)
        self._move_on()

    def _release(self, job: Job, wave: Wave, reason: str) -> None:
        result = data_of(release_dispatch(self.ctx, DispatchRef(job.id, wave.number), reason, "later"))  # type: ignore[arg-type] # one of the two
        if wave.status != "claimed":
            assert isinstance(result, NoHandOver)
            return
        is_too_long = wave.refuse(reason)
        wave.status = "waiting"
        self._prove_none(job, wave)
        for item in job.open_items(wave.number):
            item.shipment = "none"
        if is_too_long:
            assert result == NoHandOver("given up")
            self._end_unsent(job, wave, "portal")
            return
        # It gives way to a more urgent one; else it has its turn still, and a message of its own.
        wave.is_called = True
        self._move_on()
        if wave.status == "waiting" and wave.is_called:
            assert result == Postponed(min(5 * 2 ** (wave.attempts - 1), 120))
            self._turn_back(job, wave, "next_attempt_at = now() + interval '1 hour'")
            wave.is_scheduled = True
        else:
            assert isinstance(result, NoHandOver)

    def _end_unsent(self, job: Job, wave: Wave, error_type: str) -> None:
        wave.status = "closed"
        self._prove_none(job, wave)
        job.close_items([item for item in job.items if item.is_unsent], error_type)
        self._move_on()

    def _prove_none(self, job: Job, wave: Wave) -> None:
        for item in job.items:
            if item.dispatch == wave.number:
                item.prove_none()

    def _record(self, batch: list[Report]) -> None:
        params = [
            UpdateJobItemResultParams(
                each.item_id,
                each.status,  # type: ignore[arg-type] # success or error
                tracking_number=each.number,
                error_type=each.error_type if each.status == "error" else None,  # type: ignore[arg-type] # one of them
                error_message=each.words,
                dispatch=each.dispatch,
            )
            for each in batch
        ]
        if len(params) == 1:
            outcomes = [data_of(update_job_item_result(self.ctx, params[0])).outcome]
        else:
            outcomes = [each.outcome for each in data_of(update_job_item_results(self.ctx, params))]
        assert outcomes == self._report_to_the_model(batch)
        self._move_on()

    def _report_to_the_model(self, batch: list[Report]) -> list[str]:
        where = {item.id: (job, item) for job in self.jobs for item in job.items}
        outcome_of: dict[int, str] = {}
        waiting = [report for report in batch if report.item_id in where]
        while waiting:
            # Of an order, the reports about one item at a time.
            first: dict[UUID, UUID] = {}
            for report in waiting:
                first.setdefault(where[report.item_id][1].order_id, report.item_id)
            turn = [report for report in waiting if report.item_id in first.values()]
            waiting = [report for report in waiting if report not in turn]
            self._yield_to(turn, where)
            outcome_of |= self._take(turn, where)
        recorded = [report for report in batch if outcome_of.get(id(report)) == "recorded"]
        for job in self.jobs:
            of_job = [report for report in recorded if where[report.item_id][0] is job]
            job.follow(of_job, self.stop_after if job.carrier == CARRIERS[0] else 5)
        return [outcome_of.get(id(report), "not_found") for report in batch]

    def _yield_to(self, turn: list[Report], where: dict[UUID, tuple[Job, Item]]) -> None:
        """Let other items give up their hold where a success takes it; one that no robot has ends."""
        shipped = [where[report.item_id][1] for report in turn if report.status == "success"]
        for item in shipped:
            if item.status == "success" or item.holds:
                continue
            for other in self._others(item.order_id, item):
                if other.holds and other.shipment == "none":
                    where[other.id][0].close_items([other], "validation")
                elif other.holds and other.shipment != "made":
                    other.holds = False

    def _take(self, turn: list[Report], where: dict[UUID, tuple[Job, Item]]) -> dict[int, str]:
        outcomes: dict[int, str] = {}
        jobs = {id(where[report.item_id][0]): where[report.item_id][0] for report in turn}
        before = {key: (job.count(*OPEN) > 0, job.count("success")) for key, job in jobs.items()}
        for report in turn:
            job, item = where[report.item_id]
            outcomes[id(report)] = outcome = item.judge(report)
            item.outcomes.append(outcome)
            if outcome == "recorded" and report.status == "success":
                self._ship(job, item, report.number)
            elif outcome == "recorded" and item.status == "error":
                item.prove_none()
            elif outcome == "recorded":
                shipment = "none" if report.error_type in SURE else "possible"
                item.fail(report.error_type, "robot", shipment=shipment)
        for key, job in jobs.items():
            had_open_items, successes = before[key]
            job.count_reports(had_open_items=had_open_items, successes=successes)
        return outcomes

    def _ship(self, job: Job, item: Item, number: str | None) -> None:
        on_order = self.numbers[item.order_id]
        is_other = number is not None and on_order is not None and on_order != number
        if item.status != "success":
            is_second = is_other or any(each.shipment == "made" for each in self._others(item.order_id, item))
            item.status, item.error_type, item.closed_by = "success", None, "robot"
            item.shipment, item.holds = ("second", False) if is_second else ("made", True)
        elif item.holds and is_other:
            item.shipment, item.holds = "second", False
        if number is not None:
            item.number = number
            # The event is named after Coordinadora, and is of its shipments alone.
            if job.carrier == CARRIERS[0]:
                self.told_numbers.append((str(item.order_id), number))
            if item.shipment == "made" and item.holds:
                self.numbers[item.order_id] = number
