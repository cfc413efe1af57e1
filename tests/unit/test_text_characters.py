"""One form for what looks the same, and none that nobody sees."""

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.logistics import (
    FieldKind,
    TextCode,
    Unreadable,
    clean_line,
    clean_text,
    id_form,
    read_field,
    read_reported_number,
    read_sent_field,
    read_tracking_number,
    reported_text,
)
from tests.conventions import patient

CASES = Path(__file__).parents[1] / "cases"


def clean(text: str) -> str:
    line = clean_line(text)
    assert isinstance(line, str), line
    return line


def code(text: str) -> TextCode:
    refused = clean_line(text)
    assert isinstance(refused, Unreadable), refused
    return refused.code


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("  Jose\N{COMBINING ACUTE ACCENT} Pen\N{COMBINING TILDE}a ", "José Peña"),
        ("\N{ZERO WIDTH NO-BREAK SPACE}A-1\N{ZERO WIDTH SPACE}", "A-1"),
        ("A\N{SOFT HYPHEN}B\N{RIGHT-TO-LEFT OVERRIDE}C\N{ZERO WIDTH JOINER}", "ABC"),
        ("e\N{ZERO WIDTH JOINER}\N{COMBINING ACUTE ACCENT}", "é"),
        ("Calle 1\r\nApto 2\nTorre\u2028B\tC\x0bD\x85E", "Calle 1 Apto 2 Torre B C D E"),
        ("\N{NO-BREAK SPACE}Cali\N{IDEOGRAPHIC SPACE}", "Cali"),
        ("Ana  Luz", "Ana  Luz"),
        ("\N{ZERO WIDTH SPACE}\N{WORD JOINER}\n", ""),
        ("", ""),
    ],
)
def test_a_line_is_stored_composed_trimmed_and_without_what_nobody_sees(written: str, stored: str) -> None:
    """Without it, one sheet from Windows and from a Mac is two orders."""
    assert clean(written) == stored


@pytest.mark.parametrize(
    "text", ["Jos\N{REPLACEMENT CHARACTER}", "\N{REPLACEMENT CHARACTER}", "a\n\N{REPLACEMENT CHARACTER}b"]
)
def test_a_lost_letter_is_refused_not_dropped(text: str) -> None:
    assert code(text) == "lost_character"
    assert isinstance(clean_text(text), Unreadable)


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x\udfff"])
def test_what_no_database_holds_is_refused(text: str) -> None:
    assert code(text) == "invalid_text"


def test_a_text_of_several_lines_keeps_them() -> None:
    assert clean_text(" a\N{ZERO WIDTH SPACE}\r\nb \n") == "a\r\nb"


@patient
@given(st.text())
def test_a_line_that_was_cleaned_stays_as_it_is(text: str) -> None:
    line = clean_line(text)
    if isinstance(line, str):
        assert clean_line(line) == line
        assert unicodedata.is_normalized("NFC", line)
        assert line == line.strip()
        assert not any(unicodedata.category(character) == "Cf" for character in line)
        assert len(line.splitlines()) <= 1


@patient
@given(st.text(st.characters(exclude_categories=["Cs", "Cf", "Cc", "Zl", "Zp"], exclude_characters="\ufffd")))
def test_every_spelling_of_a_text_is_stored_as_one(text: str) -> None:
    assert clean(unicodedata.normalize("NFD", text)) == clean(unicodedata.normalize("NFC", text)) == clean(text)


def test_an_id_is_derived_from_single_spaces() -> None:
    assert id_form("Niño  7\N{NO-BREAK SPACE}B") == "Niño 7 B"


@patient
@given(st.text())
def test_no_text_of_a_robot_is_refused_and_no_letter_of_it_is_lost(text: str) -> None:
    """Refusing what is refused elsewhere would lose the report: robots never repeat."""
    stored = reported_text(text)
    stored.encode()
    assert "\0" not in stored
    lost = text.count("\N{REPLACEMENT CHARACTER}") + sum("\ud800" <= character <= "\udfff" for character in text)
    assert stored.count("\N{REPLACEMENT CHARACTER}") == lost


@pytest.mark.parametrize(
    ("reported", "number"),
    [
        ("\N{ZERO WIDTH NO-BREAK SPACE}52800012345", "52800012345"),
        ("５２８０００１２３４５", "52800012345"),  # noqa: RUF001 - typed in full width
        ("528\n00", "528 00"),
        ("！＃－７～", "!#-7~"),  # noqa: RUF001 - the first and the last of them, too
        ("GUÍA-7", "GUÍA-7"),
        ("52８", "528"),  # noqa: RUF001 - the same
        ("528\N{REPLACEMENT CHARACTER}", None),
        ("undefined", None),
        ("[object Object]", None),
        (" Null\N{ZERO WIDTH SPACE} ", None),
        ("—", None),
        ("\N{ZERO WIDTH SPACE}", None),
        ("", None),
        ("0", "0"),
    ],
)
def test_a_reported_number_is_what_can_be_seen_of_it_or_missing(reported: str, number: str | None) -> None:
    """Without it, `undefined` is an order's number and the true one never gets in."""
    assert read_reported_number(reported) == number


@pytest.mark.parametrize(
    ("written", "number"),
    [
        (" 52800012345\N{ZERO WIDTH SPACE}", "52800012345"),
        ("52800012345.0", "52800012345"),
        ('="0052800"', "0052800"),
        ("GUÍA-7", "GUÍA-7"),
        ("", None),
        (" ", None),
        ("-", None),
        ("undefined", None),
    ],
)
def test_a_tracking_number_that_a_person_writes_is_the_number_alone(written: str, number: str | None) -> None:
    assert read_tracking_number(written) == number


