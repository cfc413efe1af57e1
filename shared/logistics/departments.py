"""Colombia's 33 departments (Bogotá counts as one): Coordinadora's abbreviation and what people write."""

from dataclasses import dataclass
from functools import cache

from shared.logistics.department_codes import ISO_3166_2, departments_of_codes
from shared.logistics.table_numbers import plain_number
from shared.logistics.text import normalise
from shared.logistics.unreadable import TextCode, Unreadable, quoted


@dataclass(frozen=True)
class Department:
    """One of the 33, with the abbreviations of Coordinadora's portal, the usual one first."""

    name: str
    abbreviations: tuple[str, ...]
    #: What else people write for it: short and long names, names in English, common misspellings and abbreviations.
    spellings: tuple[str, ...] = ()


#: Source: the abbreviations are those of Coordinadora's list of cities; names in English are Shopify's, WooCommerce's
#: and Google's. Codes are in `department_codes`.
DEPARTMENTS: tuple[Department, ...] = (
    Department("Amazonas", ("AMAZ",), ("EL AMAZONAS",)),
    Department("Antioquia", ("ANT",), ("ANTIOQ",)),
    # One of Coordinadora's cities stands under ARA.
    Department("Arauca", ("ARAU", "ARA")),
    Department("Atlántico", ("ATL",), ("EL ATLANTICO", "ATLCO")),
    # Coordinadora files Bogotá under Cundinamarca.
    Department(
        "Bogotá, D.C.",
        ("C/MARCA",),
        (
            "BOGOTA",
            "BOGOTA DISTRITO CAPITAL",
            "BOGOTA DISTRITO CAPITAL DE COLOMBIA",
            "BOGOTA CAPITAL",
            "BOGOTA CUNDINAMARCA",
            "CAPITAL DISTRICT",
            "DC",
            "DISTRITO CAPITAL",
            "DISTRITO CAPITAL DE BOGOTA",
            "SANTA FE DE BOGOTA",
            "SANTA FE DE BOGOTA DC",
            "SANTAFE DE BOGOTA",
            "SANTAFE DE BOGOTA DC",
            "SANTAFE DE BOGOTA DISTRITO CAPITAL",
            "SANTA FE DE BOGOTA DISTRITO CAPITAL",
            "BOG",
            "BTA",
        ),
    ),
    Department("Bolívar", ("BOL",)),
    Department("Boyacá", ("BOY",)),
    Department("Caldas", ("CDAS",), ("CLDS",)),
    Department("Caquetá", ("CAQ",), ("EL CAQUETA",)),
    Department("Casanare", ("C/NARE",), ("CSNRE",)),
    Department("Cauca", ("CAU",), ("EL CAUCA",)),
    Department("Cesar", ("CES",), ("EL CESAR",)),
    Department("Chocó", ("CHOCO",), ("EL CHOCO",)),
    Department("Córdoba", ("CORD",), ("CORDOVA",)),
    Department("Cundinamarca", ("C/MARCA",), ("CUND", "CUNDI", "C MARCA", "CMARCA")),
    Department("Guainía", ("GUAI",), ("EL GUAINIA",)),
    Department("Guaviare", ("G/VIARE",), ("EL GUAVIARE",)),
    Department("Huila", ("HLA",), ("EL HUILA",)),
    Department("La Guajira", ("GUAJ",), ("GUAJIRA",)),
    Department("Magdalena", ("MG/LENA",), ("MAGD", "EL MAGDALENA")),
    Department("Meta", ("META",), ("EL META",)),
    Department("Nariño", ("NAR",)),
    Department(
        "Norte de Santander",
        ("N/STDER",),
        (
            "NORTE SANTANDER",
            "NORTH SANTANDER",
            "NTE SANTANDER",
            "NORTE DE STDER",
            "N DE SANTANDER",
            "N SANTANDER",
            "N/SANTANDER",
            "NTE DE SANTANDER",
        ),
    ),
    Department("Putumayo", ("P/MAYO",), ("EL PUTUMAYO",)),
    Department("Quindío", ("QDIO",), ("EL QUINDIO",)),
    Department("Risaralda", ("RS",), ("RDA",)),
    Department(
        "San Andrés y Providencia",
        ("S/ANDRES",),
        (
            "SAN ANDRES",
            "SAN ANDRES ISLA",
            "SAN ANDRES ISLAS",
            "SAN ANDRES PROVIDENCIA Y SANTA CATALINA",
            "SAN ANDRES Y PROVIDENCIA Y SANTA CATALINA",
            "ARCHIPIELAGO DE SAN ANDRES",
            "ARCHIPIELAGO DE SAN ANDRES Y PROVIDENCIA",
            "ARCHIPIELAGO DE SAN ANDRES PROVIDENCIA Y SANTA CATALINA",
            "ARCHIPELAGO OF SAN ANDRES PROVIDENCIA AND SANTA CATALINA",
            "ARCHIPELAGO OF SAINT ANDREWS PROVIDENCE AND SAINT CATALINA",
            "SAN ANDRES AND PROVIDENCIA",
        ),
    ),
    Department("Santander", ("STDER",), ("SANT", "SDER", "SANTANDER DEL SUR")),
    Department("Sucre", ("SUCRE",)),
    Department("Tolima", ("TOL",), ("EL TOLIMA",)),
    Department("Valle del Cauca", ("VALLE",), ("VAL", "EL VALLE", "EL VALLE DEL CAUCA", "VALLE CAUCA", "VALLE DEL C")),
    Department("Vaupés", ("V/PES",), ("EL VAUPES",)),
    Department("Vichada", ("VICH",), ("EL VICHADA",)),
)


