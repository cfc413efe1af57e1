"""Checks of what callers hand in: params hold anything, the functions say `INVALID`."""

import json
from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from shared.domain.refusals import invalid

T = TypeVar("T", bound=str)

#: What the database's integer can hold.
MAX_DISPATCH = 2**31 - 1


def require_uuid(value: object, name: str) -> UUID:
    """Return the value when it is a UUID.

    Raises:
        RefusedError: it is none.
    """
    if not isinstance(value, UUID):
        raise invalid("invalid_id", f"{name} must be a UUID, not {type(value).__name__}.")
    return value


def require_uuids(values: object, name: str, *, at_most: int) -> list[UUID]:
    """Return the values when they are a list of at least one and at most `at_most` different UUIDs.

    Raises:
        RefusedError: they are not; ids that stand there twice are named.
    """
    if not isinstance(values, list | tuple):
        raise invalid("invalid_id", f"{name} must be a list of UUIDs.")
    if not values:
        raise invalid("no_ids", f"{name} is empty; name at least one.")
    if len(values) > at_most:
        raise invalid("too_many_ids", f"{name} has {len(values)} ids; at most {at_most} are allowed.")
    ids = [require_uuid(value, f"Each of {name}") for value in values]
    if len(set(ids)) < len(ids):
        seen: set[UUID] = set()
        twice = sorted({id_ for id_ in ids if id_ in seen or seen.add(id_)})  # type: ignore[func-returns-value] # add() is None
        named = ", ".join(map(str, twice[:10]))
        raise invalid("duplicate_ids", f"{name} has ids twice: {named}. Name each once.", ids=twice)
    return ids


def require_choice(value: object, choices: Collection[T], name: str) -> T:
    """Return the value when it is one of the choices.

    Raises:
        RefusedError: it is none of them.
    """
    for choice in choices:
        if value == choice:
            return choice
    raise invalid("invalid_choice", f"{name} must be one of {', '.join(choices)}.")


def require_flag(value: object, name: str) -> bool:
    """Return the value when it is true or false.

    Raises:
        RefusedError: it is neither.
    """
    if not isinstance(value, bool):
        raise invalid("invalid_value", f"{name} must be true or false.")
    return value


def require_text(value: object, name: str, *, at_most: int, at_least: int = 0) -> str:
    """Return the value when it is a text that the database can hold, of `at_least` to `at_most` characters.

    Raises:
        RefusedError: it is no text, too short, too long, or has a NUL or half a surrogate pair in it.
    """
    if not isinstance(value, str):
        raise invalid("invalid_text", f"{name} must be a text.")
    if not at_least <= len(value) <= at_most:
        raise invalid("invalid_text", f"{name} must have {at_least} to {at_most} characters; it has {len(value)}.")
    if "\0" in value or not _is_unicode(value):
        raise invalid("invalid_text", f"{name} holds a character that can't be stored; remove it.")
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
        raise invalid("invalid_text", f"{name} must be a text.")
    return value.replace("\0", "").encode(errors="replace").decode()[:at_most]


def require_dispatch(value: object) -> int:
    """Return the value when it can be the number of a hand-over.

    Raises:
        RefusedError: it can't.
    """
    if type(value) is int and 0 < value <= MAX_DISPATCH:
        return value
    raise invalid("invalid_value", "dispatch must be the number of a hand-over: 1 or more.")


def json_text(value: object, name: str, *, at_most_bytes: int) -> str:
    """Return the value, a dict, as JSON of at most `at_most_bytes` (ASCII, so one byte a character).

    Raises:
        RefusedError: it is no dict, too large, or holds what JSON or the database can't.
    """
    if not isinstance(value, dict):
        raise invalid("invalid_value", f"{name} must be an object.")
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise invalid("invalid_value", f"{name} can't be written as JSON: {error}.") from error
    if len(text) > at_most_bytes:
        raise invalid("invalid_value", f"{name} has {len(text)} bytes; at most {at_most_bytes} are allowed.")
    # Escaped backslashes aside: the six characters that spell an escaped NUL are not one.
    has_nul = "\\u0000" in text and "\\u0000" in text.replace("\\\\", "")
    if has_nul or ("\\ud" in text and not _is_unicode(json.dumps(value, ensure_ascii=False))):
        raise invalid("invalid_value", f"{name} holds a character that can't be stored; remove it.")
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
