"""Ids reach the database in their order, whichever and however many."""

from uuid import UUID

import pytest
from psycopg import Connection

from shared.db.arrays import uuid_array
from shared.domain.ids import uuid7s


@pytest.mark.parametrize(
    "ids", [[], [UUID(int=0)], [UUID(int=2**128 - 1), UUID(int=0), UUID(int=2**128 - 1)], uuid7s(10_000)]
)
def test_ids_arrive_in_their_order(owner: Connection, ids: list[UUID]) -> None:
    row = {"ids": uuid_array(ids), "list": ids}
    query = "SELECT %(ids)b::uuid[], %(ids)b::uuid[] = %(list)b::uuid[], array_agg(id ORDER BY place)"
    found = owner.execute(f"{query} FROM unnest(%(ids)b::uuid[]) WITH ORDINALITY AS asked (id, place)", row).fetchone()
    assert found == (ids, True, ids or None)
