"""Situations that chance alone brings too rarely: each is staged with new orders, and told to its end."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from local.chaos.settling import say_shipped, settle_job
from local.cli.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from uuid import UUID

    from local.chaos.clerk import Clerk
    from local.chaos.person import SeenItem

#: How long a story waits for what it needs; then it is told in vain.
_PATIENCE_S = 60
#: Longer than a robot that refused is left alone, also by a slow machine.
_NEXT_TRY_S = 15
#: How long a lookup takes at most, which waits for the robot as every job does; and between two of them.
_LOOKUP_S = 20
_NEXT_LOOK_S = 1
#: How long it takes at most until a report has stopped what waits behind a busy robot.
_LATE_S = 20
#: How long the robot is at each order where it is to be busy for a while.
_SLOW_S = 0.5
_MOST_TELLINGS = 3


def robot_fails(clerk: Clerk, fault: str) -> None:
    """The first of three orders meets a fault of the robot; somebody retries all at once, a person settles the rest."""
    orders = clerk.take_orders(3)
    clerk.stage(orders[0], fault)
    job = clerk.submit(orders)
    if job is not None and clerk.wait_for(job, "unsettled", 1, _PATIENCE_S):
        clerk.retry(job)
        settle_job(clerk, job)


def number_before_retry(clerk: Clerk) -> None:
    """What failed is shipped elsewhere, its number written by hand; then somebody presses retry."""
    if (failed := _refused(clerk)) is None:
        return
    job, item = failed
    if clerk.write_number(item.order_id, f"HAND-{clerk.work.names[item.order_id]}"):
        clerk.retry(job, [item.id])
        clerk.work.situations["number by hand before a retry"] += 1


def address_before_retry(clerk: Clerk) -> None:
    """What the portal refused is corrected and retried."""
    if (failed := _refused(clerk)) is None:
        return
    job, item = failed
    if clerk.write_address(item.order_id, f"Carrera {clerk.chance.randint(1, 9999)} # 1-2"):
        retried, _ = clerk.retry(job, [item.id])
        clerk.work.situations["corrected address before a retry"] += str(item.id) in retried


def retry_twice(clerk: Clerk) -> None:
    """Two people press retry at once."""
    if (failed := _refused(clerk)) is None:
        return
    job, item = failed
    answers: list[object] = []

    def press() -> None:
        clerk.lift(job)
        answers.append(clerk.click(lambda: clerk.desk.retry_told(job, [item.id])))

    presses = [threading.Thread(target=press, daemon=True) for _ in range(2)]
    for each in presses:
        each.start()
    for each in presses:
        each.join()
    clerk.work.situations["retry twice at once"] += len(answers) == len(presses)


def number_before_claim(clerk: Clerk) -> None:
    """An order that waits behind a busy robot gets its number by hand."""
    orders = clerk.take_orders(2)
    with clerk.robot_that(secondsPerOrder=_SLOW_S):
        clerk.submit(clerk.take_orders(4))
        job = clerk.submit(orders)
        if job is not None and clerk.write_number(orders[0], f"HAND-{clerk.work.names[orders[0]]}"):
            clerk.wait_for(job, "success", 1, _PATIENCE_S)


def outcome_unknown(clerk: Clerk) -> None:
    """The robot takes the hand-over, and answers as if it had failed."""
    with clerk.robot_that(faults={"failAfterAcceptRate": 1}):
        job = clerk.submit(clerk.take_orders(2))
        if job is not None:
            clerk.wait_for(job, "success", 1, _PATIENCE_S)


def reship(clerk: Clerk) -> None:
    """A parcel was lost on its way: its order is shipped once more."""
    orders = clerk.take_orders(2)
    job = clerk.submit(orders)
    if job is not None and (made := clerk.wait_for(job, "success", 1, _PATIENCE_S)):
        clerk.submit([item.order_id for item in made], again=True)


def find_guides(clerk: Clerk) -> None:
    """Guides are looked up as soon as their orders are shipped, and again until the carrier has given them."""
    job = clerk.submit(clerk.take_orders(2))
    made = clerk.wait_for(job, "success", 2, _PATIENCE_S) if job is not None else []
    lacking = [item.order_id for item in made]
    for _ in range(_PATIENCE_S):
        if not lacking or (lookup := clerk.look_up(lacking)) is None:
            return
        answered = clerk.wait_for(lookup, "success", len(lacking), _LOOKUP_S)
        lacking = [item.order_id for item in answered if item.tracking_number is None]
        clerk.wait(_NEXT_LOOK_S)


def pause_before_next_try(clerk: Clerk) -> None:
    """A job that the robot does not take is paused: when its next try is due, nothing happens."""
    with clerk.robot_that(faults={"refuseRate": 1}):
        job = clerk.submit(clerk.take_orders(2))
        if job is None or not clerk.wait_until_it_waits(job, ("robot_busy", "robot_unreachable"), _PATIENCE_S):
            return
        is_paused = clerk.pause(job)
    clerk.wait(_NEXT_TRY_S)
    clerk.work.situations["pause before the next try"] += is_paused
    clerk.resume(job)
    clerk.wait_for(job, "success", 1, _PATIENCE_S)


def pause_amid_waves(clerk: Clerk) -> None:
    """A job is paused while its first wave is with the robot; that goes on, and the next one starts with the resume."""
    with clerk.robot_that(secondsPerOrder=_SLOW_S):
        job = clerk.submit(clerk.take_orders(4), wave_size=2)
        if job is None or not clerk.wait_for(job, "success", 1, _PATIENCE_S) or not clerk.pause(job):
            return
        if clerk.wait_until_it_waits(job, ("paused",), _PATIENCE_S):
            clerk.work.situations["pause amid waves"] += 1
        clerk.resume(job)
        clerk.wait_for(job, "success", 3, _PATIENCE_S)


def urgent_overtakes(clerk: Clerk) -> None:
    """While a job goes on wave by wave, an urgent one comes, and is through before it."""
    with clerk.robot_that(secondsPerOrder=_SLOW_S):
        job = clerk.submit(clerk.take_orders(5), wave_size=1)
        urgent = clerk.submit(clerk.take_orders(1), urgent=True)
        if job is not None and urgent is not None and clerk.wait_for(urgent, "success", 1, _PATIENCE_S):
            clerk.work.situations["urgent job overtook"] += bool(clerk.insist(lambda: clerk.desk.look(job, "pending")))


def cancel_amid_waves(clerk: Clerk) -> None:
    """A job is cancelled while its first wave is with the robot: of the others nothing is shipped."""
    with clerk.robot_that(secondsPerOrder=_SLOW_S):
        job = clerk.submit(clerk.take_orders(5), wave_size=2)
        if job is None or not clerk.wait_for(job, "success", 1, _PATIENCE_S):
            return
        cancelled = clerk.click(lambda: clerk.desk.cancel(job))
        clerk.work.situations["cancel amid waves"] += not isinstance(cancelled, ApiError) and cancelled > 0


def emergency_stop(clerk: Clerk) -> None:
    """All is stopped while a job goes on, and let go on later."""
    with clerk.robot_that(secondsPerOrder=_SLOW_S):
        job = clerk.submit(clerk.take_orders(4), wave_size=1)
        if job is not None and clerk.wait_for(job, "success", 1, _PATIENCE_S):
            clerk.stop_all()
            is_held = clerk.wait_until_it_waits(job, ("carrier_not_ready",), _PATIENCE_S)
            clerk.work.situations["emergency stop"] += is_held
        clerk.let_go_on()


def wrong_password(clerk: Clerk) -> None:
    """The portal lets nobody in: after some errors in a row the job is paused; it goes on when that is mended."""
    with clerk.robot_that(faults={"loginFailedRate": 1}):
        job = clerk.submit(clerk.take_orders(6), wave_size=2)
        if job is None:
            return
        clerk.work.situations["pause by errors in a row"] += clerk.wait_until_it_waits(job, ("paused",), _PATIENCE_S)
    clerk.resume(job)
    clerk.wait_for(job, "success", 1, _PATIENCE_S)
    clerk.retry(job)


def late_success_meets_settlement(clerk: Clerk) -> None:
    """Of a shipment nothing was heard; while a person writes down what the portal lists, the report comes after all."""
    if (found := _unreported(clerk)) is None:
        return
    job, item = found
    pedidos = clerk.insist(lambda: clerk.desk.search_portal(clerk.work.names[item.order_id]))
    if pedidos:
        report = threading.Thread(target=clerk.let_robot_resend, daemon=True)
        report.start()
        say_shipped(clerk, job, item, pedidos[0]["numero"])
        report.join()


def late_success_meets_another_job(clerk: Clerk) -> None:
    """A person overlooks a shipment and ships anew: while that waits behind a busy robot, the first report comes.

    Only a person's mistake still leads here. What it costs is not the program's doing; that it costs nothing where
    the report comes in time is.
    """
    if (found := _unreported(clerk)) is None:
        return
    job, item = found
    clerk.work.overlooked.add(item.order_id)
    for _ in range(_PATIENCE_S):
        told = clerk.click(lambda: clerk.desk.say_found(job, [{"itemId": str(item.id), "shipped": False}]))
        if not isinstance(told, ApiError):
            break
        if told.code != "hand_over_not_over":
            return
        # The robot's next hand-over shows that it is through with this one.
        clerk.submit(clerk.take_orders(1))
        clerk.wait(1)
    with clerk.robot_that(secondsPerOrder=_SLOW_S):
        clerk.submit(clerk.take_orders(4))
        if (other := clerk.submit([item.order_id])) is None:
            return
        clerk.let_robot_resend()
        stopped = clerk.wait_for(other, "error", 1, _LATE_S)
        # Nobody but this report says that the order was shipped.
        is_met = any("already shipped" in (each.error_message or "") for each in stopped)
        clerk.work.situations["late success while another job holds the order"] += is_met


def _refused(clerk: Clerk) -> tuple[UUID, SeenItem] | None:
    """A job, and an order of it that the portal refused."""
    orders = clerk.take_orders(2)
    clerk.stage(orders[0], "refusal")
    job = clerk.submit(orders)
    failed = clerk.wait_for(job, "error", 1, _PATIENCE_S) if job is not None else []
    sure = [item for item in failed if item.shipment == "none" and item.order_id == orders[0]]
    return (job, sure[0]) if job is not None and sure else None


def _unreported(clerk: Clerk) -> tuple[UUID, SeenItem] | None:
    """A job, and its order, whose report was lost and whose deadline has passed."""
    orders = clerk.take_orders(1)
    clerk.stage(orders[0], "unreported")
    job = clerk.submit(orders)
    found = clerk.wait_for(job, "unsettled", 1, _PATIENCE_S) if job is not None else []
    clerk.work.seen_unsettled.update(item.id for item in found)
    return (job, found[0]) if job is not None and found else None


def _failing(fault: str) -> Callable[[Clerk], None]:
    return lambda clerk: robot_fails(clerk, fault)


#: Every story, by its name.
STORIES: Final[Mapping[str, Callable[[Clerk], None]]] = {
    "late success meets another job": late_success_meets_another_job,
    "number before claim": number_before_claim,
    "late success meets settlement": late_success_meets_settlement,
    "answer lost": _failing("answer_lost"),
    "number before retry": number_before_retry,
    "number slip": _failing("number_slip"),
    "retry twice": retry_twice,
    "popup": _failing("popup"),
    "address before retry": address_before_retry,
    "exception after saving": _failing("exception_after"),
    "reship": reship,
    "guides": find_guides,
    "outcome unknown": outcome_unknown,
    "fatal": _failing("fatal"),
    "no answer": _failing("no_answer"),
    "restart": _failing("crash"),
    "pause before next try": pause_before_next_try,
    "pause amid waves": pause_amid_waves,
    "urgent overtakes": urgent_overtakes,
    "cancel amid waves": cancel_amid_waves,
    "emergency stop": emergency_stop,
    "wrong password": wrong_password,
}

#: The situation that a story brings about, where its operator can tell; a slow machine may tell it in vain.
TOLD_FOR: Final[Mapping[str, str]] = {
    "late success meets another job": "late success while another job holds the order",
    "number before retry": "number by hand before a retry",
    "address before retry": "corrected address before a retry",
    "retry twice": "retry twice at once",
    "pause before next try": "pause before the next try",
    "pause amid waves": "pause amid waves",
    "urgent overtakes": "urgent job overtook",
    "cancel amid waves": "cancel amid waves",
    "emergency stop": "emergency stop",
    "wrong password": "pause by errors in a row",
}


def tell(clerk: Clerk, story: str) -> None:
    """Tell a story, again where it did not come to its situation, three times at most."""
    situation = TOLD_FOR.get(story)
    for _ in range(_MOST_TELLINGS):
        STORIES[story](clerk)
        if situation is None or clerk.work.situations[situation]:
            return


def share_of(names: Sequence[str], operator: int, operators: int) -> tuple[Sequence[str], Sequence[str]]:
    """Every story, each operator's own share first: together they tell all of them before anything fails."""
    share = names[operator::operators]
    return share, [*share, *(name for name in names if name not in share)]
