"""The value of a field that a caller leaves out; None is a value, and clears."""

from enum import Enum


class Unset(Enum):
    """The type of `UNSET`, so that type checkers tell it from every value."""

    UNSET = "unset"


UNSET = Unset.UNSET
