"""Cursors are opaque, and belong to the list that gave them out."""

from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shared.domain import ErrorCode
from shared.domain.cursor import decode_cursor, encode_cursor
from shared.domain.ids import uuid7
from shared.domain.refusals import RefusedError

SCOPES = st.text()


@given(SCOPES, st.uuids())
def test_a_cursor_gives_back_its_id(scope: str, last_id: Any) -> None:
    assert decode_cursor(scope, encode_cursor(scope, last_id)) == last_id


@given(SCOPES, SCOPES, st.uuids())
def test_a_cursor_of_another_list_is_refused(scope: str, other: str, last_id: Any) -> None:
    if scope != other:
        assert refused(other, encode_cursor(scope, last_id))


@given(st.one_of(st.text(), st.binary(), st.integers(), st.none()))
def test_what_is_no_cursor_is_refused(cursor: Any) -> None:
    assert refused("jobs", cursor)


def test_a_cursor_with_any_character_changed_is_refused() -> None:
    cursor = encode_cursor("jobs", uuid7())
    for place in range(len(cursor)):
        changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        assert refused("jobs", changed)


def test_a_cursor_cut_short_or_drawn_out_is_refused() -> None:
    cursor = encode_cursor("jobs", uuid7())
    for changed in (cursor[:-1], cursor[:-4], cursor + "A", cursor + "AAAA", cursor * 2, " " + cursor, cursor + "\n"):
        assert refused("jobs", changed)


@given(st.uuids())
def test_a_cursor_can_stand_in_a_url(last_id: UUID) -> None:
    cursor = encode_cursor("jobs", last_id)
    assert cursor.replace("-", "").replace("_", "").isalnum()


def refused(scope: str, cursor: object) -> bool:
    try:
        decode_cursor(scope, cursor)
    except RefusedError as error:
        return (error.failure.code, error.failure.reason) == (ErrorCode.INVALID, "invalid_cursor")
    return False
