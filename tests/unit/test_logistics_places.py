"""Departments and cities, as people write them."""

import pytest

from shared.logistics import DEPARTMENTS, coverage_candidates, department_abbreviation, department_name, normalise


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("  Medellín ", "MEDELLIN"),
        ("san   josé\tdel\nguaviare", "SAN JOSE DEL GUAVIARE"),
        ("Nariño", "NARINO"),
        ("BOGOTÁ, D.C.", "BOGOTA DC"),
        ("Bogotá D. C.", "BOGOTA DC"),
        ("n / stder", "N/STDER"),
        ("La Hormiga - Valle Guamuez", "LA HORMIGA VALLE GUAMUEZ"),
        ("Cu\N{COMBINING ACUTE ACCENT}cuta", "CUCUTA"),
        ("Ca\N{SOFT HYPHEN}li", "CALI"),
        ("Cali\N{ZERO WIDTH SPACE}\N{NO-BREAK SPACE}", "CALI"),
        ("", ""),
        ("...", ""),
        ("\ud800", ""),
    ],
)
def test_texts_are_compared_without_case_diacritics_or_punctuation(written: str, normalised: str) -> None:
    assert normalise(written) == normalised


def test_there_are_33_departments_and_each_is_found_by_name_and_abbreviation() -> None:
    assert len(DEPARTMENTS) == 33
    for department in DEPARTMENTS:
        assert department_abbreviation(department.name) == department.abbreviations[0]
        for abbreviation in department.abbreviations:
            assert department_abbreviation(abbreviation) == department.abbreviations[0]


def test_no_spelling_means_two_departments_but_bogota_and_cundinamarca_share_an_abbreviation() -> None:
    seen: dict[str, str] = {}
    for department in DEPARTMENTS:
        for text in {normalise(each) for each in (department.name, *department.abbreviations, *department.spellings)}:
            other = seen.setdefault(text, department.name)
            assert other == department.name or text == "C/MARCA", text


@pytest.mark.parametrize(
    ("written", "abbreviation"),
    [
        ("norte santander", "N/STDER"),
        ("N. de Santander", "N/STDER"),
        ("Santander", "STDER"),
        ("Valle", "VALLE"),
        ("Valle del Cauca", "VALLE"),
        ("Cauca", "CAU"),
        ("Guajira", "GUAJ"),
        ("Archipiélago de San Andrés, Providencia y Santa Catalina", "S/ANDRES"),
        ("CO-ANT", "ANT"),
        ("Departamento del Meta", "META"),
        ("quindio", "QDIO"),
        ("ARA", "ARAU"),
        ("Chiapas", None),
        ("", None),
    ],
)
def test_a_department_is_found_however_it_is_spelt(written: str, abbreviation: str | None) -> None:
    assert department_abbreviation(written) == abbreviation


@pytest.mark.parametrize(
    "bogota",
    [
        "Bogotá",
        "BOGOTA",
        "Bogotá D.C.",
        "Bogotá, D.C.",
        "BOGOTA DC",
        "Bogota D. C.",
        "Santafé de Bogotá",
        "Santa Fe de Bogotá D.C.",
        "Distrito Capital",
        "Bogotá Distrito Capital",
        "D.C.",
    ],
)
@pytest.mark.parametrize("department", ["Bogotá D.C.", "Bogotá", "Distrito Capital", "Cundinamarca", "C/MARCA", ""])
def test_bogota_is_one_city_of_cundinamarca_in_all_its_spellings(bogota: str, department: str) -> None:
    assert ("BOGOTA", "C/MARCA") in coverage_candidates(bogota, department)
    assert department_abbreviation(bogota) == "C/MARCA"


def test_bogota_in_another_department_is_not_bogota() -> None:
    assert ("BOGOTA", "C/MARCA") not in coverage_candidates("Bogotá", "Antioquia")
    assert coverage_candidates("Distrito Capital", "Antioquia") == (("DISTRITO CAPITAL", "ANT"),)


def test_a_city_has_its_other_names_in_its_own_department_alone() -> None:
    assert coverage_candidates("San Andrés", "Antioquia") == (("SAN ANDRES", "ANT"),)


@pytest.mark.parametrize(
    ("city", "department", "meant"),
    [
        ("Cartagena de Indias", "Bolívar", ("CARTAGENA", "BOL")),
        ("Santiago de Cali", "Valle", ("CALI", "VALLE")),
        ("San Andrés", "San Andrés", ("SAN ANDRES ISLA", "S/ANDRES")),
        ("Medellín (Antioquia)", "Antioquia", ("MEDELLIN", "ANT")),
        ("Soacha - Cundinamarca", "Cundinamarca", ("SOACHA", "C/MARCA")),
        ("Pueblo Nuevo", "Arauca", ("PUEBLO NUEVO", "ARA")),
        ("Coyoacán", "CMX", ("COYOACAN", "CMX")),
    ],
)
def test_a_city_is_looked_for_under_its_other_names_too(city: str, department: str, meant: tuple[str, str]) -> None:
    assert meant in coverage_candidates(city, department)


def test_the_name_as_written_is_looked_for_first() -> None:
    assert coverage_candidates("Puerto Nariño", "Nariño")[0] == ("PUERTO NARINO", "NAR")


def test_the_other_names_of_a_city_come_in_one_order() -> None:
    """Naive: of two that a carrier lists, a parcel goes to this one today and to that one tomorrow."""
    assert [city for city, _ in coverage_candidates("Mompox", "Bolívar")] == [
        "MOMPOX",
        "MOMPOS",
        "SANTA CRUZ DE MOMPOS",
        "SANTA CRUZ DE MOMPOX",
    ]


def test_the_department_of_a_carrier_s_city_is_told_by_its_name() -> None:
    """The carrier files Bogotá under Cundinamarca."""
    assert department_name("BOGOTA", "C/MARCA") == "Bogotá, D.C."
    assert department_name("SOACHA", "C/MARCA") == "Cundinamarca"
    assert department_name("COYOACAN", "CMX") == "CMX"


def test_a_name_that_is_common_to_departments_means_no_city_without_its_department() -> None:
    assert coverage_candidates("Armenia", "") == ()
    assert coverage_candidates("", "Antioquia") == ()
