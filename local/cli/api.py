"""A typed client of the HTTP API, for the CLI, the demo and the end-to-end tests."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import SplitResult, urlsplit

import httpx
from pydantic import BaseModel, ValidationError

from local.cli.errors import ApiError, CommandError
from local.cli.models import (
    CarrierConfig,
    CheckedOrders,
    Item,
    ItemHistory,
    ItemPage,
    Job,
    JobPage,
    Order,
    OrderPage,
    RetriedItems,
    SettledItems,
    Submission,
)
from local.cli.secret_texts import hidden

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType
    from uuid import UUID

    from shared.words import Priority

M = TypeVar("M", bound=BaseModel)

#: The gateway gives up after 30 s; a little longer tells its answer from silence.
TIMEOUT_S = 35
#: Reading is tried again where that can help; what changes something is sent once.
READ_ATTEMPTS = 3
PAGE_SIZE = 500
MAX_ORDERS_PER_IMPORT = 1_000

_TRANSIENT = {429, 502, 503, 504}
_WITHOUT_PROBLEM = {
    401: "The API does not accept the token: it is missing, expired or of another issuer",
    403: "The token lacks the scope that this needs",
    404: "The API has no such address",
}


class RobotJobsApi:
    """One API as one caller sees it; every method raises ApiError where the API refuses."""

    def __init__(self, api_url: str, token: str) -> None:
        """Prepare to call the API; nothing is sent yet.

        Raises:
            CommandError: the address is none.
        """
        # It isn't shown: what was given in its place may be a secret, and what an address holds, too.
        parts = _address(api_url)
        if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
            raise CommandError("The API's address is no address of an API; it starts with https:// or http://.")
        if "@" in parts.netloc or parts.query or parts.fragment:
            raise CommandError(
                f"The API's address at {parts.hostname} holds more than an address; give a token by --token or "
                "ROBOT_JOBS_TOKEN, and the address as https://host/stage."
            )
        self.http = httpx.Client(
            base_url=api_url.rstrip("/") + "/",
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT_S,
            # A proxy of the environment can't reach this machine's own stack.
            trust_env=parts.hostname not in {"127.0.0.1", "localhost", "::1"},
        )
        self._job_answers: dict[UUID, tuple[str, Job]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.http.close()

    def import_orders(self, orders: Sequence[Mapping[str, Any]]) -> int:
        """Create or update orders, as many requests as they need; their count."""
        imported = 0
        for start in range(0, len(orders), MAX_ORDERS_PER_IMPORT):
            batch = orders[start : start + MAX_ORDERS_PER_IMPORT]
            imported += int(self._send("POST", "orders", {"orders": batch}).json()["imported"])
        return imported

    def check_orders(self, orders: Sequence[Mapping[str, Any]]) -> CheckedOrders:
        """What an import of up to 1,000 orders would do; nothing is written."""
        return _read(CheckedOrders, self._send("POST", "order-checks", {"orders": orders}))

    def get_order(self, order_id: UUID) -> Order:
        """One order."""
        return _read(Order, self._get(f"orders/{order_id}"))

    def list_orders(  # noqa: PLR0913 - each parameter is one of the route
        self,
        *,
        search: str | None = None,
        shipped: bool | None = None,
        has_guide: bool | None = None,
        stage_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> OrderPage:
        """Orders, newest first: all, or those that have a text in them."""
        wanted = {
            "search": search,
            "shipped": None if shipped is None else str(shipped).lower(),
            "hasGuide": None if has_guide is None else str(has_guide).lower(),
            "stageId": stage_id,
            "limit": limit,
            "cursor": cursor,
        }
        params = {name: str(value) for name, value in wanted.items() if value is not None}
        return _read(OrderPage, self._get("orders", params=params))

    def get_item(self, job_id: UUID, item_id: UUID) -> ItemHistory:
        """An item of a job, with what was sent of it each time, and every report."""
        return _read(ItemHistory, self._get(f"robot-jobs/{job_id}/items/{item_id}"))

    def update_order(self, order_id: UUID, changes: Mapping[str, Any]) -> Order:
        """Change what is named of an order; a None clears it."""
        return _read(Order, self._send("PATCH", f"orders/{order_id}", changes))

    def get_carrier_config(self, carrier: str) -> CarrierConfig:
        """The workspace's account at the carrier."""
        return _read(CarrierConfig, self._get(f"carriers/{carrier}/config"))

    def put_carrier_config(self, carrier: str, changes: Mapping[str, Any]) -> CarrierConfig:
        """Change what is named of the account, keep the rest."""
        return _read(CarrierConfig, self._send("PUT", f"carriers/{carrier}/config", changes))

    def submit(  # noqa: PLR0913 - the fields of the request
        self,
        order_ids: Sequence[UUID],
        *,
        order_refs: Sequence[str] = (),
        carrier: str | None = None,
        idempotency_key: str | None = None,
        allow_reshipment: bool = False,
        priority: Priority | None = None,
        wave_size: int | None = None,
    ) -> Submission:
        """Hand a batch of orders in, by their ids, or by what the shop calls them."""
        ids = [str(order_id) for order_id in order_ids]
        body: dict[str, Any] = {"orderRefs": list(order_refs)} if order_refs else {"orderIds": ids}
        if carrier is not None:
            body["carrier"] = carrier
        if idempotency_key is not None:
            body["idempotencyKey"] = idempotency_key
        if allow_reshipment:
            body["allowReshipment"] = True
        if priority is not None:
            body["priority"] = priority
        if wave_size is not None:
            body["waveSize"] = wave_size
        return _read(Submission, self._send("POST", "robot-jobs", body))

    def look_up_guides(self, order_ids: Sequence[UUID] = (), *, idempotency_key: str | None = None) -> Submission:
        """Have guides looked up: those of the orders, or of what was shipped lately and lacks one."""
        body: dict[str, Any] = {"orderIds": [str(order_id) for order_id in order_ids]} if order_ids else {}
        if idempotency_key is not None:
            body["idempotencyKey"] = idempotency_key
        return _read(Submission, self._send("POST", "guide-lookups", body))

    def get_job(self, job_id: UUID) -> Job:
        """How far the job is; cheap to ask often, since an unchanged answer is not sent again."""
        etag, known = self._job_answers.get(job_id, (None, None))
        headers = {"If-None-Match": etag} if etag else {}
        answer = self._get(f"robot-jobs/{job_id}", params={"limit": "1"}, headers=headers)
        if answer.status_code == httpx.codes.NOT_MODIFIED and known is not None:
            return known
        job = _read(ItemPage, answer).job
        if "ETag" in answer.headers:
            self._job_answers[job_id] = (answer.headers["ETag"], job)
        return job

    def get_items(self, job_id: UUID, status: str | None = None) -> list[Item]:
        """Every item of the job, or those of one status, in the order of their creation."""
        return [item for page in self._item_pages(job_id, status) for item in page.items]

    def list_jobs(
        self,
        *,
        status: str | None = None,
        carrier: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> JobPage:
        """Jobs, newest first."""
        wanted = {"status": status, "carrier": carrier, "limit": limit, "cursor": cursor}
        params = {name: str(value) for name, value in wanted.items() if value is not None}
        return _read(JobPage, self._get("robot-jobs", params=params))

    def retry(self, job_id: UUID, item_ids: Sequence[UUID] = ()) -> RetriedItems:
        """Hand the job's failed items over again: those named, or all."""
        body = {"itemIds": [str(item_id) for item_id in item_ids]} if item_ids else {}
        return _read(RetriedItems, self._send("POST", f"robot-jobs/{job_id}/retry", body))

    def cancel(self, job_id: UUID) -> int:
        """Cancel the orders of the job whose hand-over has not begun; how many that were."""
        return int(self._send("POST", f"robot-jobs/{job_id}/cancel", {}).json()["cancelledCount"])

    def settle(
        self,
        job_id: UUID,
        settlements: Sequence[Mapping[str, Any]],
        *,
        note: str | None = None,
        allow_shared_number: bool = False,
    ) -> SettledItems:
        """Say what a person found at the carrier of up to 1,000 items: all of it is recorded, or nothing."""
        body: dict[str, Any] = {"items": settlements}
        if note is not None:
            body["note"] = note
        if allow_shared_number:
            body["allowSharedNumber"] = True
        return _read(SettledItems, self._send("POST", f"robot-jobs/{job_id}/settle", body))

    def pause(self, job_id: UUID) -> None:
        """Start no further wave of the job."""
        self._send("POST", f"robot-jobs/{job_id}/pause", {})

    def resume(self, job_id: UUID) -> None:
        """Let the job go on in its turn."""
        self._send("POST", f"robot-jobs/{job_id}/resume", {})

    def prioritise(self, job_id: UUID, priority: Priority) -> None:
        """Give the job its place in the line."""
        self._send("PATCH", f"robot-jobs/{job_id}", {"priority": priority})

    def end(self, job_id: UUID, status: str) -> None:
        """End the job: what is open of it fails."""
        self._send("PATCH", f"robot-jobs/{job_id}", {"status": status})

    def _item_pages(self, job_id: UUID, status: str | None) -> Iterator[ItemPage]:
        params = {"limit": str(PAGE_SIZE)} | ({"status": status} if status else {})
        while True:
            page = _read(ItemPage, self._get(f"robot-jobs/{job_id}", params=params))
            yield page
            if page.next_cursor is None:
                return
            params["cursor"] = page.next_cursor

    def _get(
        self, path: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        for attempt in range(1, READ_ATTEMPTS):
            try:
                answer = self.http.get(path, params=params, headers=headers)
            except httpx.TransportError:
                pass
            else:
                if answer.status_code not in _TRANSIENT:
                    return _checked(answer)
            time.sleep(0.5 * attempt)
        try:
            return _checked(self.http.get(path, params=params, headers=headers))
        except httpx.TransportError as error:
            raise self._silence(error) from error

    def _send(self, method: str, path: str, body: Mapping[str, Any]) -> httpx.Response:
        try:
            return _checked(self.http.request(method, path, json=body))
        except httpx.ConnectError as error:
            raise self._silence(error) from error
        except httpx.TransportError as error:
            raise CommandError(
                f"The API at {self.http.base_url} gave no answer ({type(error).__name__}); what was asked may "
                "have been done all the same, so look before asking again."
            ) from error

    def _silence(self, error: httpx.TransportError) -> CommandError:
        return CommandError(f"The API at {self.http.base_url} does not answer: {hidden(str(error))}.")


def _address(text: str) -> SplitResult | None:
    try:
        return urlsplit(text)
    except ValueError:
        return None


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.is_success or answer.status_code == httpx.codes.NOT_MODIFIED:
        return answer
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    if isinstance(problem, dict) and "detail" in problem:
        code = problem.get("code")
        raise ApiError(answer.status_code, code, str(problem["detail"]).rstrip("."), problem)
    detail = _WITHOUT_PROBLEM.get(answer.status_code, "The API answered with something that is not its own")
    raise ApiError(answer.status_code, None, detail, {})


def _read(model: type[M], answer: httpx.Response) -> M:
    try:
        return model.model_validate_json(answer.content)
    except ValidationError as error:
        raise CommandError(
            f"The answer of {answer.request.url} is not one of this API's: is that its address?"
        ) from error
