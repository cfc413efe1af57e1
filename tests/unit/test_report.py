"""Whatever the robot sends is understood as far as it can be: it reports only once."""

import base64
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.events.robot import ItemCompleted
from shared.robot.report import Report, UnreadableReportError, parse_report

CASES = Path(__file__).parents[1] / "cases"
ITEM = UUID("0198c0de-0000-7000-8000-000000000001")


def parse(**fields: object) -> Report:
    return parse_report(json.dumps({"itemId": str(ITEM), "status": "success", **fields}))


def raw(fields: str) -> Report:
    return parse_report(f'{{"itemId": "{ITEM}", "status": "success", {fields}}}')


def test_a_success_is_read_whole() -> None:
    report = parse(trackingNumber="52800012345", validatedCity="MEDELLIN (ANT)", valueSent={"peso": 1}, extra=[1])
    assert report == Report(ITEM, "success", "52800012345", "MEDELLIN (ANT)", {"peso": 1})


def test_an_error_is_read_whole() -> None:
    report = parse(status="error", errorType="portal", errorMessage="the portal is down")
    assert report == Report(ITEM, "error", error_type="portal", error_message="the portal is down")


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        ('"  528\\u00001 "', "5281"),
        ("52800012345", "52800012345"),
        ("0", "0"),
        ("52800012345.0", "52800012345"),
        ("5.28E+10", "52800000000"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("1.2345678901234567e+22", "12345678901234567000000"),
        ("528.5", "528.5"),
        ('"A\\nB"', "A B"),
        ('""', None),
        ('"   "', None),
        ("null", None),
    ],
)
def test_a_tracking_number_is_text(sent: str, number: str | None) -> None:
    report = raw(f'"trackingNumber": {sent}')
    assert (report.status, report.tracking_number, report.remarks) == ("success", number, ())


@pytest.mark.parametrize(
    "sent",
    [
        "true",
        "false",
        "{}",
        '{"number": 5}',
        "[528]",
        "NaN",
        "-Infinity",
        "9" * 5_000,
        "1e999999999",
        f'"{"9" * 201}"',
    ],
)
def test_a_success_is_a_success_even_when_its_number_cannot_be_read(sent: str) -> None:
    """A strict endpoint loses the shipment."""
    report = raw(f'"trackingNumber": {sent}')
    assert report.status == "success"
    assert report.understood
    if sent != "1e999999999":
        assert report.tracking_number is None
        assert report.remarks


@pytest.mark.parametrize(
    ("sent", "found", "remarks"),
    [
        (True, True, ()),
        (False, False, ()),
        (None, None, ()),
        ("true", True, ()),
        (" FALSE\n", False, ()),
        *((other, None, ("guideFound is neither true nor false",)) for other in ("yes", "", 1, 0, [True])),
    ],
)
def test_whether_a_guide_was_found_is_yes_or_no_or_is_not_said(
    sent: object,
    found: bool | None,  # noqa: FBT001 - a case's value
    remarks: tuple[str, ...],
) -> None:
    report = parse(guideFound=sent, trackingNumber="9001")
    assert (report.guide_found, report.tracking_number, report.remarks) == (found, "9001", remarks)


def test_the_longest_tracking_number_is_kept() -> None:
    assert parse(trackingNumber="9" * 200).tracking_number == "9" * 200


@pytest.mark.parametrize("sent", ["Portal", " portal ", "PORTAL"])
def test_an_error_type_is_read_in_any_case(sent: str) -> None:
    assert parse(status="error", errorType=sent).error_type == "portal"


@pytest.mark.parametrize("sent", ["network", "", None, 5, {}, ["portal"]])
def test_an_unknown_error_type_is_unknown(sent: object) -> None:
    assert parse(status="error", errorType=sent).error_type == "unknown"


