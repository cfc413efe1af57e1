"""Colombia's 33 departments (Bogotá counts as one): Coordinadora's abbreviation and what people write."""

from dataclasses import dataclass

from shared.logistics.text import normalise


@dataclass(frozen=True)
class Department:
    """One of the 33, with the abbreviations of Coordinadora's portal, the usual one first."""

    name: str
    abbreviations: tuple[str, ...]
    #: Everything else that means it: ISO 3166-2 code, short and long names, common misspellings.
    spellings: tuple[str, ...] = ()


#: Source: the abbreviations are those of Coordinadora's list of cities; the three-letter codes are ISO 3166-2:CO.
DEPARTMENTS: tuple[Department, ...] = (
    Department("Amazonas", ("AMAZ",), ("AMA", "EL AMAZONAS")),
    Department("Antioquia", ("ANT",), ("ANTIOQ",)),
    # One of Coordinadora's cities stands under ARA.
    Department("Arauca", ("ARAU", "ARA"), ()),
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
            "DISTRITO CAPITAL",
            "DISTRITO CAPITAL DE BOGOTA",
            "SANTA FE DE BOGOTA",
            "SANTA FE DE BOGOTA DC",
            "SANTAFE DE BOGOTA",
            "SANTAFE DE BOGOTA DC",
            "SANTAFE DE BOGOTA DISTRITO CAPITAL",
            "SANTA FE DE BOGOTA DISTRITO CAPITAL",
            "DC",
            "BOG",
            "BTA",
        ),
    ),
    Department("Bolívar", ("BOL",)),
    Department("Boyacá", ("BOY",)),
    Department("Caldas", ("CDAS",), ("CAL", "CLDS")),
    Department("Caquetá", ("CAQ",), ("EL CAQUETA",)),
    Department("Casanare", ("C/NARE",), ("CAS", "CSNRE")),
    Department("Cauca", ("CAU",), ("EL CAUCA",)),
    Department("Cesar", ("CES",), ("EL CESAR",)),
    Department("Chocó", ("CHOCO",), ("CHO", "EL CHOCO")),
    Department("Córdoba", ("CORD",), ("COR", "CORDOVA")),
    Department("Cundinamarca", ("C/MARCA",), ("CUN", "CUND", "CUNDI", "C MARCA", "CMARCA")),
    Department("Guainía", ("GUAI",), ("GUA", "EL GUAINIA")),
    Department("Guaviare", ("G/VIARE",), ("GUV", "EL GUAVIARE")),
    Department("Huila", ("HLA",), ("HUI", "EL HUILA")),
    Department("La Guajira", ("GUAJ",), ("LAG", "GUAJIRA")),
    Department("Magdalena", ("MG/LENA",), ("MAG", "MAGD", "EL MAGDALENA")),
    Department("Meta", ("META",), ("MET", "EL META")),
    Department("Nariño", ("NAR",)),
    Department(
        "Norte de Santander",
        ("N/STDER",),
        (
            "NSA",
            "NORTE SANTANDER",
            "NORTE DE STDER",
            "N DE SANTANDER",
            "N SANTANDER",
            "N/SANTANDER",
            "NTE DE SANTANDER",
        ),
    ),
    Department("Putumayo", ("P/MAYO",), ("PUT", "EL PUTUMAYO")),
    Department("Quindío", ("QDIO",), ("QUI", "EL QUINDIO")),
    Department("Risaralda", ("RS",), ("RIS", "RDA")),
    Department(
        "San Andrés y Providencia",
        ("S/ANDRES",),
        (
            "SAP",
            "SAN ANDRES",
            "SAN ANDRES ISLA",
            "SAN ANDRES ISLAS",
            "SAN ANDRES PROVIDENCIA Y SANTA CATALINA",
            "SAN ANDRES Y PROVIDENCIA Y SANTA CATALINA",
            "ARCHIPIELAGO DE SAN ANDRES",
            "ARCHIPIELAGO DE SAN ANDRES Y PROVIDENCIA",
            "ARCHIPIELAGO DE SAN ANDRES PROVIDENCIA Y SANTA CATALINA",
        ),
    ),
    Department("Santander", ("STDER",), ("SAN", "SANT", "SDER", "SANTANDER DEL SUR")),
    Department("Sucre", ("SUCRE",), ("SUC",)),
    Department("Tolima", ("TOL",), ("EL TOLIMA",)),
    Department("Valle del Cauca", ("VALLE",), ("VAC", "EL VALLE", "EL VALLE DEL CAUCA", "VALLE CAUCA", "VALLE DEL C")),
    Department("Vaupés", ("V/PES",), ("VAU", "EL VAUPES")),
    Department("Vichada", ("VICH",), ("VID", "EL VICHADA")),
)


def _spellings(department: Department) -> set[str]:
    return {normalise(text) for text in (department.name, *department.abbreviations, *department.spellings)}


_BY_SPELLING = {spelling: department for department in DEPARTMENTS for spelling in _spellings(department)}


def find_department(text: str) -> Department | None:
    """Return the department that the text means, however it is spelt; None where it is none of the 33."""
    spelling = normalise(text)
    department = _BY_SPELLING.get(spelling)
    if department is None:
        # `CO-ANT` is how ISO 3166-2, and the shops that use it, write the code; `Departamento del Meta` is official.
        for prefix in ("CO ", "DEPARTAMENTO DEL ", "DEPARTAMENTO DE ", "DPTO DEL ", "DPTO DE "):
            department = department or _BY_SPELLING.get(spelling.removeprefix(prefix))
    return department


def department_abbreviation(text: str) -> str | None:
    """Return Coordinadora's usual abbreviation of the department that the text means, if it means one."""
    department = find_department(text)
    return department.abbreviations[0] if department else None


def department_spellings(department: Department) -> frozenset[str]:
    """Return every normalised text that means the department."""
    return frozenset(_spellings(department))
