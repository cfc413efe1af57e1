"""What POST /robot-jobs and POST /guide-lookups take and give."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StrictBool, StrictInt

from shared.carriers.registry import DEFAULT_CARRIER
from shared.domain.carriers.accounts import MAX_WAVE_SIZE
from shared.http.models import Body, CarrierName, Ids, Refs, Rejection, Resource, Whole
from shared.words import Priority

WaveSize = Annotated[StrictInt, Field(ge=1, le=MAX_WAVE_SIZE), Whole]
IdempotencyKey = Annotated[str, Field(min_length=1, max_length=200)]


class SubmitJobBody(Body):
    """The orders to ship, as one job."""

    order_ids: Ids | None = None
    #: The externalIds of the orders, in place of their ids.
    order_refs: Refs | None = None
    carrier: CarrierName = DEFAULT_CARRIER
    #: Used once for ever; a second request with it makes nothing.
    idempotency_key: IdempotencyKey | None = None
    #: Ship once more what was shipped before; never what may have been, or is shipped meanwhile.
    allow_reshipment: StrictBool = False
    #: Urgent jobs go before the others.
    priority: Priority = "normal"
    #: Orders that the robot is given at once; left out, as many as the carrier's configuration says.
    wave_size: WaveSize | None = None


class GuideLookupBody(Body):
    """The orders whose guides are to be looked up; none named: those shipped in the last 30 days that lack one."""

    order_ids: Ids | None = None
    carrier: CarrierName = DEFAULT_CARRIER
    #: Used once for ever; a second request with it makes nothing.
    idempotency_key: IdempotencyKey | None = None


class SubmittedItem(Resource):
    """One order of the job."""

    item_id: UUID
    order_id: UUID


class SubmittedJob(Resource):
    """The job that was made."""

    job_id: UUID
    item_count: int
    items: list[SubmittedItem]
    rejected: list[Rejection]
