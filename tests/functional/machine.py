"""A Hypothesis state machine over one workspace: each rule acts on the program and on the model alike."""

from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
)

from shared.domain import (
    CreateRobotJobParams,
    DispatchRef,
    DomainResult,
    Expired,
    HandOver,
    NoHandOver,
    Postponed,
    RetryFailedItemsParams,
    UpdateJobItemResultParams,
    UpdateJobStatusParams,
    UpdateOrderParams,
    cancel_job,
    claim_dispatch,
    close_dispatches,
    create_robot_job,
    note_accepted,
    note_refused,
    note_unknown,
    release_dispatch,
    retry_failed_items,
    update_job_item_result,
    update_job_item_results,
    update_job_status,
    update_order,
)
from shared.domain.ids import uuid7
from tests.factories import data_of
from tests.functional.machine_mirror import ORDERS, Mirror
from tests.functional.machine_model import ENDED, OPEN, RUNNING, Dispatch, Item, Job, Report

ANSWERS = ("accepted", "accepted", "unknown", "refused", "busy", "unreachable", "given up")

pick = st.integers(0, 59)
reports = st.lists(
    st.tuples(pick, st.sampled_from(["success", "error"]), st.sampled_from([None, "A", "B"]), st.integers(-2, 2)),
    min_size=1,
    max_size=4,
)


