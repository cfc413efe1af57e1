"""What every event on the bus has in common."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Event(BaseModel):
    """The detail of one event: camelCase on the bus, optional fields left out when absent."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="forbid")

    #: The event's DetailType on the bus.
    detail_type: ClassVar[str]

    def to_detail(self) -> str:
        """Return the event's `detail` as JSON."""
        return self.model_dump_json(by_alias=True, exclude_defaults=True)
