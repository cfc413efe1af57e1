"""Pesos, in every way that sheets write them: read as their author meant, or refused; never as something else."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.logistics import Pesos, Unreadable, contradiction, pesos_of_number, read_measure, read_pesos
from tests.conventions import Convention, cents, conventions, patient

CASES = Path(__file__).parents[1] / "cases"


def amount(text: str) -> Decimal:
    pesos = read_pesos(text)
    assert isinstance(pesos, Pesos), pesos
    return pesos.amount


@pytest.mark.parametrize(
    ("cell", "pesos"),
    [
        ("89.900", "89900"),
        ("89,900", "89900"),
        ("89 900", "89900"),
        ("89\u00a0900", "89900"),
        ("89\u202f900", "89900"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        ("89.900,50", "89900.50"),
        ("89,900.5", "89900.5"),
        ("89 900,5", "89900.5"),
        ("89900.5", "89900.5"),
        ("89900,50", "89900.50"),
        ("89.9", "89.9"),
        ("0", "0"),
        ("0,5", "0.5"),
        ("0.00", "0"),
        ("$ 89.900", "89900"),
        ("$89.900 COP", "89900"),
        ("COP 89.900", "89900"),
        ("cop$89.900", "89900"),
        ("\u00a0 89.900 \u00a0", "89900"),
        ("89900.0", "89900"),
        ("999.999.999.999,99", "999999999999.99"),
    ],
)
def test_thousands_are_groups_of_three_and_decimals_one_or_two(cell: str, pesos: str) -> None:
    """Read as a float, `89.900` collects 89.9 pesos."""
    assert amount(cell) == Decimal(pesos)


@pytest.mark.parametrize(
    "cell",
    [
        "0.125", "1234.567", "12.34.5", "45.", "89 90", "1_000", "1e5", "-5", "+5", "٨٩٩٠٠", "８９９００",  # noqa: RUF001 - digits of other scripts
        "", " ", "$", "COP", ".5", ",50", "007", "089.900", "0.000", "1.234.5", "1,234,56", "1 234 5", "1.234,567",
        "89.9000", "89.90.0", "1.23.456", "12,34,567", "89.900,", "1.234,567.89", "89'900", "89\u2009900", "89  900",
        "89.900-", "(89.900)", "USD 89", "US$ 89", "89.900 pesos", "1,5e3", "nan", "inf", "much", "1000000000000",
        "8 9.900", "$$$ 5", "½", "89$900", "89 COP 900", "5 $$$", "$ COP $ 5",
    ],
)  # fmt: skip
def test_what_is_in_doubt_is_refused(cell: str) -> None:
    refused = read_pesos(cell)
    assert isinstance(refused, Unreadable), refused
    assert refused.code == "invalid_amount"


@patient
@given(st.lists(cents, min_size=1, max_size=8), conventions)
def test_a_column_of_one_convention_is_read_as_its_author_meant(column: list[int], convention: Convention) -> None:
    read = [(line, read_pesos(convention.write(each))) for line, each in enumerate(column, start=2)]
    assert [pesos.amount if isinstance(pesos, Pesos) else pesos for _, pesos in read] == [
        convention.meant(each) for each in column
    ]
    assert contradiction((line, pesos) for line, pesos in read if isinstance(pesos, Pesos)) is None


@patient
@given(st.lists(st.tuples(cents, conventions), min_size=2, max_size=6))
def test_cells_of_many_authors_are_each_read_as_meant_or_the_column_is_refused(
    column: list[tuple[int, Convention]],
) -> None:
    read = [read_pesos(convention.write(each)) for each, convention in column]
    for pesos, (each, convention) in zip(read, column, strict=True):
        assert isinstance(pesos, Pesos)
        assert pesos.amount == convention.meant(each)
    thousands = {pesos.thousands for pesos in read if isinstance(pesos, Pesos)} - {None}
    decimals = {pesos.decimal for pesos in read if isinstance(pesos, Pesos)} - {None}
    is_one_way = len(thousands) <= 1 and len(decimals) <= 1 and thousands.isdisjoint(decimals)
    lines = [(line, pesos) for line, pesos in enumerate(read) if isinstance(pesos, Pesos)]
    assert (contradiction(lines) is None) is is_one_way


@patient
@given(st.text("0123456789.,- $eE_'COP\u00a0\u202f٨９", max_size=14))  # noqa: RUF001 - digits of other scripts
@example("89.900,50")
def test_no_digit_of_an_amount_is_lost_moved_or_made_up(text: str) -> None:
    pesos = read_pesos(text)
    if isinstance(pesos, Pesos):
        written = re.sub(r"[^0-9]", "", text)
        _, _, fraction = text.rstrip(" $COP\u00a0\u202f").rpartition(pesos.decimal) if pesos.decimal else ("", "", "")
        assert len(fraction) <= 2
        assert pesos.amount.scaleb(len(fraction)) == int(written)


@pytest.mark.parametrize(
    ("column", "lines"),
    [
        (["89.900", "89.9"], (2, 3)),
        (["100", "89,900", "5", "89,9"], (3, 5)),
        (["89.900", "1.500", "89.9", "5.5"], (2, 4)),
        (["89.900", "89,900"], (2, 3)),
        (["89 900", "89.900"], (2, 3)),
        (["89.5", "89,5"], (2, 3)),
        (["89.900", "1.234,5", "89900.5"], (2, 4)),
        (["89.900", "89900,5", "12"], None),
        (["89 900", "89\u00a0900,5", "89\u202f900"], None),
        ([], None),
    ],
)
def test_two_lines_that_contradict_each_other_are_named(column: list[str], lines: tuple[int, int] | None) -> None:
    read = [(line, read_pesos(cell)) for line, cell in enumerate(column, start=2)]
    assert contradiction((line, pesos) for line, pesos in read if isinstance(pesos, Pesos)) == lines


@pytest.mark.parametrize(
    ("number", "pesos"),
    [
        (134500.30000000002, "134500.30"),
        (0.1 + 0.2, "0.30"),
        (89900, "89900"),
        (89900.0, "89900"),
        (0, "0"),
        (-0.0, "0"),
        (-1e-9, "0"),
        (Decimal("134500.3000001"), "134500.30"),
        (Decimal("134500.29"), "134500.29"),
        (Decimal("0.010001"), "0.01"),
        (Decimal("-0.000001"), "0"),
        (999999999999.99, "999999999999.99"),
    ],
)
def test_a_number_is_rounded_to_the_cent_where_it_is_a_floats_noise(number: float | Decimal, pesos: str) -> None:
    assert pesos_of_number(number) == Decimal(pesos)


@pytest.mark.parametrize(
    "number",
    [
        0.125,
        134500.305,
        Decimal("1.00001"),
        Decimal("0.0100011"),
        Decimal("-0.0000011"),
        -5,
        -0.01,
        float("nan"),
        float("inf"),
        1e23,
        10**12,
        True,
        Decimal("NaN"),
        Decimal("1E+999"),
    ],
)
def test_a_number_that_is_no_amount_is_refused(number: float | Decimal) -> None:
    refused = pesos_of_number(number)
    assert isinstance(refused, Unreadable)
    assert refused.code == "invalid_amount"
    assert refused.about("orders.1.totalValue").startswith("orders.1.totalValue must ")


@patient
@given(st.integers(0, 10**14 - 1))
def test_cents_survive_a_float(whole: int) -> None:
    assert pesos_of_number(whole / 100) == Decimal(whole) / 100


def test_the_sample_of_a_programs_sum_is_its_cents() -> None:
    orders = json.loads((CASES / "which_order.json").read_text())["orders"]
    assert [pesos_of_number(order["totalValue"]) for order in orders] == [89900, Decimal("134500.30"), 98000]


@pytest.mark.parametrize(
    ("text", "measure"),
    [("2", "2"), ("2,5", "2.5"), (" 2.50 ", "2.50"), ("0,125", "0.125"), ("0", "0"), ("12345.5", "12345.5")],
)
def test_a_weight_or_a_size_has_a_comma_or_a_point(text: str, measure: str) -> None:
    assert read_measure(text) == Decimal(measure)


@pytest.mark.parametrize("text", ["", "1.500", "1,125", "1e3", "-2", "2.", ",5", "02", "٢", "1_0", "2 kg", "123456"])
def test_a_weight_or_a_size_in_doubt_is_refused(text: str) -> None:
    """Naive: 1.500 g, written in a field of kilograms, is a kilogram and a half, or 1,500 of them."""
    assert isinstance(read_measure(text), Unreadable)
