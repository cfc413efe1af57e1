"""Which rows of a carrier's list of cities a written city and department may mean."""

from functools import lru_cache

from shared.logistics.departments import department_spellings, find_department
from shared.logistics.text import normalise

BOGOTA = "BOGOTA"
_BOGOTA_DEPARTMENT = find_department(BOGOTA)
_BOGOTA_NAMES = department_spellings(_BOGOTA_DEPARTMENT) if _BOGOTA_DEPARTMENT else frozenset()

#: (department abbreviation, names of one and the same city): official names and everyday ones.
_SAME_CITY: tuple[tuple[str, frozenset[str]], ...] = (
    ("ANT", frozenset({"SANTA FE DE ANTIOQUIA", "SANTAFE DE ANTIOQUIA"})),
    ("ANT", frozenset({"CARMEN DE VIBORAL", "EL CARMEN DE VIBORAL"})),
    ("BOL", frozenset({"CARTAGENA", "CARTAGENA DE INDIAS", "CARTAGENA DT Y C"})),
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
    is a place, since its name says its department; every other name is in several.
    """
    name = normalise(city)
    if not name:
        return ()
    is_bogota = name in _BOGOTA_NAMES
    if not normalise(department):
        return ((BOGOTA, "C/MARCA"),) if is_bogota else ()
    known = find_department(department)
    abbreviations = known.abbreviations if known else (normalise(department),)
    names = [name]
    if known:
        # `Medellín (Antioquia)`, `Soacha - Cundinamarca`
        names += [
            name.removesuffix(f" {spelling}")
            for spelling in department_spellings(known)
            if name.endswith(f" {spelling}")
        ]
    if is_bogota and abbreviations == ("C/MARCA",):
        names.append(BOGOTA)
    for abbreviation, same in _SAME_CITY:
        if abbreviation in abbreviations and not same.isdisjoint(names):
            names += sorted(same)
    return tuple(dict.fromkeys((each, abbreviation) for each in names for abbreviation in abbreviations))
