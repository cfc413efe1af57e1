"""Which fault comes when: all of it follows from the seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from local.chaos.bus import BusFaults
from local.chaos.workers import POINTS

#: A fault that lasts: how long, in seconds.
_SHORTEST_S, _LONGEST_S = 1.5, 4.0
#: Between the starts of two faults.
_GAP_S = (0.2, 0.8)
#: How many kills at named points, and at random, come for each other fault.
_POINT_KILLS, _RANDOM_KILLS = 16, 3
#: How often each function is the one that is killed at a point, by what hangs on it.
_FUNCTIONS = dict.fromkeys(POINTS, 1) | {"dispatch_job": 5, "record_results": 4, "receive_callback": 2}
_STATEMENTS = 0.5
#: Faults that the bus has for a while.
BUS_FAULTS = {
    "bus.calls": BusFaults(refused_calls=0.6),
    "bus.unanswered": BusFaults(unanswered_calls=0.5),
    "bus.entries": BusFaults(refused_entries=0.5),
    "bus.twice": BusFaults(repeated=0.7),
    "bus.late": BusFaults(late=0.6),
    "bus.order": BusFaults(shuffled=1.0, late=0.2),
}
#: Faults that the robot has for a while.
ROBOT_FAULTS: dict[str, dict[str, float]] = {
    "robot.refuse": {"refuseRate": 0.6},
    "robot.500": {"failAfterAcceptRate": 0.5},
    "robot.hang": {"hangRate": 0.4, "hangSeconds": 4},
    "robot.crash": {"crashRate": 0.2},
    "robot.repeat": {"repeatRate": 1.0},
    "robot.reorder": {"reorderRate": 0.6},
    "robot.late": {"lateRate": 0.4, "lateSeconds": 10},
    "robot.foreign": {"foreignRate": 0.5},
    "robot.answers": {"answerLostRate": 0.3, "numberSlipRate": 0.5, "noAnswerRate": 0.1},
    "robot.popups": {"popupRate": 0.3},
    "robot.browser": {"exceptionBeforeRate": 0.15, "exceptionAfterRate": 0.25, "exceptionCaughtRate": 0.5},
    "robot.fatal": {"fatalRate": 0.2},
    "robot.unreported": {"unreportedRate": 0.3},
    "robot.login": {"loginFailedRate": 0.5},
}
#: Its owner restarts it.
_ROBOT_RESTART = "robot.restart"
_DATABASE_FAULTS = ("database.restart", "database.drop", "database.refuse")


@dataclass(frozen=True)
class Fault:
    """One fault: when after the start it begins, what it is, and how long it lasts, in seconds."""

    at: float
    kind: str
    seconds: float = 0.0
    #: worker.point: the function and the point.
    function: str = ""
    point: str = ""


def make_plan(seed: int, seconds: float) -> list[Fault]:
    """The faults of a run of this length, in their order; every kind comes before one comes again."""
    chance = Random(seed)  # noqa: S311 - repeatable on purpose
    plan: list[Fault] = []
    kinds: list[str] = []
    now = 0.0
    while (now := now + chance.uniform(*_GAP_S)) < seconds:
        if not kinds:
            kinds = [*BUS_FAULTS, *ROBOT_FAULTS, *_DATABASE_FAULTS, _ROBOT_RESTART]
            kinds += ["worker.point"] * _POINT_KILLS + ["worker.random"] * _RANDOM_KILLS
            chance.shuffle(kinds)
        kind = kinds.pop()
        if kind == "worker.point":
            [function] = chance.choices(list(_FUNCTIONS), list(_FUNCTIONS.values()))
            # As often around commit, bus and robot, where it hurts most, as after some statement.
            is_statement = chance.random() < _STATEMENTS
            points = [point for point in POINTS[function] if point.startswith("statement.") == is_statement]
            plan.append(Fault(now, kind, function=function, point=chance.choice(points or POINTS[function])))
        elif kind in {"worker.random", "database.restart", "database.drop", _ROBOT_RESTART}:
            plan.append(Fault(now, kind))
        else:
            plan.append(Fault(now, kind, min(chance.uniform(_SHORTEST_S, _LONGEST_S), seconds - now)))
    return plan
