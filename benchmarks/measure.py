"""Take figures: the product and its floor in turn, so that a slower minute of the machine slows both."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal, overload

#: Counted runs of everything that is measured; more where a run is short.
RUNS = 7

#: Does a thing once, and returns its figure.
Side = Callable[[], float]
Unit = Literal["s", "ms", "items/s", "events/s", "reports/s", "MB", "µs/item", "functions", "rows/min"]


@dataclass(frozen=True)
class Figures:
    """What the runs of one thing gave, in their order."""

    values: tuple[float, ...]

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(self.values + other.values)

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.values)

    @property
    def least(self) -> float:
        """The smallest one."""
        return min(self.values)

    @property
    def most(self) -> float:
        """The largest one."""
        return max(self.values)


@dataclass(frozen=True)
class Bar:
    """Where the ratio to the floor must stay: `<=` or `>=` a limit."""

    side: Literal["<=", ">="]
    limit: float

    def holds(self, ratio: float) -> bool:
        """Whether this ratio is on the right side."""
        return ratio <= self.limit if self.side == "<=" else ratio >= self.limit


@dataclass(frozen=True)
class Row:
    """One line of the result: a thing that was measured, what it was measured against, and the bar."""

    part: str
    what: str
    unit: Unit
    product: Figures
    floor: Figures | None = None
    floor_name: str = "floor"
    bar: Bar | None = None

    @property
    def ratio(self) -> float | None:
        """The median of the ratios of each run to the floor's run beside it; without a floor, the figure itself."""
        if self.floor is None:
            return self.product.median if self.bar else None
        pairs = zip(self.product.values, self.floor.values, strict=True)
        return median(ours / floors for ours, floors in pairs)

    @property
    def holds(self) -> bool | None:
        """Whether the bar holds; None where there is none."""
        return None if self.bar is None or self.ratio is None else self.bar.holds(self.ratio)

    def with_runs_of(self, other: "Row") -> "Row":
        """Return the row with the runs of another measurement of the same thing as well."""
        floor = self.floor and other.floor and self.floor + other.floor
        return replace(self, product=self.product + other.product, floor=floor)


def elapsed_ms(work: Callable[[], object]) -> float:
    """Return how long the work took, in milliseconds."""
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


@overload
def in_turn(product: Side, floor: Side, /, *, runs: int = RUNS, warm_ups: int = 1) -> tuple[Figures, Figures]: ...
@overload
def in_turn(*sides: Side, runs: int = RUNS, warm_ups: int = 1) -> tuple[Figures, ...]: ...
def in_turn(*sides: Side, runs: int = RUNS, warm_ups: int = 1) -> tuple[Figures, ...]:
    """Call each side `runs` times, in turn and each time another one first, and return what each gave."""
    values: list[list[float]] = [[] for _ in sides]
    for run in range(-warm_ups, runs):
        order = [(run + place) % len(sides) for place in range(len(sides))]
        for side in order:
            value = sides[side]()
            if run >= 0:
                values[side].append(value)
    return tuple(Figures(tuple(each)) for each in values)


def per_second(count: int, milliseconds: float) -> float:
    """Return a rate."""
    return count / milliseconds * 1000
