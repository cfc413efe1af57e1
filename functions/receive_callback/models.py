"""What a report is meant to look like; much more is understood than that."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from shared.http.models import Resource
from shared.words import ReportStatus


class ReportBody(BaseModel):
    """The robot's report of one order. It describes the route; `shared.robot.report` is what reads it."""

    model_config = ConfigDict(alias_generator=to_camel, extra="allow")

    item_id: UUID
    status: ReportStatus
    tracking_number: str | None = None
    validated_city: str | None = None
    value_sent: dict[str, Any] | None = None
    error_type: str | None = None
    error_message: str | None = None
    #: Of a lookup: false where the guide is not there yet.
    guide_found: bool | None = None


class Received(Resource):
    """The report is on its way to be recorded."""

    received: bool


#: The route reads the body itself, so the description of the API has to be told what it is.
DESCRIBED_BODY = {"requestBody": {"content": {"application/json": {"schema": ReportBody.model_json_schema()}}}}
