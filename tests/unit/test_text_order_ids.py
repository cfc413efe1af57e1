"""The id of an order is the same for every spelling of its name, and an order that exists keeps the one it has."""

from unicodedata import normalize
from uuid import UUID, uuid5

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.logistics import FieldKind, Unreadable, derived_order_id, known_order_ids, read_field
from tests.conventions import patient

WORKSPACE = UUID("0198c2a0-0000-7000-8000-000000000001")


names = (
    st.text("A1.,0 éñ\N{COMBINING TILDE}", min_size=1, max_size=5)
    .map(lambda text: read_field(text, FieldKind.NAME))
    .filter(lambda name: isinstance(name, str))
    .map(str)
)


def id_of(cell: str) -> UUID:
    name = read_field(cell, FieldKind.NAME)
    assert isinstance(name, str), name
    return derived_order_id(WORKSPACE, name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nin\N{COMBINING TILDE}o-7", "Niño-7"),
        ("1003.0", "1003"),
        ('="1003"', "1003"),
        ("A  7", "A 7"),
        ("A\N{NO-BREAK SPACE}7", "A 7"),
        ("A\n7", "A 7"),
        ("\N{ZERO WIDTH NO-BREAK SPACE}A-7", "A-7"),
    ],
)
def test_two_spellings_of_a_name_are_one_order(one: str, other: str) -> None:
    """Derived from the name as written, a second export ships every order again."""
    assert id_of(one) == id_of(other)


@pytest.mark.parametrize(
    ("one", "other"), [("A-7", "a-7"), ("A 7", "A7"), ("Nino", "Niño"), ("1003.00", "1003"), ("1", "01")]
)
def test_two_names_are_two_orders(one: str, other: str) -> None:
    assert id_of(one) != id_of(other)


def test_a_plain_name_has_the_id_that_it_always_had() -> None:
    assert id_of("A-1001") == uuid5(WORKSPACE, "A-1001")


@patient
@given(st.text(min_size=1).filter(lambda text: isinstance(read_field(text, FieldKind.NAME), str)))
def test_what_was_imported_before_is_known_by_the_id_that_its_text_had(written: str) -> None:
    name = read_field(written, FieldKind.NAME)
    assert name is not None
    assert not isinstance(name, Unreadable)
    ids = known_order_ids(WORKSPACE, name, written)
    assert ids[0] == uuid5(WORKSPACE, written.strip())
    assert derived_order_id(WORKSPACE, name) in ids
    assert len(set(ids)) == len(ids)


def test_what_another_program_gave_is_known_too() -> None:
    from_a_mac, from_windows = normalize("NFD", "Niño-7"), "Niño-7"
    assert uuid5(WORKSPACE, from_a_mac) in known_order_ids(WORKSPACE, from_windows, from_windows)
    assert uuid5(WORKSPACE, "1003.0") in known_order_ids(WORKSPACE, "1003", "1003")


@patient
@given(names, names)
@example("A", "A.0")
@example("\N{ARABIC-INDIC DIGIT THREE}", "\N{ARABIC-INDIC DIGIT THREE}.0")
def test_no_order_is_known_by_the_id_of_another_name(one: str, other: str) -> None:
    """Known by the id of `A.0`, the order `A` is written over it."""
    if derived_order_id(WORKSPACE, one) != derived_order_id(WORKSPACE, other):
        assert set(known_order_ids(WORKSPACE, one, one)).isdisjoint(known_order_ids(WORKSPACE, other, other))