#: What stands around a name: `Departamento del Meta`, `Antioquia Department`, `Caldas, Colombia`.
_PREFIXES = ("DEPARTAMENTO DEL ", "DEPARTAMENTO DE ", "DEPTO DEL ", "DEPTO DE ", "DPTO DEL ", "DPTO DE ")
_SUFFIXES = (" COLOMBIA", " DEPARTMENT")
_ISO_PREFIX = "CO "


def read_department(text: str) -> Department | Unreadable:
    """Return the department that a text means: its name, an abbreviation, or a code of DANE, ISO or a shop program.

    DANE's codes are understood without their zero too, and `&` is `y`. What no list has is `unknown_department`; a code
    that two lists give to two departments is refused with both.
    """
    meant = _meant(text)
    if len(meant) == 1:
        return _by_name()[meant[0]]
    if meant:
        which = " or ".join(meant)
        why = f"is {quoted(text)}, which is {which}, depending on the list it is from; write the name"
        return Unreadable(TextCode.AMBIGUOUS_DEPARTMENT, why, meant)
    close = _closest(text)
    what_to_do = f"perhaps {' or '.join(close)} is meant" if close else "write its name, like Antioquia"
    why = f"is {quoted(text)}, no department of Colombia that is known; {what_to_do}"
    return Unreadable(TextCode.UNKNOWN_DEPARTMENT, why, close)


def find_department(text: str) -> Department | None:
    """Return the department that the text means, however it is spelt; None where `read_department` refuses it."""
    meant = _meant(text)
    return _by_name()[meant[0]] if len(meant) == 1 else None


def department_abbreviation(text: str) -> str | None:
    """Return Coordinadora's usual abbreviation of the department that the text means, if it means one."""
    department = find_department(text)
    return department.abbreviations[0] if department else None


@cache
def department_spellings(department: Department) -> frozenset[str]:
    """Return every normalised name and abbreviation of the department; codes are none."""
    return frozenset(normalise(text) for text in (department.name, *department.abbreviations, *department.spellings))


def _meant(text: str) -> tuple[str, ...]:
    plain = plain_number(text.strip())
    written = "" if isinstance(plain, Unreadable) else normalise(plain.replace("&amp;", "&").replace("&", " y "))
    index = _index()
    if written.startswith(_ISO_PREFIX):
        code = written.removeprefix(_ISO_PREFIX)
        iso = ISO_3166_2.get(code)
        return (iso,) if iso else index.get(code, ())
    for prefix in ("", *_PREFIXES):
        for suffix in ("", *_SUFFIXES):
            if meant := index.get(written.removeprefix(prefix).removesuffix(suffix)):
                return meant
    return ()


@cache
def _by_name() -> dict[str, Department]:
    return {department.name: department for department in DEPARTMENTS}


@cache
def _index() -> dict[str, tuple[str, ...]]:
    index = dict(departments_of_codes())
    for department in DEPARTMENTS:
        for spelling in department_spellings(department):
            index[spelling] = tuple(sorted({*index.get(spelling, ()), department.name}))
    # Coordinadora files Bogotá under Cundinamarca, whose abbreviation it is.
    index["C/MARCA"] = ("Cundinamarca",)
    return index


def _closest(text: str) -> tuple[str, ...]:
    # Only who mistook a name waits for it.
    from difflib import get_close_matches  # noqa: PLC0415

    names = {normalise(department.name): department.name for department in DEPARTMENTS}
    return tuple(names[name] for name in get_close_matches(normalise(text), names, n=2, cutoff=0.75))
