"""What a refusal is inside the domain; the page beside this file has them all."""

from collections.abc import Callable
from typing import Generic, ParamSpec

from shared.domain.result import ErrorCode, Failure
from shared.sentences import Sentence, Wording

P = ParamSpec("P")


class RefusedError(Exception):
    """An expected refusal: undoes the call and becomes its `Failure`."""

    def __init__(
        self, code: ErrorCode, reason: str, error: str, sentence: Sentence | None = None, /, **details: object
    ) -> None:
        super().__init__(error)
        self.failure = Failure(error=error, code=code, reason=reason, details=details, sentence=sentence)

    def within(self, place: str, ending: str = "", **about: object) -> "RefusedError":
        """Return this refusal of something that is one of a list: its field stands at a place, and more is said.

        `ending` is a template of the values that are given by name.
        """
        failure = self.failure
        if failure.sentence is None or "field" not in failure.sentence.values:
            return self
        values = {**failure.sentence.values, **about, "field": f"{place}.{failure.sentence.values['field']}"}
        sentence = Sentence(f"{failure.sentence.template} {ending}".rstrip(), values)
        return RefusedError(failure.code, failure.reason, sentence.text(), sentence, **failure.details)


class Refusal(Generic[P]):
    """An entry of the page: called with its values, it gives the error to raise."""

    def __init__(self, kind: ErrorCode, wording: Wording[P]) -> None:
        self.kind = kind
        self.wording = wording
        self.code = wording.code

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> RefusedError:
        """Return the error of this refusal.

        Raises:
            TypeError: a value is missing, or is none that this refusal has.
        """
        sentence, details = self.wording.fill(*args, **kwargs)
        return RefusedError(self.kind, self.code, sentence.text(), sentence, **details)


def refusal(kind: ErrorCode, template: str, *, code: str | None = None) -> Callable[[Callable[P, None]], Refusal[P]]:
    """Make an entry of the page out of a function without a body: its parameters are the entry's values.

    Its stable code is the function's name, or `code` where one code has several sentences.
    """

    def entry(parameters: Callable[P, None]) -> Refusal[P]:
        return Refusal(kind, Wording(code, template, parameters))

    return entry
