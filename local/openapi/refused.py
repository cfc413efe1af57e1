"""An example of each refusal, as the program gives it: the pages of refusals called with values."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from local.openapi import ids
from shared.carriers.registry import DEFAULT_CARRIER
from shared.domain import RejectedOrder
from shared.domain import refusal_page as page
from shared.domain.activation import too_many_stages
from shared.domain.carriers.registry import no_such_carrier
from shared.domain.jobs.lookups import NO_NUMBER
from shared.domain.refusals import RefusedError
from shared.http import refusal_page as http_page
from shared.http.domain_api import problem_of_failure
from shared.http.problems import Problem, ProblemError
from shared.logistics import Parcel, Recipient, ShipmentDefaults, Unshippable, build_pedido
from shared.robot.callback_token import NOT_VALID
from shared.robot.url_policy import RobotUrlError, check_robot_url

_NO_ROBOT = "no robot has it yet"
_OVER_AT = datetime(2025, 8, 19, 6, 13, tzinfo=UTC)
#: Operation → whose value its example of a code is about, where that is not what most of them are about.
_ABOUT = {
    "get_config": {"text": "carrier"},
    "put_config": {"text": "portal_username", "number": "declared_value"},
    "get_coverage": {"text": "carrier"},
    "validate_coverage": {"text": "city"},
    "search_cities": {"text": "search"},
    "list_jobs": {"text": "carrier"},
    "submit": {"text": "idempotency_key"},
    "retry_job": {"ids": "item_ids"},
    "settle_job": {"ids": "items", "text": "note"},
    "list_orders": {"text": "search"},
    "import_orders": {"ids": "orders", "refs": "orders"},
    "check_orders": {"ids": "orders", "refs": "orders"},
    "put_activation": {"text": "Each stage id"},
}
#: Codes that mean something else here than elsewhere.
_OF_ONE_OPERATION: dict[tuple[str, str], RefusedError | ProblemError] = {
    ("receive", "try_again"): http_page.report_not_passed_on(),
    ("put_activation", "invalid_value"): too_many_stages(),
}


def example_of(operation: str, code: str) -> Problem:
    """Return an operation's problem with this code.

    Raises:
        KeyError: there is no example of the code.
    """
    about = {"text": "name", "number": "total_value", "ids": "order_ids", "refs": "order_refs"}
    about |= _ABOUT.get(operation, {})
    if (operation, code) in _OF_ONE_OPERATION:
        return _problem(_OF_ONE_OPERATION[operation, code])
    return {each.code: each for each in _problems(about)}[code]


def rejected_order() -> Unshippable:
    """Return what is said of an order whose city the carrier does not serve.

    Raises:
        TypeError: the carrier serves it.
    """
    parcel = Parcel(name="A-1002", address="Calle de los Turcos 1", city="Macondo", department="Magdalena")
    recipient = Recipient("Úrsula Iguarán", "3104528817")
    measures = ShipmentDefaults(Decimal(0), Decimal(1), Decimal(10), Decimal(10), Decimal(10), None)
    built = build_pedido(parcel, recipient, None, measures)
    if not isinstance(built, Unshippable):
        raise TypeError("the order can be shipped")
    return built


def _skipped() -> RejectedOrder:
    return RejectedOrder(
        ids.ORDER,
        "shipment_unsettled",
        "A shipment of the order may have been made; look for it at the carrier, then settle it.",
        ids.FAILED_ITEM,
        ids.JOB,
    )


def _problems(about: dict[str, str]) -> Iterable[Problem]:
    yield from map(_problem, _of_the_domain(about))
    yield from map(_problem, _of_http())


def _problem(refused: RefusedError | ProblemError) -> Problem:
    return problem_of_failure(refused.failure) if isinstance(refused, RefusedError) else refused.problem


def _of_the_domain(about: dict[str, str]) -> Iterable[RefusedError]:
    rejected = rejected_order()
    return (
        page.batch_too_large(bytes=5_200_000, max_bytes=5_000_000),
        page.carrier_config_not_found(DEFAULT_CARRIER),
        page.carrier_not_configured("the portal's password is missing", carrier=DEFAULT_CARRIER),
        no_such_carrier(),
        page.contact_ids_taken(contact_ids=[ids.CONTACT]),
        page.contact_not_found(),
        page.duplicate_ids(about["ids"], ids=[ids.ORDER]),
        page.duplicate_refs(about["refs"], refs=["A-1001"]),
        page.duplicate_job(existing_job_id=ids.JOB),
        page.external_id_in_use(
            [f"A-1001 (order {ids.ORDER})"], orders=[{"order_id": ids.ORDER, "external_id": "A-1001"}]
        ),
        page.invalid_cursor(),
        page.invalid_items(item_ids=[ids.FAILED_ITEM]),
        page.invalid_number(about["number"], 2),
        page.invalid_text(about["text"]),
        page.invalid_transition("it can't become processing", status="completed"),
        page.invalid_value("custom_fields", 60_000, 50_000),
        page.item_not_found(item_id=ids.ITEM),
        page.job_not_found(job_id=ids.JOB),
        page.missing_id("orders.1"),
        page.no_ids(about["ids"]),
        page.nothing_to_change(),
        page.nothing_to_look_up(rejected=[RejectedOrder(ids.ORDER, "no_tracking_number", NO_NUMBER)]),
        page.nothing_to_retry(job_id=ids.JOB, skipped=[_skipped()]),
        page.nothing_to_settle(
            ids.FAILED_ITEM,
            "no robot has it yet",
            items=[{"item_id": ids.FAILED_ITEM, "reason": "no robot has it yet"}],
        ),
        page.number_in_use(
            [f"70000000001 (order {ids.ORDER})"], orders=[{"order_id": ids.ORDER, "tracking_number": "70000000001"}]
        ),
        page.invalid_settlement(ids.FAILED_ITEM),
        page.hand_over_not_over(
            "2025-08-19 06:13", over_at=_OVER_AT, items=[{"item_id": ids.FAILED_ITEM, "over_at": _OVER_AT}]
        ),
        page.nothing_to_ship(rejected=[RejectedOrder(ids.ORDER, rejected.code.value, rejected.reason)]),
        page.order_ids_taken(order_ids=[ids.ORDER]),
        page.order_in_open_job([f"{ids.ORDER} (job {ids.JOB})"], orders=[{"order_id": ids.ORDER, "job_id": ids.JOB}]),
        page.order_not_found(order_id=ids.ORDER),
        page.orders_not_found(order_ids=[ids.ORDER]),
        page.too_many_cities(10_001, 10_000),
        page.too_many_ids(about["ids"], 10_001, 10_000),
    )


def _of_http() -> Iterable[ProblemError]:
    limit = {"field": "limit", "message": "Input should be less than or equal to 500"}
    return (
        http_page.body_too_large(),
        http_page.idempotency_keys_differ(),
        http_page.ids_or_refs(),
        http_page.internal_error(),
        http_page.invalid_callback_secret(NOT_VALID),
        http_page.invalid_input(limit["field"], limit["message"], "", errors=[limit]),
        http_page.invalid_json(" at character 17"),
        http_page.invalid_robot_url(_why_no_robot_url()),
        http_page.no_workspace(),
        http_page.status_not_understood(),
        http_page.try_again(),
        http_page.unsupported_media_type(),
    )


def _why_no_robot_url() -> str:
    try:
        check_robot_url("https://operator@robot.example.com")
    except RobotUrlError as error:
        return str(error)
    raise ValueError("the URL is one of a robot")
