"""The faults of a run follow from its seed."""

from local.chaos.plan import BUS_FAULTS, ROBOT_FAULTS, make_plan
from local.chaos.workers import POINTS


def test_a_seed_gives_the_same_plan_again() -> None:
    assert make_plan(7, 60) == make_plan(7, 60)
    assert make_plan(7, 60) != make_plan(8, 60)


def test_a_default_run_has_every_kind_of_fault_and_ends_in_time() -> None:
    plan = make_plan(7, 300)
    kinds = {fault.kind for fault in plan}
    assert kinds == {
        *BUS_FAULTS,
        *ROBOT_FAULTS,
        "robot.restart",
        "database.restart",
        "database.drop",
        "database.refuse",
        "worker.point",
        "worker.random",
    }
    assert max(fault.at + fault.seconds for fault in plan) <= 300


def test_every_function_that_moves_a_job_can_be_killed_around_statements_commit_and_publishing() -> None:
    plan = [fault for seed in range(30) for fault in make_plan(seed, 300) if fault.kind == "worker.point"]
    reached = {(fault.function, fault.point) for fault in plan}
    assert reached == {(function, point) for function, points in POINTS.items() for point in points}
    assert {"robot.before", "robot.after", "commit.after", "PutEvents.before", "PutEvents.after"} <= set(
        POINTS["dispatch_job"]
    )
