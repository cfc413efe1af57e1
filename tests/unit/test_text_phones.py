"""A phone is a Colombian mobile number, or a refusal; never another number."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.logistics import TextCode, Unreadable, mobile_number, read_identification, read_phone
from tests.conventions import patient

mobiles = st.from_regex(r"3[0-9]{9}", fullmatch=True)
#: Country codes that begin no other; 57 is Colombia's.
countries = st.sampled_from(
    ["1", "7", "20", "30", "31", "32", "33", "34", "36", "39", "44", "49", "52", "58", "354", "593"]
)


def code(text: str) -> TextCode:
    refused = read_phone(text)
    assert isinstance(refused, Unreadable), refused
    assert refused.about("The phone").endswith((".", "1"))
    return refused.code


@pytest.mark.parametrize(
    "written",
    [
        "3001234567",
        "+57 (300) 123-4567",
        "(+57) 300 123 4567",
        "+57-300-123-4567",
        "00573001234567",
        "0057 300 123 45 67",
        "573001234567",
        "57 300 1234567",
        "300.123.4567",
        "300\N{NO-BREAK SPACE}123\N{EN DASH}4567",
        "3001234567.0",
        '="3001234567"',
        "'3001234567",
        "p:+573001234567",
        "tel:+573001234567",
        "Cel. 300 1234567",
        "WhatsApp: 300 123 4567",
        "Tel/WhatsApp: 3001234567",
        "300 123 4567 (Ana)",
        "\N{LEFT-TO-RIGHT EMBEDDING}+57 300 123 4567\N{POP DIRECTIONAL FORMATTING}",
        "3001234567 / 3001234567",
    ],
)
def test_a_colombian_mobile_is_ten_digits_however_it_is_written(written: str) -> None:
    assert read_phone(written) == "3001234567"


@pytest.mark.parametrize(
    "written",
    ["+3001234567", "+ 300 1234567", "+32 2 123 45 67", "+36 1 234 5678", "+354 612 3456", "+1 300 123 4567",
     "+34 612 345 678", "0034612345678", "003001234567", "(+30) 01234567", "Grecia +30 0123 4567",
     "+ tel 3001234567"],
)  # fmt: skip
def test_a_phone_of_another_country_never_becomes_colombian(written: str) -> None:
    """Without its plus, `+3001234567`, in Greece, is a mobile in Colombia."""
    assert code(written) == "foreign_phone"


@pytest.mark.parametrize(
    "written",
    ["3001234567 / 3109876543", "3001234567; 601 2345678", "6012345678 / 310 452 8817", "3456789 / 310",
     "3001234567 y 3109876543", "300 1234567 o 310 9876543", "3001234567 | +30 3001234567", "+30/3001234567",
     "+ o 3001234567"],
)  # fmt: skip
def test_two_phones_in_one_cell_are_none(written: str) -> None:
    assert code(written) == "two_phones"


OTHER_SCRIPTS = ["٣٠٠١٢٣٤٥٦٧", "300123456７", "＋3001234567", "300²1234567", "٥٧3001234567", "3001234567٨"]  # noqa: RUF001 - what must not be read


@pytest.mark.parametrize(
    "written",
    [
        "601 234 5678", "6012345678", "30012345678", "300123456", "3456789 ext 310", "3456789 310", "no tiene", "",
        "3001234567 3109876543", "57 57 3001234567", "30012345.67", "300 123 4567 ext 5", "()", "57", "0573001234567",
        "+57", "57+3001234567", "3.001.234.56", *OTHER_SCRIPTS,
    ],
)  # fmt: skip
def test_what_the_carrier_cannot_call_is_refused(written: str) -> None:
    assert code(written) == "invalid_phone"


def test_a_phone_that_a_table_tool_shortened_or_a_program_left_empty_is_refused() -> None:
    assert code("3.00123E+09") == "lost_digits"
    assert code("undefined") == "placeholder"
    assert code("300\N{REPLACEMENT CHARACTER}1234567") == "lost_character"
    assert mobile_number("undefined") is None


@patient
@given(
    mobiles,
    st.sampled_from(["", "57", "+57", "0057", "+57 ", "(57) ", "57-", "Cel: +57 "]),
    st.sampled_from([" ", "-", ".", ""]),
)
def test_every_spelling_of_a_mobile_is_that_mobile(mobile: str, prefix: str, separator: str) -> None:
    assert read_phone(f"{prefix}{mobile}") == mobile
    assert read_phone(f"{prefix}{separator.join((mobile[:3], mobile[3:6], mobile[6:]))}") == mobile


@patient
@given(
    countries,
    st.from_regex(r"[0-9]{6,12}", fullmatch=True),
    st.sampled_from(["+", "00", "+ ", "(+"]),
    st.sampled_from([" ", "-", ") ", ""]),
)
@example("30", "01234567", "+", "")
def test_no_number_of_another_country_is_read(country: str, national: str, prefix: str, separator: str) -> None:
    assert isinstance(read_phone(f"{prefix}{country}{separator}{national}"), Unreadable)


@patient
@given(st.text("0123456789+ ().-/;,yoex", max_size=24))
def test_a_number_that_is_read_is_all_the_digits_there_are(text: str) -> None:
    phone = read_phone(text)
    if isinstance(phone, str):
        assert re.fullmatch(r"3[0-9]{9}", phone)
        digits = re.sub(r"[^0-9]", "", text)
        assert re.fullmatch(rf"((00)?(57)?{phone})+", digits)
        assert "+" not in text or "57" in digits


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("1020304050", "1020304050"),
        ("1.020.304.050", "1020304050"),
        ("1 020 304 050", "1020304050"),
        ("CC 1020304050", "1020304050"),
        ("C.C. 1.020.304.050", "1020304050"),
        ("cc:1020304050", "1020304050"),
        ("1020304050 CC", "1020304050"),
        ("NIT 900.123.456-7", "9001234567"),
        ("Nit. 900123456 - 7", "9001234567"),
        ("900123456\N{EN DASH}7", "9001234567"),
        ("1020304052.0", "1020304052"),
        ("CC 1020304052.0", "1020304052"),
        ('="1020304052"', "1020304052"),
        ("\N{ZERO WIDTH SPACE}1020304052 ", "1020304052"),
    ],
)
def test_an_identification_is_its_digits(written: str, digits: str) -> None:
    """Taken as it is, a table tool's `1020304052.0` is the number of somebody else."""
    assert read_identification(written) == digits


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("AB123456", "invalid_identification"),
        ("PA 1020745", "invalid_identification"),
        ("1020304052.00", "invalid_identification"),
        ("1020304052.5", "invalid_identification"),
        ("1,020,304,050", "invalid_identification"),
        ("1020304050 / 1020304051", "invalid_identification"),
        ("١٠٢٠", "invalid_identification"),
        ("CC", "invalid_identification"),
        ("", "invalid_identification"),
        ("1.02E+09", "lost_digits"),
        ("null", "placeholder"),
    ],
)
def test_an_identification_that_is_no_digits_is_refused(written: str, reason: str) -> None:
    refused = read_identification(written)
    assert isinstance(refused, Unreadable)
    assert refused.code == reason


@patient
@given(st.integers(1000, 10**10), st.sampled_from(["{}", "CC {}", "NIT {}", "{}.0", '="{}"', " {} "]))
def test_every_spelling_of_an_identification_is_its_digits(number: int, spelling: str) -> None:
    assert read_identification(spelling.format(number)) == str(number)
    assert read_identification(f"{number:,}".replace(",", ".")) == str(number)
