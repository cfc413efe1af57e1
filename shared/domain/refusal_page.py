"""Every refusal of the domain, once: its code, its kind, its sentence and its details.

An entry is called with its values and gives the error to raise: `raise page.job_not_found(job_id=job_id)`. Its code is
the function's name, but where one code has several sentences. What comes before the `/` is only said, what comes after
the `*` is a detail; between backticks stand the names of fields, which the API spells its own way.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from shared.domain.refusals import refusal
from shared.domain.result import ErrorCode

INVALID, NOT_FOUND, CONFLICT = ErrorCode.INVALID, ErrorCode.NOT_FOUND, ErrorCode.CONFLICT


# --- Values -------------------------------------------------------------------------------------------------------
@refusal(INVALID, "`{field}` must be {wanted}.", code="invalid_value")
def unexpected_value(field: str, wanted: str, /) -> None: ...


@refusal(INVALID, "`{field}` must be one of {choices}.")
def invalid_choice(field: str, choices: str, /) -> None: ...


@refusal(INVALID, "`{field}` must be a UUID, not {kind}.")
def invalid_id(field: str, kind: str, /) -> None: ...


@refusal(INVALID, "`{field}` must be a list of UUIDs.", code="invalid_id")
def no_list_of_ids(field: str, /) -> None: ...


@refusal(INVALID, "`{field}` is empty; name at least one.")
def no_ids(field: str, /) -> None: ...


@refusal(INVALID, "`{field}` has {count} ids; at most {at_most} are allowed.")
def too_many_ids(field: str, count: int, at_most: int, /) -> None: ...


@refusal(INVALID, "`{field}` has ids twice: {ids}. Name each once.")
def duplicate_ids(field: str, /, *, ids: Sequence[UUID]) -> None: ...


@refusal(INVALID, "`{field}` must be a text.", code="invalid_text")
def no_text(field: str, /) -> None: ...


@refusal(INVALID, "`{field}` must have {at_least} to {at_most} characters; it has {count}.", code="invalid_text")
def text_of_wrong_length(field: str, at_least: int, at_most: int, count: int, /) -> None: ...


@refusal(INVALID, "`{field}` holds a character that can't be stored; remove it.")
def invalid_text(field: str, /) -> None: ...


@refusal(INVALID, "`{field}` {why}.", code="invalid_text")
def unreadable_text(field: str, why: str, /) -> None: ...


@refusal(INVALID, "A text holds a character that can't be stored; remove it and send it again.", code="invalid_text")
def text_not_storable() -> None: ...


@refusal(INVALID, "`{field}` must be a number.", code="invalid_number")
def no_number(field: str, /) -> None: ...


@refusal(INVALID, "`{field}` must be {least} and less than {below}.", code="invalid_number")
def number_out_of_range(field: str, least: str, below: int, /) -> None: ...


@refusal(INVALID, "`{field}` must have at most {decimals} decimals.")
def invalid_number(field: str, decimals: int, /) -> None: ...


@refusal(INVALID, "`{field}` {why}.", code="invalid_number")
def unreadable_amount(field: str, why: str, /) -> None: ...


@refusal(INVALID, "`{field}` must be a whole number, {least} to {most}.", code="invalid_number")
def no_whole_number(field: str, least: int, most: int, /) -> None: ...


@refusal(INVALID, "A number is out of range; correct it and send it again.", code="invalid_number")
def number_not_storable() -> None: ...


@refusal(INVALID, "`{field}` can't be written as JSON: {why}.", code="invalid_value")
def no_json(field: str, why: object, /) -> None: ...


@refusal(INVALID, "`{field}` has {count} bytes; at most {at_most} are allowed.")
def invalid_value(field: str, count: int, at_most: int, /) -> None: ...


@refusal(INVALID, "`{field}` holds a character that can't be stored; remove it.", code="invalid_value")
def json_not_storable(field: str, /) -> None: ...


@refusal(INVALID, "The cursor is not one of this list; begin at the first page.")
def invalid_cursor() -> None: ...


@refusal(INVALID, "`limit` must be a number from 1 to {at_most}.")
def invalid_limit(at_most: int, /) -> None: ...


# --- Carriers -----------------------------------------------------------------------------------------------------
@refusal(NOT_FOUND, "There is no such carrier; use {carriers}.")
def carrier_not_found(carriers: str, /) -> None: ...


@refusal(NOT_FOUND, "{carrier} has not been configured; set its configuration first.")
def carrier_config_not_found(carrier: str, /) -> None: ...


@refusal(INVALID, "{carrier} is not ready: {why}. Complete its configuration first.")
def carrier_not_configured(why: str, /, *, carrier: str) -> None: ...


@refusal(INVALID, "The {measure} must be {least}.")
def invalid_default(measure: str, least: str, /) -> None: ...


@refusal(INVALID, "{count} cities; ask for at most {at_most} at once.")
def too_many_cities(count: int, at_most: int, /) -> None: ...


@refusal(INVALID, "The first line must be {header}.", code="invalid_csv")
def wrong_csv_header(header: str, /, *, lines: Sequence[object]) -> None: ...


@refusal(INVALID, "The CSV has no cities.", code="invalid_csv")
def empty_csv(*, lines: Sequence[object]) -> None: ...


@refusal(INVALID, "Nothing was imported. Correct these and try again: {named}{more}.")
def invalid_csv(named: str, more: str, /, *, lines: Sequence[Mapping[str, object]]) -> None: ...


#: Said after what is wrong with one order of many.
OF_ORDER = "It is of order {order}."


# --- Orders -------------------------------------------------------------------------------------------------------
@refusal(NOT_FOUND, "There is no order {order_id}.")
def order_not_found(*, order_id: UUID) -> None: ...


@refusal(INVALID, "These order ids are not free: {order_ids}. Use others.")
def order_ids_taken(*, order_ids: Sequence[UUID]) -> None: ...


@refusal(INVALID, "`{field}` has neither `id` nor `external_id`; give one of them.")
def missing_id(field: str, /) -> None: ...


@refusal(INVALID, "`{field}` has references twice: {refs}. Name each once.")
def duplicate_refs(field: str, /, *, refs: Sequence[str]) -> None: ...


@refusal(INVALID, "`{field}` must be a list of texts, each the `external_id` of an order.", code="invalid_text")
def no_list_of_refs(field: str, /) -> None: ...


@refusal(INVALID, "Another order has this `external_id`: {taken}. Give each order its own.")
def external_id_in_use(taken: Sequence[str], /, *, orders: Sequence[Mapping[str, object]]) -> None: ...


@refusal(INVALID, "Another order was given this `external_id` just now; try again.", code="external_id_in_use")
def external_id_just_taken(*, orders: Sequence[Mapping[str, object]]) -> None: ...


@refusal(
    INVALID,
    "These orders have another `external_id` now than the one they came with: {order_ids}. Give new orders ids of"
    " their own.",
    code="order_ids_taken",
)
def derived_ids_taken(*, order_ids: Sequence[UUID]) -> None: ...


@refusal(INVALID, "These contact ids are not free: {contact_ids}. Use others.")
def contact_ids_taken(*, contact_ids: Sequence[UUID]) -> None: ...


@refusal(INVALID, "The contact is not one of this workspace; create it first.")
def contact_not_found() -> None: ...


@refusal(
    INVALID,
    "Give `contact_id`, to name another contact, or `contact`, to write it; not both.",
    code="invalid_value",
)
def two_contacts() -> None: ...


@refusal(INVALID, "`total_value` must be zero or more.")
def invalid_total_value() -> None: ...


# --- Files --------------------------------------------------------------------------------------------------------
@refusal(NOT_FOUND, "The file is not kept any more; upload it again.")
def upload_not_found() -> None: ...


@refusal(INVALID, "The file has {count} bytes; at most {at_most} are taken. Split it.")
def upload_too_large(count: int, at_most: int, /) -> None: ...


# --- Submitting ---------------------------------------------------------------------------------------------------
@refusal(CONFLICT, "This idempotency key was used for job {existing_job_id}; look at that job, or use another key.")
def duplicate_job(*, existing_job_id: UUID) -> None: ...


@refusal(NOT_FOUND, "These orders are not known: {order_ids}. Import them first.")
def orders_not_found(*, order_ids: Sequence[UUID]) -> None: ...


@refusal(NOT_FOUND, "These orders are not known: {order_refs}. Import them first.", code="orders_not_found")
def refs_not_found(*, order_refs: Sequence[str]) -> None: ...


@refusal(CONFLICT, "These orders are in a job that has not ended: {held}. Wait for it, or cancel it.")
def order_in_open_job(held: Sequence[str], /, *, orders: Sequence[Mapping[str, object]]) -> None: ...


@refusal(
    CONFLICT,
    "A shipment of these orders may have been made: {held}. Look for it at the carrier, and settle it first.",
)
def shipment_unsettled(held: Sequence[str], /, *, orders: Sequence[Mapping[str, object]]) -> None: ...


@refusal(CONFLICT, "These orders have been shipped: {held}. Leave them out, or allow their reshipment.")
def already_shipped(held: Sequence[str], /, *, orders: Sequence[Mapping[str, object]]) -> None: ...


@refusal(CONFLICT, "The orders are being submitted by someone else just now; try again.", code="order_in_open_job")
def orders_being_submitted(*, orders: Sequence[Mapping[str, object]]) -> None: ...


@refusal(INVALID, "None of the orders can be shipped; see the reason of each.")
def nothing_to_ship(*, rejected: Sequence[object]) -> None: ...


@refusal(INVALID, "Nothing is to be changed; give `status`, `priority` or both.")
def nothing_to_change() -> None: ...


@refusal(
    INVALID,
    "One order alone makes {bytes} bytes for the robot, which takes at most {max_bytes}; shorten its texts.",
)
def batch_too_large(*, bytes: int, max_bytes: int) -> None: ...  # noqa: A002 - the detail's name in the API


@refusal(INVALID, "`item_values` must map order ids to objects.", code="invalid_value")
def no_item_values() -> None: ...


@refusal(INVALID, "`item_values` has values for orders that are not in `order_ids`: {order_ids}.", code="invalid_value")
def values_of_other_orders(order_ids: Sequence[UUID], /) -> None: ...


# --- Jobs ---------------------------------------------------------------------------------------------------------
@refusal(NOT_FOUND, "There is no job {job_id}.")
def job_not_found(*, job_id: UUID) -> None: ...


@refusal(CONFLICT, "The job is {status}: {sentence}.")
def invalid_transition(sentence: str, /, *, status: str) -> None: ...


@refusal(INVALID, "The job has no failed items.", code="nothing_to_retry")
def nothing_failed(*, job_id: UUID, skipped: Sequence[object]) -> None: ...


@refusal(INVALID, "None of the failed items can be retried; see the reason of each.")
def nothing_to_retry(*, job_id: UUID, skipped: Sequence[object]) -> None: ...


@refusal(INVALID, "These are no failed items of the job: {item_ids}. Leave them out.")
def invalid_items(*, item_ids: Sequence[UUID]) -> None: ...


# --- Settling -----------------------------------------------------------------------------------------------------
@refusal(INVALID, "These items are {why}: {item_ids}. Correct the list.", code="invalid_items")
def items_not_to_settle(why: str, /, *, item_ids: Sequence[UUID]) -> None: ...


@refusal(INVALID, "Say of item {item_id} either `shipped` or `voided`, one of them.")
def invalid_settlement(item_id: UUID, /) -> None: ...


@refusal(INVALID, "Item {item_id} has a `tracking_number` only where it was shipped.", code="invalid_settlement")
def number_of_no_shipment(item_id: UUID, /) -> None: ...


@refusal(CONFLICT, "Item {item_id} can't be settled so: {why}.")
def nothing_to_settle(item_id: UUID, why: str, /, *, items: Sequence[Mapping[str, object]]) -> None: ...


@refusal(CONFLICT, "The robot may still make the shipment until {until} UTC; look again then.")
def hand_over_not_over(until: str, /, *, over_at: datetime, items: Sequence[Mapping[str, object]]) -> None: ...


@refusal(CONFLICT, "Another order has this number: {taken}. Correct it, or say `allow_shared_number`.")
def number_in_use(taken: Sequence[str], /, *, orders: Sequence[Mapping[str, object]]) -> None: ...


# --- Reports ------------------------------------------------------------------------------------------------------
@refusal(NOT_FOUND, "There is no item {item_id}.")
def item_not_found(*, item_id: UUID) -> None: ...


@refusal(INVALID, "{count} reports; at most {at_most} are recorded at once.")
def too_many_reports(count: int, at_most: int, /) -> None: ...