@pytest.mark.parametrize(
    ("written", "why"),
    [
        *((each, "invalid_number") for each in ("no aparece", "guide 528", "528;7", "528,7", "528\t7", "none-yet")),
        # What a formula leaves that found nothing.
        *((each, "invalid_number") for each in ("0", "0.0", "0000")),
        ("1.02E+09", "lost_digits"),
        ("#N/A", "spreadsheet_error"),
        ("528\N{REPLACEMENT CHARACTER}", "lost_character"),
    ],
)
def test_what_says_that_nothing_was_found_never_becomes_a_tracking_number(written: str, why: str) -> None:
    read = read_tracking_number(written)
    assert isinstance(read, Unreadable), read
    assert read.code == why


def test_the_sample_reports_give_one_number() -> None:
    reports = [json.loads((CASES / f"report_{name}.json").read_text()) for name in ("zero_width", "clean")]
    assert [read_reported_number(report["trackingNumber"]) for report in reports] == ["52800012345", "52800012345"]


DASHES = ["-", "\N{EN DASH}", "\N{EM DASH}", "\N{MINUS SIGN}", "\N{HYPHEN}", " - "]
WORDS = ["undefined", "NULL", "None", "NaN", "n/a", "N/A", "[object Object]", "[OBJECT OBJECT]"]


@pytest.mark.parametrize("word", [*WORDS, *DASHES])
def test_a_placeholder_is_no_value_where_something_is_identified_and_a_name_where_somebody_is_named(word: str) -> None:
    assert read_field(word, FieldKind.NUMBER) is None
    assert read_field(word, FieldKind.TEXT) is None
    assert read_field(word, FieldKind.NAME) == word.strip()


@pytest.mark.parametrize("word", [*WORDS, *DASHES])
def test_a_placeholder_in_a_request_is_refused_not_emptied(word: str) -> None:
    """Emptied, the order has no address and nobody is told."""
    for kind in (FieldKind.NUMBER, FieldKind.TEXT):
        refused = read_sent_field(word, kind)
        assert isinstance(refused, Unreadable)
        assert refused.code == "placeholder"
    assert read_sent_field(word, FieldKind.NAME) == word.strip()


def test_a_text_of_a_request_is_read_as_that_of_a_file() -> None:
    assert read_sent_field(" 1003.0\N{ZERO WIDTH SPACE}", FieldKind.NUMBER) == "1003"
    assert read_sent_field(" \N{ZERO WIDTH SPACE}", FieldKind.NUMBER) == ""
    assert isinstance(read_sent_field("\N{REPLACEMENT CHARACTER}", FieldKind.TEXT), Unreadable)


@pytest.mark.parametrize("word", ["Nulo", "Ninguno", "--", "na", "nullable", "undefined 7", "0"])
def test_what_is_like_a_placeholder_is_a_value(word: str) -> None:
    assert read_field(word, FieldKind.NUMBER) == word


@pytest.mark.parametrize("cell", ["#REF!", "#N/A", "#¡VALOR!", "#¿NOMBRE?", "#N/D", "#DIV/0!"])
@pytest.mark.parametrize("kind", FieldKind)
def test_a_formula_without_an_answer_is_refused(cell: str, kind: FieldKind) -> None:
    refused = read_field(cell, kind)
    assert isinstance(refused, Unreadable)
    assert refused.code == "spreadsheet_error"


def test_an_address_may_begin_with_a_number_sign() -> None:
    assert read_field("# 12-34", FieldKind.TEXT) == "# 12-34"


@pytest.mark.parametrize(
    ("cell", "digits"),
    [
        ("1003.0", "1003"),
        ("1003,0", "1003"),
        ("3001234567.0", "3001234567"),
        ("007.0", "007"),
        ('="3001234567"', "3001234567"),
        ('="1003.0"', "1003"),
        ('="say ""hi"""', 'say "hi"'),
        ("1003", "1003"),
        ("1003.00", "1003.00"),
        ("1003.5", "1003.5"),
        ("V1.0", "V1.0"),
        ("12E5", "12E5"),
        ("-1.0", "-1.0"),
        (".0", ".0"),
        ("٣.0", "٣.0"),
    ],
)
def test_digits_that_a_table_tool_made_a_float_of_are_those_digits(cell: str, digits: str) -> None:
    """Without it, orders 1003 and 1003.0 are two shipments."""
    assert read_field(cell, FieldKind.NAME) == digits
    assert read_field(cell, FieldKind.NUMBER) == digits


@pytest.mark.parametrize(
    "cell", ["1.02E+09", "1,02E+09", "3.00123E+09", "1E+09", "1.020304e+15", '="1.02E+09"', "1.5E-05"]
)
def test_a_number_that_lost_digits_is_refused(cell: str) -> None:
    for kind in (FieldKind.NAME, FieldKind.NUMBER):
        refused = read_field(cell, kind)
        assert isinstance(refused, Unreadable)
        assert refused.code == "lost_digits"


@patient
@given(st.integers(0, 10**15), st.sampled_from([".0", ",0", ""]), st.booleans())
def test_a_number_comes_back_from_every_table_tool(number: int, tail: str, is_formula: bool) -> None:  # noqa: FBT001 - Hypothesis gives it
    cell = f"{number}{tail}"
    assert read_field(f'="{cell}"' if is_formula else cell, FieldKind.NUMBER) == str(number)


def test_an_address_keeps_its_digits() -> None:
    assert read_field("15.0", FieldKind.TEXT) == "15.0"
    assert read_field('="Cra 15"', FieldKind.TEXT) == "Cra 15"
