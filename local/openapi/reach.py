"""Which refusals a route can come to: those that its code, and all that it calls, names."""

from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType

from shared.domain.database_errors import translated
from shared.domain.refusals import Refusal
from shared.http.refusal_page import Refusal as HttpRefusal

#: It stands behind every function, and what it gives depends on what was written.
_PASSED_OVER = {translated}


def reachable_codes(route: Callable[..., object]) -> set[str]:
    """Return the codes of the refusals that a route can come to, as far as names tell."""
    codes: set[str] = set()
    seen: set[object] = set(_PASSED_OVER)
    waiting: list[object] = [route]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Refusal | HttpRefusal):
            codes.add(each.code)
        elif isinstance(each, FunctionType) and each not in seen:
            seen.add(each)
            waiting += _named(each)
    return codes


def _named(function: FunctionType) -> Iterator[object]:
    names = set(_names(function.__code__))
    for name in names & function.__globals__.keys():
        value = function.__globals__[name]
        yield value
        if isinstance(value, ModuleType):
            yield from (getattr(value, attribute, None) for attribute in names)
    # What a decorator wraps.
    yield from (cell.cell_contents for cell in function.__closure__ or ())
    yield getattr(function, "__wrapped__", None)


def _parts(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _parts(constant)


def _names(code: CodeType) -> Iterator[str]:
    return (name for part in _parts(code) for name in part.co_names)
