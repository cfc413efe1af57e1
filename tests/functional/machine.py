"""A Hypothesis state machine over one workspace: each rule acts on the program and on the model alike."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
)

from shared.domain import (
    ChangeJobParams,
    CreateRobotJobParams,
    DispatchRef,
    DomainResult,
    Expired,
    NoHandOver,
    RetryFailedItemsParams,
    UpdateJobStatusParams,
    UpdateOrderParams,
    UpsertCarrierConfigParams,
    cancel_job,
    change_job,
    claim_dispatch,
    close_dispatches,
    create_robot_job,
    pause_job,
    resume_job,
    retry_failed_items,
    update_job_status,
    update_order,
    upsert_carrier_config,
)
from shared.domain.ids import uuid7
from tests.factories import data_of
from tests.functional.machine_mirror import CARRIERS, ORDERS
from tests.functional.machine_model import ENDED, OUT, Item, Job, Report, Wave
from tests.functional.machine_robot import Robot

ANSWERS = ("accepted", "accepted", "unknown", "refused", "busy", "busy", "unreachable")
ERRORS = ("portal", "portal", "portal", "validation", "unknown")
WORDS = ("no", "no", "no 7", "no 12", "closed", None)
PRIORITIES = ("normal", "urgent")

pick = st.integers(0, 59)
reports = st.lists(
    st.tuples(
        *(pick, st.sampled_from(["success", "error"]), st.sampled_from([None, "A", "B"]), st.integers(-2, 2)),
        *(st.sampled_from(ERRORS), st.sampled_from(WORDS)),
    ),
    min_size=1,
    max_size=4,
)


class RobotJobsMachine(Robot):
    """One workspace with some orders; each rule does something to the program and to the model."""

    @initialize()
    def begin_with_two_jobs(self) -> None:
        self.create([0, 1, 2, 3, 4], None, wave_size=2, priority="normal", carrier=CARRIERS[0])
        self.create([5, 6, 7], None, wave_size=1, priority="normal", carrier=CARRIERS[0])

    # --- Operators -------------------------------------------------------------------------------------------------
    @rule(
        order_picks=st.lists(st.integers(0, ORDERS - 1), min_size=1, max_size=5, unique=True),
        key=st.sampled_from([None, None, "k1", "k2"]),
        wave_size=st.sampled_from([1, 2, 3, None]),
        priority=st.sampled_from(PRIORITIES),
        carrier=st.sampled_from([CARRIERS[0], *CARRIERS]),
    )
    def create(
        self, order_picks: list[int], key: str | None, wave_size: int | None, priority: Any, carrier: str
    ) -> None:
        order_ids = [self.order_ids[n] for n in order_picks]
        # What the other carrier covers is not known here: what is sent is given.
        values = None if carrier == CARRIERS[0] else {order_id: {"nombres": "Luz"} for order_id in order_ids}
        params = CreateRobotJobParams(
            order_ids, carrier, key, item_values=values, priority=priority, wave_size=wave_size
        )
        result = create_robot_job(self.ctx, params)
        if key in self.keys:
            refused(result, "duplicate_job")
        elif blocked := [why for order_id in order_ids if (why := self._blocked(order_id))]:
            refused(result, blocked[0])
        else:
            made = data_of(result)
            default = self.wave_size if carrier == CARRIERS[0] else 25
            items = [Item(item.item_id, item.order_id) for item in made.items]
            job = Job(made.job_id, items, wave_size or default, carrier, priority)
            self.keys |= {key} if key else set()
            self.jobs.append(job)
            self._move_on(begun=job)

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
            self._move_on(begun=job)
        else:
            refused(result, "nothing_to_retry")

    @rule(n=pick, status=st.sampled_from(["processing", "processing", "pending", "completed", "failed"]))
    def move_by_hand(self, n: int, status: str) -> None:
        job = self._going_on(n)
        result = update_job_status(self.ctx, UpdateJobStatusParams(job.id, status, "portal", "by hand"))  # type: ignore[arg-type] # one of the four
        allowed = {"pending": {"processing", "failed"}, "processing": {"completed", "failed"}}
        if status == job.status:
            data_of(result)
        elif status not in allowed.get(job.status, set()):
            refused(result, "invalid_transition")
        elif status in ENDED:
            job.close_items(job.open_items(), "portal", "person", status=status)
            self._move_on()
        else:
            job.status = status

    @rule(n=pick)
    def cancel(self, n: int) -> None:
        job = self._going_on(n)
        result = cancel_job(self.ctx, job.id)
        if job.has_ended:
            refused(result, "invalid_transition")
            return
        unsent = [item for item in job.items if item.is_unsent]
        job.close_items(unsent, "validation")
        assert data_of(result).cancelled_count == len(unsent)
        self._move_on()

    @rule(n=pick, priority=st.sampled_from(PRIORITIES))
    def prioritise(self, n: int, priority: Any) -> None:
        job = self._going_on(n)
        result = change_job(self.ctx, ChangeJobParams(job.id, priority=priority))
        if job.has_ended:
            refused(result, "invalid_transition")
            return
        data_of(result)
        job.priority = priority
        self._move_on()

    @rule(n=pick)
    def pause(self, n: int) -> None:
        job = self._going_on(n)
        result = pause_job(self.ctx, job.id)
        if job.has_ended:
            refused(result, "invalid_transition")
            return
        data_of(result)
        if job.paused is None:
            job.pause("operator")
        self._move_on()

    @rule(n=pick)
    def resume(self, n: int) -> None:
        paused = [job for job in self.jobs if job.paused is not None]
        job = paused[n % len(paused)] if paused and n % 5 else self._job(n)
        result = resume_job(self.ctx, job.id)
        if job.has_ended:
            refused(result, "invalid_transition")
            return
        data_of(result)
        if job.paused is not None:
            job.paused, job.row = None, (0, None)
        self._move_on()

    @rule(is_enabled=st.booleans())
    def enable(self, is_enabled: bool) -> None:  # noqa: FBT001 - Hypothesis draws it
        data_of(upsert_carrier_config(self.ctx, UpsertCarrierConfigParams(is_enabled=is_enabled)))
        self.is_enabled = is_enabled
        self._move_on()

    @rule(wave_size=st.sampled_from([1, 2, 3]), stop_after=st.sampled_from([0, 1, 2, 3]))
    def configure(self, wave_size: int, stop_after: int) -> None:
        params = UpsertCarrierConfigParams(wave_size=wave_size, stop_after_errors=stop_after)
        data_of(upsert_carrier_config(self.ctx, params))
        self.wave_size, self.stop_after = wave_size, stop_after

    @rule(n=pick, number=st.sampled_from([None, "by hand"]))
    def correct_a_number(self, n: int, number: str | None) -> None:
        order_id = self.order_ids[n % ORDERS]
        data_of(update_order(self.ctx, UpdateOrderParams(order_id, tracking_number=number, allow_shared_number=True)))
        self.numbers[order_id] = number

    # --- The robot -------------------------------------------------------------------------------------------------
    @rule(drawn=reports)
    def report(self, drawn: list[tuple[int, str, str | None, int, str, str | None]]) -> None:
        every_item = [(job, item) for job in self.jobs for item in job.items]
        batch: list[Report] = []
        for n, status, letter, ahead, error_type, words in drawn:
            among = [each for each in every_item if each[1].is_open or n % 2] or every_item
            job, item = among[n % len(among)]
            dispatch = None if ahead > 1 else max((item.dispatch or job.dispatch) + ahead, 1)
            number = f"{letter}{n % len(every_item)}" if letter and status == "success" else None
            batch.append(Report(item.id, status, number, error_type, words, dispatch))
        self._record([*batch, Report(uuid7(), "success", "X")] if len(batch) > 1 else batch)

    @rule(
        n=pick,
        status=st.sampled_from(["success", "error"]),
        with_number=st.booleans(),
        error_type=st.sampled_from(ERRORS),
        words=st.sampled_from(WORDS),
    )
    def report_an_open_item(
        self,
        n: int,
        status: str,
        with_number: bool,  # noqa: FBT001 - Hypothesis draws it
        error_type: str,
        words: str | None,
    ) -> None:
        items = [item for job in self.jobs for item in job.open_items()]
        # Mostly what a robot has.
        sent = [item for item in items if not item.is_unsent]
        among = sent if sent and n % 4 else items
        if among:
            item = among[n % len(among)]
            number = f"C{n}" if with_number and status == "success" else None
            self._record([Report(item.id, status, number, error_type, words, item.dispatch)])

    @precondition(lambda self: self._waves(*OUT))
    @rule(n=pick, error_type=st.sampled_from(ERRORS), words=st.sampled_from(WORDS))
    def report_a_wave(self, n: int, error_type: str, words: str | None) -> None:
        job, wave = self._one_of(n, *OUT)
        items = job.open_items(wave.number)
        if items:
            self._record([Report(item.id, "error", None, error_type, words, wave.number) for item in items])

    # --- The hand-over ---------------------------------------------------------------------------------------------
    @rule(n=pick)
    def claim(self, n: int) -> None:
        # Mostly one that waits, whether or not it is its turn; now and then another.
        self._claim(*self._mostly(n, "waiting"))

    @precondition(lambda self: self._called())
    @rule(n=pick)
    def claim_without_a_password(self, n: int) -> None:
        called = self._called()
        job, wave = called[n % len(called)]
        self._wait_for_next_try(job, wave)
        self.owner.execute("UPDATE carrier_configs SET portal_password_sealed = NULL")
        self._claim(job, wave, has_password=False)
        self.owner.execute("UPDATE carrier_configs SET portal_password_sealed = 'c2VhbGVk'")

    @precondition(lambda self: self._called())
    @rule(n=pick, what=st.sampled_from([*ANSWERS, None, None, None]))
    def claim_the_next(self, n: int, what: str | None) -> None:
        called = self._called()
        job, wave = called[n % len(called)]
        self._wait_for_next_try(job, wave)
        self._claim(job, wave)
        if what is not None:
            self._answer(job, wave, what)

    @precondition(lambda self: self._waves("claimed") or self._waves("closed"))
    @rule(n=pick, what=st.sampled_from(ANSWERS))
    def answer(self, n: int, what: str) -> None:
        # Mostly to the call that is under way; now and then to another, where it changes nothing.
        self._answer(*self._mostly(n, "claimed"), what)

    @precondition(lambda self: self._called())
    @rule(n=pick, reason=st.sampled_from(["busy", "busy", "unreachable"]), hours=st.sampled_from([1, 13, 24]))
    def refuse_for_hours(self, n: int, reason: str, hours: int) -> None:
        called = self._called()
        job, wave = called[n % len(called)]
        self._wait_for_next_try(job, wave)
        self._claim(job, wave)
        self._answer(job, wave, reason)
        self._let_hours_pass(hours)

    @rule(n=pick)
    def complete(self, n: int) -> None:
        data_of(close_dispatches(self.ctx, self._job(n).id))

    # --- Time ------------------------------------------------------------------------------------------------------
    @precondition(lambda self: any(wave.refused_as for _, wave in self._waves("waiting", "claimed")))
    @rule(hours=st.sampled_from([1, 13, 24]))
    def let_hours_pass(self, hours: int) -> None:
        self._let_hours_pass(hours)

    @precondition(lambda self: self._waves(*OUT))
    @rule(n=pick)
    def reach_a_deadline(self, n: int) -> None:
        job, wave = self._one_of(n, *OUT)
        self._turn_back(job, wave, "deadline_at = now() - interval '1 minute'")
        expired = self.world.expire()
        items = job.open_items(wave.number)
        wave.status = "closed"
        job.close_items(items, "timeout", "deadline")
        assert expired == Expired(len(items), 0, self._move_on())

    @precondition(lambda self: self._waves("claimed"))
    @rule(n=pick, by_schedule=st.booleans())
    def lose_a_claim(self, n: int, by_schedule: bool) -> None:  # noqa: FBT001 - Hypothesis draws it
        job, wave = self._one_of(n, "claimed")
        self._turn_back(job, wave, "claimed_at = now() - interval '3 minutes'")
        expired = self.world.expire() if by_schedule else None
        if expired is None:
            assert isinstance(data_of(claim_dispatch(self.ctx, DispatchRef(job.id, wave.number))), NoHandOver)
        job.begin(wave, "unknown")
        called = self._move_on()
        assert expired in {None, Expired(0, 1, called)}

    @precondition(lambda self: self._called())
    @rule(n=pick)
    def lose_a_message(self, n: int) -> None:
        called = self._called()
        job, wave = called[n % len(called)]
        self._turn_back(job, wave, "next_attempt_at = now() - interval '10 minutes'")
        assert self.world.expire() == Expired(0, 0, 1)
        wave.is_scheduled = False
        self._tell(job, wave)

    @precondition(lambda self: self._called())
    @rule(n=pick)
    def lose_a_turn(self, n: int) -> None:
        # Nothing does that but a hand in the database.
        called = self._called()
        job, wave = called[n % len(called)]
        self._turn_back(job, wave, "called_at = NULL")
        wave.is_called = False
        assert self.world.expire() == Expired(0, 0, self._move_on()) == Expired(0, 0, 1)

    @precondition(lambda self: self._waves("accepted", "unknown", "closed"))
    @rule(n=pick)
    def restart_the_robot(self, n: int) -> None:
        # Now and then that of a wave that is over: it is asked as long as something of it is unsettled.
        job, wave = self._mostly(n, "accepted", "unknown", beside=("closed",))
        closed = self.world.note_restarted(self.ctx.workspace_id, DispatchRef(job.id, wave.number))
        items = job.open_items(wave.number)
        assert closed == len(items)
        job.close_items(items, "unknown", "restart")
        self._move_on()

    # --- What the rules share --------------------------------------------------------------------------------------
    def _let_hours_pass(self, hours: int) -> None:
        # Of a wave whose turn it is not they don't count, and how long it has waited for that is in hours too.
        for job, wave in self._waves("waiting", "claimed"):
            since = ("refused_since", "first_refused_at", "parked_at")
            self._turn_back(job, wave, ", ".join(f"{each} = {each} - interval '{hours} hours'" for each in since))
            if wave.refused_as is not None and (wave.is_called or wave.status == "claimed"):
                wave.refused_h += hours
                wave.refused_in_all_h += hours

    def _going_on(self, n: int) -> Job:
        """Return a job, mostly one that has not ended."""
        going_on = [job for job in self.jobs if not job.has_ended]
        return going_on[n % len(going_on)] if going_on and n % 7 else self._job(n)

    def _mostly(self, n: int, *statuses: str, beside: tuple[str, ...] = ()) -> tuple[Job, Wave]:
        """Return a wave, mostly one of these statuses, else one of those beside, or any."""
        wanted = self._waves(*statuses)
        among = wanted if wanted and n % 7 else self._waves(*statuses, *beside) if beside else self._waves()
        return among[n % len(among)]

    def _one_of(self, n: int, *statuses: str) -> tuple[Job, Wave]:
        found = self._waves(*statuses)
        return found[n % len(found)]

    def _called(self) -> list[tuple[Job, Wave]]:
        return [(job, wave) for job, wave in self._waves("waiting") if wave.is_called]


def refused(result: DomainResult[Any], reason: str) -> None:
    """Check that a call was refused, and why."""
    assert not result.success, result
    assert result.reason == reason