def test_messages_are_trimmed_and_cut_at_2000_characters() -> None:
    assert parse(status="error", errorMessage=f"  {'ñ' * 3_000} ").error_message == "ñ" * 2_000
    # Cut between two words, it ends with the first.
    assert parse(status="error", errorMessage=f"{'ñ' * 1_999} again").error_message == "ñ" * 1_999


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a\0b", "ab"),
        ("a\ud800b", "a\ufffdb"),
        ("a\x1b[31mb\x9b", "a [31mb"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\0", None),
        ("", None),
        (None, None),
        (404, "404"),
        ({"code": 5}, '{"code": 5}'),
        ("\u202eright to left 🚚", "right to left 🚚"),
        ("Pen\u0303o\u0301n", "Pe\u00f1\u00f3n"),
        ("lost \ufffd letter", "lost \ufffd letter"),
    ],
)
def test_texts_are_stored_without_harm(sent: object, kept: str | None) -> None:
    assert parse(status="error", errorMessage=sent).error_message == kept


@pytest.mark.parametrize("code", [*range(0x01, 0x20), *range(0x7F, 0xA0)])
def test_no_control_character_is_stored(code: int) -> None:
    """Naive: those of ASCII alone are known, and U+009B or U+009F begins a command at somebody's terminal."""
    between = chr(code) if chr(code) in "\n\t" else " "
    report = parse(status="error", errorMessage=f"a{chr(code)}b", valueSent={f"c{chr(code)}d": f"e{chr(code)}f"})
    assert report.error_message == f"a{between}b"
    assert report.value_sent == {f"c{between}d": f"e{between}f"}
    assert parse(validatedCity=f"SAN{chr(code)}GIL").validated_city == "SAN GIL"


@pytest.mark.parametrize("text", ["\u00a1ay!", "a\u00ffb", "a~b", "a b", "a\u00a0b"])
def test_the_letters_beside_the_control_characters_are_kept(text: str) -> None:
    report = parse(status="error", errorMessage=text, valueSent={text: text})
    assert (report.error_message, report.value_sent) == (text, {text: text})


@pytest.mark.parametrize("letter", ["x", "\u00d1", "\N{PACKAGE}"])
@pytest.mark.parametrize("size", [1, 199, 200, 201, 5_000])
def test_a_city_is_cut_at_200_characters(letter: str, size: int) -> None:
    for status in ("success", "error", "done"):
        assert parse(status=status, validatedCity=letter * size).validated_city == letter * min(size, 200)


@pytest.mark.parametrize("sent", ["", "  ", None, 5, ["CALI"], {"city": "CALI"}])
def test_a_city_that_is_none_is_missing(sent: object) -> None:
    report = parse(trackingNumber="1", validatedCity=sent)
    assert (report.status, report.tracking_number, report.validated_city) == ("success", "1", None)


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        ("\u200b52800012345\ufeff", "52800012345"),
        ("\ufeff528\u00ad000\u206012345", "52800012345"),
        ("５２８０００１２３４５", "52800012345"),  # noqa: RUF001 - typed in full width
        ("undefined", None),
        ("Null", None),
        ("[object Object]", None),
        (" n/a ", None),
        ("—", None),
        ("\u200bundefined\u200b", None),
        ("5280\ufffd12345", None),
    ],
)
def test_a_number_is_what_anyone_sees_of_it_or_missing(sent: str, number: str | None) -> None:
    """Taken as sent, the true number is a conflict later, or never gets in."""
    report = parse(trackingNumber=sent)
    assert (report.status, report.understood, report.tracking_number) == ("success", True, number)
    # What was left out can be found in the log.
    assert bool(report.remarks) == (number is None)


def test_ids_and_words_are_read_without_what_nobody_sees() -> None:
    body = f'\ufeff{{"itemId": "\u200b{ITEM}\ufeff", "status": "succes\u00ads", "trackingNumber": "1"}}'
    assert parse_report(body) == Report(ITEM, "success", "1")
    encoded = base64.b64encode(body.encode()).decode()
    assert parse_report(encoded, is_base64=True) == Report(ITEM, "success", "1")


