"""What the robot says of one order, understood as far as it can be.

The robot reports once and never looks at the answer, so a report is refused only where nothing can be done
with it: a shipment whose number is lost here is lost for good.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import cast
from uuid import UUID

from shared.logistics import read_reported_number, reported_line, reported_text
from shared.redaction import without_tokens
from shared.words import ERROR_TYPES, ErrorType, ReportStatus

MAX_TEXT = 2_000
MAX_TRACKING_NUMBER = 200
MAX_CITY = 200
#: Bytes of JSON. A PedidoInput has about 600; an event holds 1 MB with everything else that it carries.
MAX_VALUE_SENT = 50_000
MAX_DEPTH = 20
#: Digits beyond this make no number that anyone sends; converting them would take memory and time.
MAX_DIGITS = 200

#: NUL goes, other control characters become blanks; line ends and tabs may stay.
_CONTROLS = {code: " " for code in (*range(0x01, 0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"} | {0: None}


@dataclass(frozen=True)
class Report:
    """One order's outcome, in texts that can be stored.

    `understood` is False where the status could not be read: the report then stands as an error of type
    unknown. `remarks` say what was left out, for the log.
    """

    item_id: UUID
    status: ReportStatus
    tracking_number: str | None = None
    validated_city: str | None = None
    value_sent: dict[str, object] | None = None
    error_type: ErrorType | None = None
    error_message: str | None = None
    guide_found: bool | None = None
    understood: bool = True
    remarks: tuple[str, ...] = ()


class UnreadableReportError(Exception):
    """The report names no item, so that it can't be kept."""


def parse_report(body: str | None, *, is_base64: bool = False) -> Report:
    """Return the report that a request's body holds, whatever its content type.

    Raises:
        UnreadableReportError: it is no JSON object, or its itemId is no UUID.
    """
    fields = _json_object(_text(body or "", is_base64=is_base64))
    item_id = _item_id(fields.get("itemId"))
    tracking_number, number_remark = _tracking_number(fields.get("trackingNumber"))
    value_sent, value_remark = _value_sent(fields.get("valueSent"))
    guide_found, guide_remark = _guide_found(fields.get("guideFound"))
    remarks = tuple(remark for remark in (number_remark, value_remark, guide_remark) if remark)
    city = (_line(fields.get("validatedCity")) or "")[:MAX_CITY] or None
    status = _status(fields.get("status"))
    if status == "success":
        return Report(item_id, "success", tracking_number, city, value_sent, guide_found=guide_found, remarks=remarks)
    if status == "error":
        error_type = _error_type(fields.get("errorType"))
        message = _message(fields.get("errorMessage"))
        return Report(item_id, "error", tracking_number, city, value_sent, error_type, message, remarks=remarks)
    message = cut(f"report not understood: {_dump(fields)}")
    return Report(
        item_id,
        "error",
        tracking_number,
        city,
        value_sent,
        "unknown",
        message,
        understood=False,
        remarks=remarks,
    )


def cut(text: str) -> str:
    """Return a text without tokens and what can't be stored or would spoil a terminal, at most 2,000 characters."""
    return without_tokens(_harmless(text)).strip()[:MAX_TEXT].rstrip()


def _text(body: str, *, is_base64: bool) -> str:
    if not is_base64:
        return body
    try:
        data = base64.b64decode(body)
    except (binascii.Error, ValueError):
        return body
    # Bytes that are no UTF-8 can only be inside a text: the rest of the report is still good.
    return data.decode(json.detect_encoding(data), errors="replace")


def _json_object(text: str) -> dict[str, object]:
    try:
        # strict=False: a line end inside a text is no reason to lose a report. Nor is what follows the object.
        decoder = json.JSONDecoder(strict=False, parse_int=_integer, parse_float=_decimal, parse_constant=float)
        found, _end = decoder.raw_decode(text.lstrip(" \t\r\n\0\ufeff"))
    except (ValueError, RecursionError) as error:
        raise UnreadableReportError("The body is not JSON.") from error
    if not isinstance(found, dict):
        raise UnreadableReportError("The body is not a JSON object.")
    return cast("dict[str, object]", found)


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= MAX_DIGITS else digits


def _decimal(digits: str) -> Decimal | str:
    try:
        number = Decimal(digits)
    except InvalidOperation:
        return digits
    return number if len(digits) <= MAX_DIGITS and abs(number.adjusted()) <= MAX_DIGITS else digits


def _guide_found(value: object) -> tuple[bool | None, str | None]:
    if value is None or isinstance(value, bool):
        return value, None
    said = {"true": True, "false": False}.get((_line(value) or "").lower())
    return said, None if said is not None else "guideFound is neither true nor false"


def _item_id(value: object) -> UUID:
    try:
        return UUID(_line(value) or "")
    except ValueError as error:
        raise UnreadableReportError("itemId is not a UUID.") from error


def _status(value: object) -> str:
    return (_line(value) or "").lower()


def _error_type(value: object) -> ErrorType:
    name = (_line(value) or "").lower()
    return name if name in ERROR_TYPES else "unknown"


def _tracking_number(value: object) -> tuple[str | None, str | None]:
    written = _number(value) or value
    line = _line(written)
    if value is None or line == "":
        return None, None
    text = None if line is None else read_reported_number(line)
    if text is None:
        return None, f"trackingNumber can't be read: {cut(_dump(value))[:MAX_TRACKING_NUMBER]}"
    if len(text) > MAX_TRACKING_NUMBER:
        return (
            None,
            f"trackingNumber is longer than {MAX_TRACKING_NUMBER} characters: {text[:MAX_TRACKING_NUMBER]}",
        )
    return text, None


def _number(value: object) -> str | None:
    """Return a number's digits as the carrier would print them: 52800012345.0 and 5.28E+10 have no point."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    digits = format(value, "f") if isinstance(value, Decimal) else str(value)
    whole, _, fraction = digits.partition(".")
    return digits if fraction.strip("0") else whole


def _message(value: object) -> str | None:
    if value is None:
        return None
    return cut(reported_text(value) if isinstance(value, str) else _dump(value)) or None


def _value_sent(value: object) -> tuple[dict[str, object] | None, str | None]:
    if value is None:
        return None, None
    if not isinstance(value, dict):
        return None, "valueSent is not an object"
    cleaned = _storable(value)
    if len(json.dumps(cleaned)) > MAX_VALUE_SENT:
        return None, f"valueSent has more than {MAX_VALUE_SENT} bytes"
    return cast("dict[str, object]", cleaned), None


def _storable(value: object, *, depth: int = 0) -> object:
    """Return a JSON value that PostgreSQL stores and every parser reads: no NaN, no NUL, not too deep."""
    if depth > MAX_DEPTH or isinstance(value, float):
        return None  # A float here is NaN or an infinity: the parser makes Decimals of all others.
    if isinstance(value, dict):
        return {_harmless(str(name)): _storable(inner, depth=depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [_storable(inner, depth=depth + 1) for inner in value]
    if isinstance(value, Decimal):
        return float(value)
    return _harmless(value) if isinstance(value, str) else value


def _line(value: object) -> str | None:
    """Return a text of one line, as `reported_line` does; None where it is no text."""
    return reported_line(_harmless(value)) if isinstance(value, str) else None


def _harmless(text: str) -> str:
    """Return a text without NUL, with blanks for other control characters and U+FFFD for lone surrogates."""
    whole = text.encode("utf-16", errors="surrogatepass").decode("utf-16", errors="replace")
    return whole.translate(_CONTROLS)


def _dump(value: object) -> str:
    return json.dumps(_storable(value), ensure_ascii=False)
