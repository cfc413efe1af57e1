"""Checks of what callers hand in: params hold anything, the functions say `INVALID`."""

import json
from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from shared.domain import refusal_page as page

T = TypeVar("T", bound=str)

#: What the database's integer can hold.
MAX_DISPATCH = 2**31 - 1


def require_uuid(value: object, name: str) -> UUID:
    """Return the value when it is a UUID.

    Raises:
        RefusedError: it is none.
    """
    if not isinstance(value, UUID):
        raise page.invalid_id(name, type(value).__name__)
    return value


def require_uuids(values: object, name: str, *, at_most: int) -> list[UUID]:
    """Return the values when they are a list of at least one and at most `at_most` different UUIDs.

    Raises:
        RefusedError: they are not; ids that stand there twice are named.
    """
    if not isinstance(values, list | tuple):
        raise page.no_list_of_ids(name)
    if not values:
        raise page.no_ids(name)
    if len(values) > at_most:
        raise page.too_many_ids(name, len(values), at_most)
    ids = [require_uuid(value, f"Each of {name}") for value in values]
    if len(set(ids)) < len(ids):
        seen: set[UUID] = set()
        twice = sorted({id_ for id_ in ids if id_ in seen or seen.add(id_)})  # type: ignore[func-returns-value] # add() is None
        raise page.duplicate_ids(name, ids=twice)
    return ids


def require_choice(value: object, choices: Collection[T], name: str) -> T:
    """Return the value when it is one of the choices.

    Raises:
        RefusedError: it is none of them.
    """
    for choice in choices:
        if value == choice:
            return choice
    raise page.invalid_choice(name, ", ".join(choices))


def require_flag(value: object, name: str) -> bool:
    """Return the value when it is true or false.

    Raises:
        RefusedError: it is neither.
    """
    if not isinstance(value, bool):
        raise page.unexpected_value(name, "true or false")
    return value


def optional_whole(value: object, name: str, least: int, most: int) -> int | None:
    """Return None, or the value when it is a whole number from `least` to `most`.

    Raises:
        RefusedError: it is none.
    """
    if value is None or (type(value) is int and least <= value <= most):
        return value
    raise page.no_whole_number(name, least, most)


def require_text(value: object, name: str, *, at_most: int, at_least: int = 0) -> str:
    """Return the value when it is a text that the database can hold, of `at_least` to `at_most` characters.

    Raises:
        RefusedError: it is no text, too short, too long, or has a NUL or half a surrogate pair in it.
    """
    if not isinstance(value, str):
        raise page.no_text(name)
    if not at_least <= len(value) <= at_most:
        raise page.text_of_wrong_length(name, at_least, at_most, len(value))
    if "\0" in value or not _is_unicode(value):
        raise page.invalid_text(name)
    return value


def optional_text(value: object, name: str, *, at_most: int, at_least: int = 0) -> str | None:
    """Return None or a text as `require_text` does."""
    return None if value is None else require_text(value, name, at_most=at_most, at_least=at_least)


def storable_text(value: object, name: str, *, at_most: int) -> str:
    """Return a text of someone else's, who can't be asked to correct it, as the database can hold it.

    NUL is left out, half surrogate pairs become question marks, and what is over `at_most` characters is cut.

    Raises:
        RefusedError: it is no text.
    """
    if not isinstance(value, str):
        raise page.no_text(name)
    return value.replace("\0", "").encode(errors="replace").decode()[:at_most]


def require_dispatch(value: object) -> int:
    """Return the value when it can be the number of a hand-over.

    Raises:
        RefusedError: it can't.
    """
    if type(value) is int and 0 < value <= MAX_DISPATCH:
        return value
    raise page.unexpected_value("dispatch", "the number of a hand-over: 1 or more")


def json_text(value: object, name: str, *, at_most_bytes: int) -> str:
    """Return the value, a dict, as JSON of at most `at_most_bytes` (ASCII, so one byte a character).

    Raises:
        RefusedError: it is no dict, too large, or holds what JSON or the database can't.
    """
    if not isinstance(value, dict):
        raise page.unexpected_value(name, "an object")
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise page.no_json(name, error) from error
    if len(text) > at_most_bytes:
        raise page.invalid_value(name, len(text), at_most_bytes)
    # Escaped backslashes aside: the six characters that spell an escaped NUL are not one.
    has_nul = "\\u0000" in text and "\\u0000" in text.replace("\\\\", "")
    if has_nul or ("\\ud" in text and not _is_unicode(json.dumps(value, ensure_ascii=False))):
        raise page.json_not_storable(name)
    return text


def _is_unicode(text: str) -> bool:
    # Half a surrogate pair is a character to Python, but to no encoding.
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