@pytest.mark.parametrize("name", ["report_zero_width.json", "report_clean.json"])
def test_the_samples_are_one_number(name: str) -> None:
    body = (CASES / name).read_text(encoding="utf-8").replace("ITEM_ID", str(ITEM))
    assert parse_report(body) == Report(ITEM, "success", "52800012345")


@pytest.mark.parametrize("status", ["done", "", None, 1, True, {}, ["success"]])
def test_an_unreadable_status_is_kept_as_an_error_of_type_unknown(status: object) -> None:
    report = parse(status=status, trackingNumber="528", valueSent={"peso": 1})
    assert not report.understood
    assert (report.status, report.error_type, report.tracking_number) == ("error", "unknown", "528")
    assert report.value_sent == {"peso": 1}
    assert (report.error_message or "").startswith("report not understood: {")
    assert "528" in (report.error_message or "")


def test_a_missing_status_is_unreadable_and_its_message_is_cut() -> None:
    report = parse_report(json.dumps({"itemId": str(ITEM), "note": "x" * 5_000}))
    assert not report.understood
    assert len(report.error_message or "") == 2_000


@pytest.mark.parametrize("status", ["Success", " SUCCESS\n"])
def test_a_status_is_read_in_any_case(status: str) -> None:
    assert parse(status=status).status == "success"


@pytest.mark.parametrize(
    "body",
    [
        None,
        "",
        "hello",
        "[]",
        "null",
        "5",
        '"text"',
        "{}",
        '{"itemId": 5, "status": "success"}',
        '{"itemId": "1234", "status": "success"}',
        '{"itemId": null}',
        "[" * 100_000,
        '{"itemId": "0198c0de-0000-7000-8000-000000000001", "x": ' + '{"a":' * 100_000,
        "itemId=0198c0de-0000-7000-8000-000000000001&status=success",
    ],
)
def test_a_report_that_names_no_item_is_refused(body: str | None) -> None:
    with pytest.raises(UnreadableReportError):
        parse_report(body)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32-le"])
def test_a_base64_body_is_read_in_any_unicode(encoding: str) -> None:
    text = json.dumps({"itemId": str(ITEM), "status": "error", "errorMessage": "dirección"}, ensure_ascii=False)
    body = base64.b64encode(text.encode(encoding)).decode()
    assert parse_report(body, is_base64=True).error_message == "dirección"


def test_bytes_that_are_no_utf8_spoil_only_their_text() -> None:
    data = b'{"itemId": "%s", "status": "success", "trackingNumber": "528", "errorMessage": "direcci\xf3n"}'
    report = parse_report(base64.b64encode(data % str(ITEM).encode()).decode(), is_base64=True)
    assert report.tracking_number == "528"


def test_a_body_that_claims_to_be_base64_and_is_not_is_read_as_it_stands() -> None:
    body = json.dumps({"itemId": str(ITEM), "status": "success"})
    assert parse_report(body, is_base64=True).status == "success"


def test_a_raw_line_end_in_a_text_and_bytes_after_the_object_are_no_reason_to_lose_it() -> None:
    body = f'\ufeff\0\r\n\t {{"itemId": "{ITEM}", "status": "success", "trackingNumber": "5\n28"}}\0 garbage'
    assert parse_report(body).tracking_number == "5 28"


def test_the_last_of_two_equal_keys_counts() -> None:
    assert raw('"trackingNumber": "1", "trackingNumber": "2"').tracking_number == "2"


def test_value_sent_is_kept_as_storable_json() -> None:
    report = raw('"valueSent": {"a\\u0000": NaN, "b": [1, 2.5, "x\\ud800"], "c": {"d": null}, "e": true}')
    assert report.value_sent == {"a": None, "b": [1, 2.5, "x\ufffd"], "c": {"d": None}, "e": True}


