"""Which rows of a carrier's list of cities a written city and department may mean."""

from functools import cache, lru_cache

from shared.logistics.departments import Department, department_spellings, find_department
from shared.logistics.text import normalise

BOGOTA = "BOGOTA"
_BOGOTA_DEPARTMENT = "Bogotá, D.C."
_COUNTRY = " COLOMBIA"

#: Bogotá's twenty localities, which people and maps give as the city. Source: Acuerdo 2 de 1992 del Concejo de Bogotá.
_LOCALITIES = frozenset(
    {
        "USAQUEN", "CHAPINERO", "SANTA FE", "SAN CRISTOBAL", "USME", "TUNJUELITO", "BOSA", "KENNEDY", "FONTIBON",
        "ENGATIVA", "SUBA", "BARRIOS UNIDOS", "TEUSAQUILLO", "LOS MARTIRES", "ANTONIO NARINO", "PUENTE ARANDA",
        "LA CANDELARIA", "RAFAEL URIBE URIBE", "CIUDAD BOLIVAR", "SUMAPAZ",
        # As they are written, too.
        "CIUDAD KENNEDY", "MARTIRES", "CANDELARIA", "RAFAEL URIBE", "SANTAFE",
    }
)  # fmt: skip
_LOCALITY_PREFIXES = ("LOCALIDAD DE ", "LOCALIDAD ")
#: Those that are no city of another department: they alone say where the parcel goes.
_UNMISTAKABLE = frozenset(
    {
        "USAQUEN", "CHAPINERO", "USME", "TUNJUELITO", "BOSA", "KENNEDY", "CIUDAD KENNEDY", "FONTIBON", "ENGATIVA",
        "SUBA", "TEUSAQUILLO", "RAFAEL URIBE URIBE",
    }
)  # fmt: skip

#: (department abbreviation, names of one and the same city): official names and everyday ones.
_SAME_CITY: tuple[tuple[str, frozenset[str]], ...] = (
    ("ANT", frozenset({"SANTA FE DE ANTIOQUIA", "SANTAFE DE ANTIOQUIA"})),
    ("ANT", frozenset({"CARMEN DE VIBORAL", "EL CARMEN DE VIBORAL"})),
    ("BOL", frozenset({"CARTAGENA", "CARTAGENA DE INDIAS", "CARTAGENA DTYC"})),
    ("BOL", frozenset({"MOMPOS", "MOMPOX", "SANTA CRUZ DE MOMPOX", "SANTA CRUZ DE MOMPOS"})),
    ("BOL", frozenset({"CARMEN DE BOLIVAR", "EL CARMEN DE BOLIVAR"})),
    ("C/MARCA", frozenset({"UBATE", "VILLA DE SAN DIEGO DE UBATE"})),
    ("GUAI", frozenset({"INIRIDA", "PUERTO INIRIDA"})),
    ("MG/LENA", frozenset({"SANTA MARTA", "SANTAMARTA", "STA MARTA"})),
    ("N/STDER", frozenset({"CUCUTA", "SAN JOSE DE CUCUTA"})),
    ("NAR", frozenset({"PASTO", "SAN JUAN DE PASTO"})),
    ("NAR", frozenset({"TUMACO", "SAN ANDRES DE TUMACO"})),
    ("S/ANDRES", frozenset({"SAN ANDRES", "SAN ANDRES ISLA", "SAN ANDRES ISLAS"})),
    ("STDER", frozenset({"CARMEN DE CHUCURI", "EL CARMEN DE CHUCURI"})),
    ("SUCRE", frozenset({"TOLU", "SANTIAGO DE TOLU"})),
    ("VALLE", frozenset({"BUGA", "GUADALAJARA DE BUGA"})),
    ("VALLE", frozenset({"CALI", "SANTIAGO DE CALI"})),
)


@lru_cache(maxsize=65_536)
def coverage_candidates(city: str, department: str) -> tuple[tuple[str, str], ...]:
    """Return the (normalised city, department abbreviation) pairs that the place may be listed under, the best first.

    A department that is none of the 33 is taken for a carrier's own abbreviation. Without a department only Bogotá
    is a place, since its name says its department; every other name is in several. A locality of Bogotá is Bogotá
    where the department is Bogotá's; under another one `place_suggestion` says what may be meant.
    """
    if not normalise(city):
        return ()
    known = find_department(department)
    names = _names(city, known)
    is_bogota = not _bogota_names().isdisjoint(names)
    if not normalise(department):
        return ((BOGOTA, "C/MARCA"),) if is_bogota else ()
    abbreviations = known.abbreviations if known else (normalise(department),)
    if is_bogota and abbreviations == ("C/MARCA",):
        names.append(BOGOTA)
    if known and known.name == _BOGOTA_DEPARTMENT and any(_is_locality(name) for name in names):
        names = [BOGOTA]
    for abbreviation, same in _SAME_CITY:
        if abbreviation in abbreviations and not same.isdisjoint(names):
            names += sorted(same)
    return tuple(dict.fromkeys((each, abbreviation) for each in names for abbreviation in abbreviations))


def place_suggestion(city: str, department: str) -> tuple[str, str] | None:
    """Return the (city, department) that a place which no carrier lists may mean, as it should be written, if any.

    `Suba, Cundinamarca` is Bogotá: the city that a locality belongs to is not guessed, but said.
    """
    known = find_department(department)
    in_bogota = _UNMISTAKABLE if known is None or known.abbreviations != ("C/MARCA",) else _LOCALITIES
    is_meant = any(_without_prefix(name) in in_bogota for name in _names(city, known))
    return ("Bogotá", _BOGOTA_DEPARTMENT) if is_meant else None


def department_name(carrier_city: str, abbreviation: str) -> str:
    """Return the name of the department that a city of a carrier's list is in, as it should be written.

    The carrier files Bogotá, which is a department of its own, under Cundinamarca.
    """
    if normalise(carrier_city) == BOGOTA:
        return _BOGOTA_DEPARTMENT
    known = find_department(abbreviation)
    return known.name if known else abbreviation


def _names(city: str, department: Department | None) -> list[str]:
    """Return the city's name as written, then without the country and the department that stand behind it."""
    names = [normalise(city)]
    # `Bogotá, Colombia`; a town may end so itself, Puerto Colombia, and is found as it is written.
    names += [name.removesuffix(_COUNTRY) for name in names if name.endswith(_COUNTRY)]
    if department:
        # `Medellín (Antioquia)`, `Soacha - Cundinamarca`, `Medellín, Antioquia, Colombia`
        names += [
            name.removesuffix(f" {spelling}")
            for name in names
            for spelling in department_spellings(department)
            if name.endswith(f" {spelling}")
        ]
    return names


@cache
def _bogota_names() -> frozenset[str]:
    department = find_department(BOGOTA)
    return department_spellings(department) if department else frozenset()


def _is_locality(name: str) -> bool:
    return _without_prefix(name) in _LOCALITIES


def _without_prefix(name: str) -> str:
    for prefix in _LOCALITY_PREFIXES:
        name = name.removeprefix(prefix)
    return name
