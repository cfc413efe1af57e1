"""The codes that lists in use give to Colombia's departments, each list as it stands.

Loaded when a department is first asked for. A code to which two lists give two departments means neither.
"""

from collections import defaultdict
from functools import cache

#: Source: DANE, Divipola (Division político-administrativa), https://geoportal.dane.gov.co
DANE = {
    "05": "Antioquia", "08": "Atlántico", "11": "Bogotá, D.C.", "13": "Bolívar", "15": "Boyacá", "17": "Caldas",
    "18": "Caquetá", "19": "Cauca", "20": "Cesar", "23": "Córdoba", "25": "Cundinamarca", "27": "Chocó",
    "41": "Huila", "44": "La Guajira", "47": "Magdalena", "50": "Meta", "52": "Nariño", "54": "Norte de Santander",
    "63": "Quindío", "66": "Risaralda", "68": "Santander", "70": "Sucre", "73": "Tolima", "76": "Valle del Cauca",
    "81": "Arauca", "85": "Casanare", "86": "Putumayo", "88": "San Andrés y Providencia", "91": "Amazonas",
    "94": "Guainía", "95": "Guaviare", "97": "Vaupés", "99": "Vichada",
}  # fmt: skip

#: Source: ISO 3166-2:CO without its `CO-`; Shopify and WooCommerce use it, with and without.
ISO_3166_2 = {
    "AMA": "Amazonas", "ANT": "Antioquia", "ARA": "Arauca", "ATL": "Atlántico", "BOL": "Bolívar", "BOY": "Boyacá",
    "CAL": "Caldas", "CAQ": "Caquetá", "CAS": "Casanare", "CAU": "Cauca", "CES": "Cesar", "CHO": "Chocó",
    "COR": "Córdoba", "CUN": "Cundinamarca", "DC": "Bogotá, D.C.", "GUA": "Guainía", "GUV": "Guaviare",
    "HUI": "Huila", "LAG": "La Guajira", "MAG": "Magdalena", "MET": "Meta", "NAR": "Nariño",
    "NSA": "Norte de Santander", "PUT": "Putumayo", "QUI": "Quindío", "RIS": "Risaralda",
    "SAN": "Santander", "SAP": "San Andrés y Providencia", "SUC": "Sucre", "TOL": "Tolima", "VAC": "Valle del Cauca",
    "VAU": "Vaupés", "VID": "Vichada",
}  # fmt: skip

#: Where they differ from ISO. Source: the plug-ins for WooCommerce with Colombia's cities and carriers, before 2022.
WOOCOMMERCE_PLUGINS = {
    "AMZ": "Amazonas", "ARU": "Arauca", "CHOC": "Chocó", "GUJ": "La Guajira", "NOR": "Norte de Santander",
    "VIC": "Vichada",
}  # fmt: skip

#: Where they differ from ISO. Source: the zones that OpenCart installs (opencart.sql, country 47).
OPENCART = {
    "AMZ": "Amazonas", "BDC": "Bogotá, D.C.", "CAM": "Cundinamarca", "GNA": "Guainía", "GJR": "La Guajira",
    "GVR": "Guaviare", "NDS": "Norte de Santander", "VDC": "Valle del Cauca", "VIC": "Vichada",
}  # fmt: skip

#: Source: HASC (G. Law, Administrative Subdivisions of Countries), the older codes of two letters. `CO`, Córdoba, is
#: left out here and below: who writes it means the country.
HASC = {
    "AM": "Amazonas", "AN": "Antioquia", "AR": "Arauca", "AT": "Atlántico", "BL": "Bolívar", "BY": "Boyacá",
    "CL": "Caldas", "CQ": "Caquetá", "CS": "Casanare", "CA": "Cauca", "CE": "Cesar", "CH": "Chocó",
    "CU": "Cundinamarca", "DC": "Bogotá, D.C.", "GN": "Guainía", "GV": "Guaviare", "HU": "Huila", "LG": "La Guajira",
    "MA": "Magdalena", "ME": "Meta", "NA": "Nariño", "NS": "Norte de Santander", "PU": "Putumayo", "QD": "Quindío",
    "RI": "Risaralda", "SA": "San Andrés y Providencia", "ST": "Santander", "SU": "Sucre", "TO": "Tolima",
    "VC": "Valle del Cauca", "VD": "Vichada", "VP": "Vaupés",
}  # fmt: skip

#: Where they differ from HASC. Source: the states of Envia.com's API (`code_2_digits`).
ENVIA = {
    "CA": "Caquetá", "CN": "Cundinamarca", "CU": "Cauca", "DE": "Bogotá, D.C.", "GA": "Guaviare", "GU": "Guainía",
    "QU": "Quindío", "SN": "Santander", "VA": "Vaupés", "VI": "Vichada",
}  # fmt: skip

#: Codes of single programs and data sets that say something else than a list above, or than each other: they only
#: raise the doubt. Source: OHDSI's map of Colombia's states; tables of departments in public programs.
SEEN_OTHERWISE = (
    {"BO": "Bogotá, D.C.", "CA": "Cauca", "SA": "Santander"},
    {"BO": "Bolívar", "CA": "Caldas", "CU": "Cauca"},
)

_LISTS = (DANE, ISO_3166_2, WOOCOMMERCE_PLUGINS, OPENCART, HASC, ENVIA, *SEEN_OTHERWISE)


@cache
def departments_of_codes() -> dict[str, tuple[str, ...]]:
    """Return the departments that the lists give to each code: one, or several where it can't be understood."""
    meant: dict[str, set[str]] = defaultdict(set)
    for codes in _LISTS:
        for code, name in codes.items():
            meant[code].add(name)
            if codes is DANE:
                meant[code.removeprefix("0")].add(name)
    return {code: tuple(sorted(names)) for code, names in meant.items()}