@pytest.mark.parametrize("sent", ['"text"', "[1]", "5", json.dumps({"a": "x" * 60_000})])
def test_a_value_sent_that_is_no_object_or_too_large_is_left_out(sent: str) -> None:
    report = raw(f'"valueSent": {sent}')
    assert (report.status, report.value_sent) == ("success", None)
    assert report.remarks


def test_the_largest_value_sent_is_kept_and_none_that_is_a_byte_larger() -> None:
    room = 50_000 - len('{"a": ""}')
    assert parse(valueSent={"a": "x" * room}).value_sent == {"a": "x" * room}
    assert parse(valueSent={"a": "x" * (room + 1)}).value_sent is None


@pytest.mark.parametrize("inner", [('{"b": ', "}"), ("[", "]")])
def test_what_lies_deeper_than_twenty_levels_is_cut_off_a_value_sent(inner: tuple[str, str]) -> None:
    def nested(levels: int, inside: str) -> str:
        return f'{{"a": {inner[0] * (levels - 1)}{inside}{inner[1] * (levels - 1)}}}'

    assert raw(f'"valueSent": {nested(20, "1")}').value_sent == json.loads(nested(20, "1"))
    for levels in (21, 300):
        report = raw(f'"valueSent": {nested(levels, "1")}')
        assert (report.status, report.value_sent) == ("success", json.loads(nested(21, "null")))


@pytest.mark.parametrize("number", ["9" * 200, "1e200", "1e-200", f"0.{'1' * 198}"])
def test_a_number_of_two_hundred_digits_is_one_and_a_longer_one_stands_as_it_was_written(number: str) -> None:
    """Converting one of a million digits takes a function's whole time."""
    assert raw(f'"valueSent": {{"a": {number}}}').value_sent == {"a": json.loads(number)}
    longer = f"{number}1" if "e" not in number else number.replace("200", "201")
    assert raw(f'"valueSent": {{"a": {longer}}}').value_sent == {"a": longer}


_texts = st.text(st.characters(), max_size=30) | st.sampled_from(["success", "error", str(ITEM), "portal"])
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=8,
)
_names = ["itemId", "status", "trackingNumber", "validatedCity", "valueSent", "errorType", "errorMessage"]
_reports = st.dictionaries(st.sampled_from(_names) | _texts, _json, max_size=9)


@settings(max_examples=200)
@given(fields=_reports, named=st.booleans(), success=st.booleans())
@example(fields={r"\u0000": None}, named=True, success=False)
@example(fields={"valueSent": {"\0": "\0"}}, named=True, success=True)
def test_any_report_becomes_an_event_or_a_refusal(fields: dict[str, Any], named: bool, success: bool) -> None:  # noqa: FBT001 - drawn
    if named:
        fields["itemId"] = str(ITEM)
    if success:
        fields["status"] = "success"
    try:
        report = parse_report(json.dumps(fields))
    except UnreadableReportError:
        assert not named
        return
    assert report.status == "success" or not success
    event = ItemCompleted(
        job_id=ITEM,
        item_id=report.item_id,
        workspace_id=ITEM,
        dispatch=1,
        status=report.status,
        tracking_number=report.tracking_number,
        validated_city=report.validated_city,
        value_sent=report.value_sent,
        error_type=report.error_type,
        error_message=report.error_message,
    )
    detail = event.to_detail()
    # Six characters that spell an escaped NUL, behind a backslash that is escaped itself, are none.
    assert "\\u0000" not in detail.replace("\\\\", "")
    assert ItemCompleted.model_validate_json(detail) == event


@settings(max_examples=200)
@given(
    body=st.none() | st.text() | st.binary().map(lambda data: base64.b64encode(data).decode()),
    flag=st.booleans(),
)
def test_any_body_is_a_report_or_a_refusal(body: str | None, flag: bool) -> None:  # noqa: FBT001 - drawn
    with pytest.raises(UnreadableReportError):
        parse_report(body, is_base64=flag)
