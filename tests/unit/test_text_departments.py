"""Departments and cities as shops, maps and carriers write them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.logistics import (
    DEPARTMENTS,
    Department,
    Unreadable,
    coverage_candidates,
    find_department,
    place_suggestion,
    read_department,
)
from shared.logistics.department_codes import (
    DANE,
    HASC,
    ISO_3166_2,
    departments_of_codes,
)
from tests.conventions import patient

CASES = Path(__file__).parents[1] / "cases"
NAMES = {department.name for department in DEPARTMENTS}


def name_of(text: str) -> str:
    department = read_department(text)
    assert isinstance(department, Department), department
    return department.name


def refused(text: str) -> Unreadable:
    department = read_department(text)
    assert isinstance(department, Unreadable), department
    return department


@pytest.mark.parametrize("codes", [DANE, ISO_3166_2, HASC], ids=["DANE", "ISO 3166-2", "HASC"])
def test_a_list_has_every_department(codes: dict[str, str]) -> None:
    assert set(codes.values()) | ({"Córdoba"} if codes is HASC else set()) == NAMES


@pytest.mark.parametrize("code", DANE)
def test_dane_codes_are_understood_with_and_without_their_zero(code: str) -> None:
    for written in (code, code.removeprefix("0"), f"{int(code)}.0", f" {code} ", f'="{code}"'):
        assert name_of(written) == DANE[code]


@pytest.mark.parametrize("code", ISO_3166_2)
def test_iso_codes_are_understood_with_and_without_their_country(code: str) -> None:
    for written in (code, f"CO-{code}", f"co-{code.lower()}", f"CO {code}"):
        assert name_of(written) == ISO_3166_2[code]


@pytest.mark.parametrize(("code", "names"), departments_of_codes().items())
def test_a_code_of_a_shop_program_is_understood_or_refused_with_what_it_may_be(
    code: str, names: tuple[str, ...]
) -> None:
    assert NAMES.issuperset(names)
    if len(names) == 1:
        assert name_of(code) == names[0]
    else:
        assert (refused(code).code, refused(code).suggestions) == ("ambiguous_department", names)


@pytest.mark.parametrize("code", ["CA", "CU", "SA", "BO"])
def test_a_code_that_two_lists_give_to_two_departments_is_refused(code: str) -> None:
    """Read by one of the lists, a parcel for Santander goes to an island."""
    assert refused(code).code == "ambiguous_department"
    assert find_department(code) is None


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("San Andrés & Providencia", "San Andrés y Providencia"),
        ("San Andrés &amp; Providencia", "San Andrés y Providencia"),
        ("Archipiélago de San Andrés, Providencia y Santa Catalina", "San Andrés y Providencia"),
        ("Capital District", "Bogotá, D.C."),
        ("Bogota D.C., Colombia", "Bogotá, D.C."),
        ("Distrito Capital", "Bogotá, D.C."),
        ("NOR", "Norte de Santander"),
        ("GUJ", "La Guajira"),
        ("ARU", "Arauca"),
        ("AMZ", "Amazonas"),
        ("VIC", "Vichada"),
        ("CHOC", "Chocó"),
        ("VDC", "Valle del Cauca"),
        ("CO.VP", "Vaupés"),
        ("ns", "Norte de Santander"),
        ("North Santander", "Norte de Santander"),
        ("Antioquia, Colombia", "Antioquia"),
        ("Antioquia Department", "Antioquia"),
        ("Departamento de Nariño", "Nariño"),
        ("Narin\N{COMBINING TILDE}o", "Nariño"),
        ("C/MARCA", "Cundinamarca"),
        ("RS", "Risaralda"),
        ("V/PES", "Vaupés"),
        ("Santander", "Santander"),
    ],
)
def test_a_department_is_understood_as_shops_maps_and_carriers_write_it(written: str, name: str) -> None:
    assert name_of(written) == name


@pytest.mark.parametrize(
    "written", ["Chiapas", "CO", "Colombia", "0", "100", "1", "", "CO-", "XX", "1.02E+09", "undefined"]
)
def test_an_unknown_department_is_said_to_be_unknown(written: str) -> None:
    assert refused(written).code == "unknown_department"


def test_a_department_that_is_nearly_spelt_is_suggested() -> None:
    assert refused("Antiokia").suggestions == ("Antioquia",)
    assert refused("Guavia").suggestions == ("Guaviare", "Guainía")
    assert "perhaps Guaviare or Guainía is meant" in refused("Guavia").why
    assert refused("Cundinmarca").about("department") == (
        'department is "Cundinmarca", no department of Colombia that is known; perhaps Cundinamarca is meant.'
    )


@patient
@given(
    st.sampled_from(DEPARTMENTS), st.sampled_from(["{}", "{}, Colombia", "Departamento de {}", "{} "]), st.booleans()
)
def test_every_name_is_understood_in_capitals_and_without_accents(
    department: Department,
    around: str,
    is_upper: bool,  # noqa: FBT001 - Hypothesis gives it
) -> None:
    written = around.format(department.name)
    assert name_of(written.upper() if is_upper else written) == department.name


@patient
@given(st.text(max_size=6))
def test_no_text_is_understood_as_two_departments(text: str) -> None:
    department = read_department(text)
    assert isinstance(department, Department) == (find_department(text) is not None)


def test_the_sample_places_are_understood() -> None:
    """Without it, `Capital District` is said not to be served."""
    meant = [
        ("SAN ANDRES", "S/ANDRES"), ("BOGOTA", "C/MARCA"), ("CUCUTA", "N/STDER"), ("RIOHACHA", "GUAJ"),
        ("ARAUCA", "ARAU"), ("LETICIA", "AMAZ"), ("PUERTO CARRENO", "VICH"), ("BOGOTA", "C/MARCA"),
        ("BOGOTA", "C/MARCA"),
    ]  # fmt: skip
    places = json.loads((CASES / "places.json").read_text())["cities"]
    for place, listed in zip(places, meant, strict=True):
        assert listed in coverage_candidates(place["city"], place["department"]), place


@pytest.mark.parametrize(
    ("city", "department", "listed"),
    [
        ("Bogotá, Colombia", "Cundinamarca", ("BOGOTA", "C/MARCA")),
        ("Bogotá D.C., Colombia", "11", ("BOGOTA", "C/MARCA")),
        ("Bogotá, Bogotá D.C.", "Bogotá D.C.", ("BOGOTA", "C/MARCA")),
        ("Bogotá Colombia", "", ("BOGOTA", "C/MARCA")),
        ("Medellín, Antioquia, Colombia", "CO-ANT", ("MEDELLIN", "ANT")),
        ("Cali - Valle del Cauca", "76", ("CALI", "VALLE")),
        ("Usaquén", "DC", ("BOGOTA", "C/MARCA")),
        ("Localidad de Kennedy", "Bogotá", ("BOGOTA", "C/MARCA")),
        ("Suba, Bogotá D.C.", "Bogotá D.C.", ("BOGOTA", "C/MARCA")),
        ("Puerto Colombia", "Atlántico", ("PUERTO COLOMBIA", "ATL")),
        ("Colombia", "Huila", ("COLOMBIA", "HLA")),
        ("Ciudad Bolívar", "Antioquia", ("CIUDAD BOLIVAR", "ANT")),
    ],
)
def test_a_city_is_understood_with_its_country_its_department_or_its_locality(
    city: str, department: str, listed: tuple[str, str]
) -> None:
    assert listed in coverage_candidates(city, department)


def test_a_town_that_is_named_as_its_country_or_a_locality_is_looked_for_as_it_is_written() -> None:
    assert coverage_candidates("Puerto Colombia", "Atlántico")[0] == ("PUERTO COLOMBIA", "ATL")
    assert coverage_candidates("Candelaria", "Valle del Cauca") == (("CANDELARIA", "VALLE"),)


def test_a_locality_is_bogota_only_under_its_department_and_suggested_elsewhere() -> None:
    assert ("BOGOTA", "C/MARCA") not in coverage_candidates("Suba", "Cundinamarca")
    assert place_suggestion("Suba", "Cundinamarca") == ("Bogotá", "Bogotá, D.C.")
    assert place_suggestion("Suba, Cundinamarca", "Cundinamarca") == ("Bogotá", "Bogotá, D.C.")
    assert place_suggestion("Localidad Fontibón", "") == ("Bogotá", "Bogotá, D.C.")
    assert place_suggestion("Antonio Nariño", "Bogotá") == ("Bogotá", "Bogotá, D.C.")
    assert place_suggestion("Antonio Nariño", "Antioquia") is None
    assert place_suggestion("Puerto Quimera", "Valle del Cauca") is None
