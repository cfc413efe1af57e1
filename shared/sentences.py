"""Sentences for people, each written once: field names in them are spelled as the code does, or as the API does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, ParamSpec

P = ParamSpec("P")

#: A sentence names so many of a list; the details have them all.
NAMED = 10


@dataclass(frozen=True)
class Sentence:
    """A template with its values: `{value}` stands for a value, and what is between backticks is a field's name."""

    template: str
    values: Mapping[str, object]

    def text(self, spelled: Callable[[str], str] = str) -> str:
        """Return the sentence; `spelled` gives the names of fields, which the code has in snake_case."""
        values = {name: _said(value) for name, value in self.values.items()}
        parts = [part.format_map(values) for part in self.template.split("`")]
        return "".join(spelled(part) if place % 2 else part for place, part in enumerate(parts))


class Wording(Generic[P]):
    """A stable code with its sentence; what it is called with are the parameters of a function without a body.

    Those before the `/` are only said; those after the `*` are details of the refusal as well, said or not.
    """

    def __init__(self, code: str | None, template: str, parameters: Callable[P, None]) -> None:
        self.name = parameters.__name__
        self.code = code or self.name
        self.template = template
        self._parameters = parameters
        plain = parameters.__code__
        self.said = plain.co_varnames[: plain.co_argcount]
        self.details = plain.co_varnames[plain.co_argcount : plain.co_argcount + plain.co_kwonlyargcount]

    def fill(self, *args: P.args, **kwargs: P.kwargs) -> tuple[Sentence, dict[str, object]]:
        """Return the sentence with these values, and the details.

        Raises:
            TypeError: a value is missing, or is none of the parameters.
        """
        self._parameters(*args, **kwargs)
        details: dict[str, object] = dict(kwargs)
        return Sentence(self.template, dict(zip(self.said, args, strict=True)) | details), details


def _said(value: object) -> object:
    if not isinstance(value, list | tuple):
        return value
    return ", ".join(map(str, value[:NAMED])) + (" and others" if len(value) > NAMED else "")
