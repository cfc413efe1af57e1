"""Names, as a carrier's form asks for them."""

#: Words that belong to the one after them: `de la Cruz`, `San Martín`.
_PARTICLES = frozenset({"DE", "DEL", "LA", "LAS", "LOS", "SAN", "SANTA", "Y", "VAN", "VON", "DA", "DI", "DOS"})
_WORDS_WITH_ONE_GIVEN_NAME = 3


def split_name(name: str) -> tuple[str, str]:
    """Return given names and surnames: two of each where there are four words or more, one given name of two or three.

    `Pérez Gómez, Ana` is read as surnames first. A single word is a given name, and the surname is empty.
    """
    surnames, comma, given = (part.strip() for part in name.partition(","))
    if comma and surnames and given:
        return " ".join(given.replace(",", " ").split()), " ".join(surnames.split())
    units = _units(name.replace(",", " ").split())
    given_count = 1 if len(units) <= _WORDS_WITH_ONE_GIVEN_NAME else 2
    return " ".join(units[:given_count]), " ".join(units[given_count:])


def _units(words: list[str]) -> list[str]:
    units: list[str] = []
    pending: list[str] = []
    for word in words:
        pending.append(word)
        if word.upper() not in _PARTICLES:
            units.append(" ".join(pending))
            pending = []
    return units + ([" ".join(pending)] if pending else [])
