"""Every name and code of a place that is understood, written out a second time.

A list that is compared with itself agrees with every slip of the pen: a name that nobody finds any more is a city that
is said not to be served.
"""

import json
from pathlib import Path

import pytest

from shared.logistics import (
    DEPARTMENTS,
    Department,
    Unreadable,
    coverage_candidates,
    place_suggestion,
    read_department,
)
from shared.logistics.department_codes import departments_of_codes
from shared.logistics.places import _LOCALITIES, _SAME_CITY, _UNMISTAKABLE

NAMES = json.loads((Path(__file__).parents[1] / "cases" / "place_names.json").read_text(encoding="utf-8"))
BOGOTA = ("BOGOTA", "C/MARCA")


def understood(text: str) -> str | tuple[str, ...]:
    """Return the department that a text means, or those that it may mean."""
    read = read_department(text)
    return read.name if isinstance(read, Department) else read.suggestions


@pytest.mark.parametrize("name", NAMES["departments"])
def test_a_department_is_understood_by_all_its_names_and_codes(name: str) -> None:
    for written in (name, *NAMES["departments"][name]):
        assert {each: understood(each) for each in (written, written.lower())} == {written: name, written.lower(): name}


@pytest.mark.parametrize("code", NAMES["ambiguous"])
def test_a_code_of_several_departments_is_refused_with_all_of_them(code: str) -> None:
    assert isinstance(read_department(code), Unreadable)
    assert understood(code) == tuple(NAMES["ambiguous"][code])


@pytest.mark.parametrize(
    "around",
    [
        "Departamento del {}", "Departamento de {}", "Depto. del {}", "Depto. de {}", "Dpto. del {}", "Dpto. de {}",
        "{}, Colombia", "{} Department", "Departamento de {}, Colombia",
    ],
)  # fmt: skip
def test_a_department_is_understood_with_what_stands_around_its_name(around: str) -> None:
    assert understood(around.format("Huila")) == "Huila"
    assert understood(around.format("Nariño")) == "Nariño"


def test_the_names_and_codes_written_here_are_those_of_the_program() -> None:
    """A new one gets its line here too, by somebody who has looked at it."""
    spellings = {each.name: {*each.abbreviations, *each.spellings} for each in DEPARTMENTS}
    # Bogotá's abbreviation is that of Cundinamarca, which it means.
    spellings["Bogotá, D.C."] -= {"C/MARCA"}
    codes = departments_of_codes()
    for code, names in codes.items():
        if len(names) == 1:
            spellings[names[0]].add(code)
    assert {name: set(written) for name, written in NAMES["departments"].items()} == spellings
    assert {code: tuple(names) for code, names in NAMES["ambiguous"].items()} == {
        code: names for code, names in codes.items() if len(names) > 1
    }


@pytest.mark.parametrize(("abbreviation", "names"), [(each[0], each[1:]) for each in NAMES["same_city"]])
def test_a_city_is_found_under_each_of_its_names(abbreviation: str, names: list[str]) -> None:
    """Naive: whoever writes `Guadalajara de Buga` is told that Buga is not served."""
    for written in names:
        listed = {city for city, _ in coverage_candidates(written, abbreviation)}
        assert listed.issuperset(names), written


def test_cartagena_is_found_under_its_full_name() -> None:
    assert ("CARTAGENA", "BOL") in coverage_candidates("Cartagena D.T. y C.", "Bolívar")


@pytest.mark.parametrize("locality", NAMES["localities"])
def test_a_locality_is_bogota_under_its_department(locality: str) -> None:
    for written in (locality, f"Localidad {locality}", f"Localidad de {locality.title()}"):
        assert coverage_candidates(written, "Bogotá D.C.") == (BOGOTA,)
        assert (place_suggestion(written, "") is not None) == (locality in NAMES["unmistakable"])


def test_the_places_written_here_are_those_of_the_program() -> None:
    assert {(each[0], frozenset(each[1:])) for each in NAMES["same_city"]} == set(_SAME_CITY)
    assert frozenset(NAMES["localities"]) == _LOCALITIES
    assert frozenset(NAMES["unmistakable"]) == _UNMISTAKABLE
