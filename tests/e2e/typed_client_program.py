"""The main job by the generated client alone, as somebody else's program: run with the client's own packages.

Arguments: the API's URL, a token, the robot's URL. It prints what it saw as JSON.
"""

import json
import sys
import time
from http import HTTPStatus
from typing import TypeVar
from uuid import UUID, uuid4

from typed_client.api.carriers import put_config
from typed_client.api.orders import get_order, import_orders
from typed_client.api.robot_jobs import get_item, get_job, list_jobs, retry_job, submit
from typed_client.client import AuthenticatedClient
from typed_client.models.carrier_config_body import CarrierConfigBody
from typed_client.models.carrier_config_resource import CarrierConfigResource
from typed_client.models.contact_body import ContactBody
from typed_client.models.gateway_message import GatewayMessage
from typed_client.models.get_job_response_404 import GetJobResponse404
from typed_client.models.get_job_response_404_code import GetJobResponse404Code
from typed_client.models.import_order_body import ImportOrderBody
from typed_client.models.import_orders_body import ImportOrdersBody
from typed_client.models.imported_orders_resource import ImportedOrdersResource
from typed_client.models.item_history import ItemHistory
from typed_client.models.job_detail import JobDetail
from typed_client.models.job_list import JobList
from typed_client.models.order_detail import OrderDetail
from typed_client.models.retry_job_response_422 import RetryJobResponse422
from typed_client.models.retry_job_response_422_code import RetryJobResponse422Code
from typed_client.models.submit_job_body import SubmitJobBody
from typed_client.models.submit_response_409 import SubmitResponse409
from typed_client.models.submit_response_409_code import SubmitResponse409Code
from typed_client.models.submitted_job import SubmittedJob

T = TypeVar("T")

_TIMEOUT_S = 60


def a(kind: type[T], answer: object) -> T:
    """Return an answer that must be of a kind."""
    if not isinstance(answer, kind):
        raise TypeError(f"{kind.__name__} was expected: {answer}")
    return answer


def main(api_url: str, token: str, robot_url: str) -> dict[str, object]:
    """Ship three orders, and meet a refusal of each kind."""
    client = AuthenticatedClient(api_url, token, raise_on_unexpected_status=True)
    account = CarrierConfigBody(
        portal_username="tienda",
        portal_password="s3cret",
        robot_url=robot_url,
        is_enabled=True,
    )
    a(CarrierConfigResource, put_config.sync("coordinadora", client=client, body=account))
    order_ids = [uuid4() for _ in range(3)]
    orders = ImportOrdersBody(orders=[_order(order_id, number) for number, order_id in enumerate(order_ids)])
    imported = a(ImportedOrdersResource, import_orders.sync(client=client, body=orders)).imported
    body = SubmitJobBody(order_ids=order_ids)
    made = a(SubmittedJob, submit.sync(client=client, body=body, idempotency_key="once"))
    again = a(SubmitResponse409, submit.sync(client=client, body=body, idempotency_key="once"))
    if again.code is not SubmitResponse409Code.DUPLICATE_JOB:
        raise TypeError(again.code)
    ended = _ended(client, made.job_id)
    history = a(ItemHistory, get_item.sync(made.job_id, ended.items[0].id, client=client))
    order = a(OrderDetail, get_order.sync(order_ids[0], client=client))
    nothing = a(RetryJobResponse422, retry_job.sync(made.job_id, client=client))
    if nothing.code is not RetryJobResponse422Code.NOTHING_TO_RETRY:
        raise TypeError(nothing.code)
    unknown = a(GetJobResponse404, get_job.sync(uuid4(), client=client))
    if unknown.code is not GetJobResponse404Code.JOB_NOT_FOUND:
        raise TypeError(unknown.code)
    stranger = AuthenticatedClient(api_url, "no token", raise_on_unexpected_status=True)
    refused = list_jobs.sync_detailed(client=stranger)
    a(GatewayMessage, refused.parsed)
    return {
        "imported": imported,
        "existingJobId": again.additional_properties["existingJobId"] == str(made.job_id),
        "status": ended.job.status.value,
        "counts": ended.job.counts.success,
        "numbers": sorted(str(item.tracking_number) for item in ended.items),
        "numberOfOrder": order.tracking_number,
        "attempts": [attempt.outcome.value for attempt in history.attempts],
        "jobs": len(a(JobList, list_jobs.sync(client=client)).jobs),
        "unauthorized": refused.status_code == HTTPStatus.UNAUTHORIZED,
    }


def _order(order_id: UUID, number: int) -> ImportOrderBody:
    return ImportOrderBody(
        id=order_id,
        name=f"T-{number}",
        total_value=90000,
        prepaid=True,
        shipping_address="Calle 10 # 10-20",
        shipping_city="Medellín",
        shipping_department="Antioquia",
        contact=ContactBody(name="Luz Marina Ospina", phone="3004567890", identification="43567890"),
    )


def _ended(client: AuthenticatedClient, job_id: UUID) -> JobDetail:
    end = time.monotonic() + _TIMEOUT_S
    while True:
        detail = a(JobDetail, get_job.sync(job_id, client=client))
        if detail.job.status.value in {"completed", "failed"}:
            return detail
        if time.monotonic() > end:
            raise TimeoutError(detail.job)
        time.sleep(0.2)


if __name__ == "__main__":
    json.dump(main(*sys.argv[1:]), sys.stdout)
