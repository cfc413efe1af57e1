"""The story that the samples tell, as events/README.md has it."""

import re
from dataclasses import dataclass
from typing import Any

from tests.samples import DIRECTORY
from tests.template import functions

_ROW = re.compile(r"^\| `(\w+)` \| (.+) \| (.+) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Step:
    """A sample, what it tells, and what its function answers."""

    sample: str
    tells: str
    answer: str

    @property
    def function(self) -> str:
        """The function that the sample is for; its name begins with it."""
        (found,) = [name for name in functions() if self.sample == name or self.sample.startswith(f"{name}_")]
        return found

    @property
    def logical_id(self) -> str:
        """The function's name in the template."""
        return "".join(word.capitalize() for word in self.function.split("_")) + "Function"

    @property
    def is_of_the_main_story(self) -> bool:
        """Whether the README tells it, from the import to the retry."""
        return ":" in self.tells and self.answer != "done"


def story() -> list[Step]:
    """Return the samples in the order in which they are played."""
    return [Step(*found) for found in _ROW.findall((DIRECTORY / "README.md").read_text(encoding="utf-8"))]


def answer_of(answered: Any) -> str:
    """Say what a function answered, in the words of the story."""
    if "statusCode" in answered:
        return str(answered["statusCode"])
    if "batchItemFailures" in answered:
        return f"{len(answered['batchItemFailures'])} to repeat"
    return "error" if "errorMessage" in answered else "done"
