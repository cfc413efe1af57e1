"""How the simulated robot behaves, for everyone or for one workspace."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from local.robot.faults import Faults


class Settings(BaseModel):
    """How fast robot and carrier work and how often the portal fails."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="forbid", allow_inf_nan=False
    )

    seconds_per_order: float = Field(default=0.2, ge=0)
    #: Once a batch, before its first order; once a lookup.
    seconds_per_login: float = Field(default=0, ge=0)
    #: Once a lookup: the portal's list is read whole.
    seconds_per_lookup: float = Field(default=0.2, ge=0)
    #: From a shipment until the carrier gives it a guide.
    guide_after_seconds: float = Field(default=60, ge=0)
    #: Share of the orders, 0 to 1, that the portal refuses.
    portal_error_rate: float = Field(default=0, ge=0, le=1)
    #: Share of the orders, 0 to 1, that the robot finds invalid.
    validation_error_rate: float = Field(default=0, ge=0, le=1)
    #: The only password that the portal lets in; None lets any in.
    portal_password: str | None = Field(default=None, repr=False)
    #: The same seed gives a workspace's orders, in their order, the same outcomes.
    seed: int = 0
    #: What goes wrong on purpose.
    faults: Faults = Faults()


class SettingsChange(Settings):
    """The body of `POST /settings`: what is left out stays; a workspaceId limits it to that workspace."""

    workspace_id: str | None = None

    def applied_to(self, settings: Settings) -> Settings:
        """The settings with this change's own fields in place of theirs."""
        changed = self.model_fields_set - {"workspace_id"}
        return settings.model_copy(update={name: getattr(self, name) for name in changed})