class RobotJobsMachine(Mirror):
    """One workspace with six orders; each rule does something to the program and to the model."""

    @initialize()
    def begin_with_two_jobs(self) -> None:
        self.create([0, 1, 2], None)
        self.create([3, 4], None)

    # --- Operators -------------------------------------------------------------------------------------------------
    @rule(
        order_picks=st.lists(st.integers(0, ORDERS - 1), min_size=1, max_size=4, unique=True),
        key=st.sampled_from([None, None, "k1", "k2"]),
    )
    def create(self, order_picks: list[int], key: str | None) -> None:
        order_ids = [self.order_ids[n] for n in order_picks]
        result = create_robot_job(self.ctx, CreateRobotJobParams(order_ids, idempotency_key=key))
        if key in self.keys:
            refused(result, "duplicate_job")
        elif blocked := [why for order_id in order_ids if (why := self._blocked(order_id))]:
            refused(result, blocked[0])
        else:
            made = data_of(result)
            job = Job(made.job_id, [Item(item.item_id, item.order_id) for item in made.items])
            self.keys |= {key} if key else set()
            self.jobs.append(job)
            self._submit(job)

    @rule(n=pick, named=st.none() | st.lists(pick, min_size=1, max_size=3))
    def retry(self, n: int, named: list[int] | None) -> None:
        with_errors = [job for job in self.jobs if job.count("error")]
        job = with_errors[n % len(with_errors)] if with_errors and n % 7 else self._job(n)
        items = failed = [item for item in job.items if item.status == "error"]
        if named is not None:
            # Now and then one that is no failed item.
            among = failed if failed and n % 5 else job.items
            items = list({id(item): item for item in (among[m % len(among)] for m in named)}.values())
        ids = None if named is None else [item.id for item in items]
        result = retry_failed_items(self.ctx, RetryFailedItemsParams(job.id, ids))
        if any(item.status != "error" for item in items):
            refused(result, "invalid_items")
        elif passed := [item for item in items if self._blocked(item.order_id, item) is None]:
            retried = data_of(result)
            assert retried.item_ids == sorted(item.id for item in passed)
            assert {each.item_id: each.code for each in retried.skipped} == {
                item.id: self._blocked(item.order_id, item) for item in items if item not in passed
            }
            job.retry(passed)
            self._submit(job)
        else:
            refused(result, "nothing_to_retry")

    @rule(n=pick, status=st.sampled_from(["processing", "processing", "pending", "completed", "failed"]))
    def move_by_hand(self, n: int, status: str) -> None:
        job = self._job(n)
        result = update_job_status(self.ctx, UpdateJobStatusParams(job.id, status, "portal", "by hand"))  # type: ignore[arg-type] # one of the four
        allowed = {"pending": {"processing", "failed"}, "processing": {"completed", "failed"}}
        if status == job.status:
            data_of(result)
        elif status not in allowed.get(job.status, set()):
            refused(result, "invalid_transition")
        elif status in ENDED:
            job.close_items("portal", status=status, closed_by="person")
        else:
            job.status = status

    @rule(n=pick)
    def cancel(self, n: int) -> None:
        job = self._job(n)
        result = cancel_job(self.ctx, job.id)
        if job.has_ended:
            refused(result, "invalid_transition")
            return
        had_open_items = bool(job.open_items())
        count = 0
        for dispatch in job.dispatches:
            if dispatch.status == "waiting":
                dispatch.status = "closed"
                for item in job.open_items(dispatch.number):
                    item.fail("validation", "system", is_none_made=True)
                    count += 1
        job.settle(had_open_items=had_open_items)
        assert data_of(result).cancelled_count == count

    @rule(n=pick, number=st.sampled_from([None, "by hand"]))
    def correct_a_number(self, n: int, number: str | None) -> None:
        order_id = self.order_ids[n % ORDERS]
        data_of(update_order(self.ctx, UpdateOrderParams(order_id, tracking_number=number, allow_shared_number=True)))
        self.numbers[order_id] = number

    # --- The robot -------------------------------------------------------------------------------------------------
    @rule(drawn=reports)
    def report(self, drawn: list[tuple[int, str, str | None, int]]) -> None:
        every_item = [item for job in self.jobs for item in job.items]
        batch: list[Report] = []
        for n, status, letter, ahead in drawn:
            among = [item for item in every_item if item.is_open or n % 2] or every_item
            item = among[n % len(among)]
            dispatch = None if ahead > 1 else max(item.dispatch + ahead, 1)
            number = f"{letter}{n % len(every_item)}" if letter and status == "success" else None
            batch.append(Report(item.id, status, number, dispatch=dispatch))
        self._record([*batch, Report(uuid7(), "success", "X")] if len(batch) > 1 else batch)

    @rule(n=pick, status=st.sampled_from(["success", "error"]), with_number=st.booleans())
    def report_an_open_item(self, n: int, status: str, with_number: bool) -> None:  # noqa: FBT001 - Hypothesis draws it
        waiting = [item for job in self.jobs for item in job.open_items()]
        if waiting:
            item = waiting[n % len(waiting)]
            number = f"C{n}" if with_number and status == "success" else None
            self._record([Report(item.id, status, number, dispatch=item.dispatch)])

    # --- The hand-over ---------------------------------------------------------------------------------------------
    @rule(n=pick)
    def claim(self, n: int) -> None:
        # Mostly one that waits, and not its turn as often as its turn; now and then another.
        waiting = [each for each in self.hand_overs if each[1].status == "waiting"]
        among = waiting if waiting and n % 5 else self.hand_overs
        self._claim(*among[n % len(among)])

    @rule(n=pick)
    def claim_without_a_configuration(self, n: int) -> None:
        self.is_configured = False
        self.owner.execute("UPDATE carrier_configs SET is_enabled = false")
        self._claim(*self.hand_overs[n % len(self.hand_overs)])
        self.is_configured = True
        self.owner.execute("UPDATE carrier_configs SET is_enabled = true")

    @rule(what=st.sampled_from([*ANSWERS, None]))
    def claim_the_next(self, what: str | None) -> None:
        waiting = [each for each in self.hand_overs if each[1].status == "waiting"]
        if waiting:
            self._claim(*waiting[0])
            if what is not None:
                self._answer(*waiting[0], what)

    @rule(n=pick, what=st.sampled_from(ANSWERS))
    def answer(self, n: int, what: str) -> None:
        claimed = [each for each in self.hand_overs if each[1].status == "claimed"]
        # Mostly one that is claimed, now and then another: then nothing happens.
        among = claimed if claimed and n % 5 else self.hand_overs
        self._answer(*among[n % len(among)], what)

    @rule(n=pick)
    def complete(self, n: int) -> None:
        job = self._job(n)
        data_of(close_dispatches(self.ctx, job.id))
        for dispatch in job.dispatches:
            if not job.open_items(dispatch.number):
                dispatch.status = "closed"

    # --- Time ------------------------------------------------------------------------------------------------------
    @precondition(lambda self: any(dispatch.status in RUNNING for _, dispatch in self.hand_overs))
    @rule(n=pick)
    def reach_a_deadline(self, n: int) -> None:
        job, dispatch = self._one_of(RUNNING, n)
        self._turn_back(job, dispatch, "deadline_at = now() - interval '1 minute'")
        assert self.world.expire() == Expired(len(job.open_items(dispatch.number)), 0, 0)
        self._close(job, dispatch, "timeout", "deadline")

    @precondition(lambda self: any(dispatch.status == "claimed" for _, dispatch in self.hand_overs))
    @rule(n=pick, by_schedule=st.booleans())
    def lose_a_claim(self, n: int, by_schedule: bool) -> None:  # noqa: FBT001 - Hypothesis draws it
        job, dispatch = self._one_of(("claimed",), n)
        self._turn_back(job, dispatch, "claimed_at = now() - interval '3 minutes'")
        if by_schedule:
            assert self.world.expire() == Expired(0, 1, 0)
        else:
            assert isinstance(data_of(claim_dispatch(self.ctx, DispatchRef(job.id, dispatch.number))), NoHandOver)
        job.begin(dispatch.number, "unknown")

    @precondition(lambda self: any(dispatch.status == "waiting" for _, dispatch in self.hand_overs))
    @rule(n=pick)
    def lose_a_message(self, n: int) -> None:
        job, dispatch = self._one_of(("waiting",), n)
        self._turn_back(job, dispatch, "next_attempt_at = now() - interval '10 minutes'")
        assert self.world.expire() == Expired(0, 0, 1)
        self.submitted.append((str(job.id), dispatch.number))

    # --- What the rules share --------------------------------------------------------------------------------------
    def _close(self, job: Job, dispatch: Dispatch, error_type: str, closed_by: str = "system") -> None:
        dispatch.status = "closed"
        if closed_by == "system":
            self._prove_none(job, dispatch)
        job.close_items(error_type, dispatch.number, closed_by=closed_by)

    def _prove_none(self, job: Job, dispatch: Dispatch) -> None:
        for item in job.items:
            if item.dispatch == dispatch.number:
                item.prove_none()

    def _turn_back(self, job: Job, dispatch: Dispatch, assignment: str) -> None:
        statement = f"UPDATE robot_job_dispatches SET {assignment} WHERE job_id = %s AND dispatch = %s"  # noqa: S608 - ours
        self.owner.execute(statement.encode(), [job.id, dispatch.number])

    def _claim(self, job: Job, dispatch: Dispatch) -> None:
        is_scheduled = self.owner.execute(_IS_SCHEDULED, [job.id, dispatch.number]).fetchone() == (True,)
        result = data_of(claim_dispatch(self.ctx, DispatchRef(job.id, dispatch.number)))
        if dispatch.status != "waiting":
            assert isinstance(result, NoHandOver)
            return
        items = job.open_items(dispatch.number)
        first = next(each for _, each in self.hand_overs if each.status == "waiting")
        if not items or not self.is_configured:
            assert isinstance(result, NoHandOver)
            self._close(job, dispatch, "validation")
        elif first is not dispatch:
            assert isinstance(result, NoHandOver if is_scheduled else Postponed)
        else:
            passed = [item for item in items if self._blocked(item.order_id, item) is None]
            for item in items:
                if item in passed:
                    item.shipment, item.holds = "possible", True
                else:
                    item.fail("validation", "system", is_none_made=True)
            job.settle(had_open_items=True)
            if passed:
                assert isinstance(result, HandOver)
                assert [item.item_id for item in result.items] == [item.id for item in passed]
                dispatch.status = "claimed"
                dispatch.attempts += 1
            else:
                assert isinstance(result, NoHandOver)
                dispatch.status = "closed"

    def _answer(self, job: Job, dispatch: Dispatch, what: str) -> None:
        ref, is_claimed = DispatchRef(job.id, dispatch.number), dispatch.status == "claimed"
        if what in {"accepted", "unknown"}:
            data_of(note_accepted(self.ctx, ref) if what == "accepted" else note_unknown(self.ctx, ref))
            if is_claimed:
                job.begin(dispatch.number, what)
        elif what == "refused":
            data_of(note_refused(self.ctx, ref, "no such portal"))
            if is_claimed:
                self._close(job, dispatch, "portal")
        else:
            self._release(job, dispatch, what)

    def _release(self, job: Job, dispatch: Dispatch, what: str) -> None:
        ref, is_claimed = DispatchRef(job.id, dispatch.number), dispatch.status == "claimed"
        if what == "given up":
            self._turn_back(job, dispatch, "refused_as = 'busy', refused_since = now() - interval '25 hours'")
        result = data_of(release_dispatch(self.ctx, ref, "unreachable" if what == "unreachable" else "busy", "later"))
        if not is_claimed:
            assert isinstance(result, NoHandOver)
        elif what == "given up" or (what == "busy" and dispatch.refused_as == "given up"):
            assert result == NoHandOver("given up")
            self._close(job, dispatch, "portal")
        else:
            assert result == Postponed(min(5 * 2 ** (dispatch.attempts - 1), 120))
            dispatch.status = "waiting"
            for item in job.open_items(dispatch.number):
                item.shipment = "none"
            self._prove_none(job, dispatch)
        dispatch.refused_as = what if is_claimed or what == "given up" else dispatch.refused_as

    def _record(self, batch: list[Report]) -> None:
        params = [
            UpdateJobItemResultParams(
                each.item_id,
                each.status,  # type: ignore[arg-type] # success or error
                tracking_number=each.number,
                error_type="portal" if each.status == "error" else None,
                dispatch=each.dispatch,
            )
            for each in batch
        ]
        if len(params) == 1:
            outcomes = [data_of(update_job_item_result(self.ctx, params[0])).outcome]
        else:
            outcomes = [each.outcome for each in data_of(update_job_item_results(self.ctx, params))]
        assert outcomes == self._report_to_the_model(batch)

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
        return [outcome_of.get(id(report), "not_found") for report in batch]

    def _yield_to(self, turn: list[Report], where: dict[UUID, tuple[Job, Item]]) -> None:
        """Let other items give up their hold where a success takes it; one that no robot has ends."""
        shipped = [where[report.item_id][1] for report in turn if report.status == "success"]
        ended: list[Job] = []
        for item in shipped:
            if item.status == "success" or item.holds:
                continue
            for other in self._others(item.order_id, item):
                if other.holds and other.shipment == "none":
                    other.fail("validation", "system", is_none_made=True)
                    ended.append(where[other.id][0])
                elif other.holds and other.shipment != "made":
                    other.holds = False
        for job in {id(job): job for job in ended}.values():
            job.settle(had_open_items=True)

    def _take(self, turn: list[Report], where: dict[UUID, tuple[Job, Item]]) -> dict[int, str]:
        outcomes: dict[int, str] = {}
        jobs = {id(where[report.item_id][0]): where[report.item_id][0] for report in turn}
        before = {key: (job.count(*OPEN) > 0, job.count("success")) for key, job in jobs.items()}
        for report in turn:
            item = where[report.item_id][1]
            outcomes[id(report)] = outcome = item.judge(report)
            item.outcomes.append(outcome)
            if outcome == "recorded" and report.status == "success":
                self._ship(item, report.number)
            elif outcome == "recorded" and item.status == "error":
                item.prove_none()
            elif outcome == "recorded":
                item.fail(report.error_type, "robot", is_none_made=True)
        for key, job in jobs.items():
            had_open_items, successes = before[key]
            job.count_reports(had_open_items=had_open_items, successes=successes)
        return outcomes

    def _ship(self, item: Item, number: str | None) -> None:
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
            self.told_numbers.append((str(item.order_id), number))
            if item.shipment == "made" and item.holds:
                self.numbers[item.order_id] = number


def refused(result: DomainResult[Any], reason: str) -> None:
    """Check that a call was refused, and why."""
    assert not result.success, result
    assert result.reason == reason


_IS_SCHEDULED = """
SELECT next_attempt_at > now() + interval '1 second' FROM robot_job_dispatches WHERE job_id = %s AND dispatch = %s
"""
