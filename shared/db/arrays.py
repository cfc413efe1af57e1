"""Arrays of ids as PostgreSQL takes them, written once for all statements that are given them.

psycopg writes a list anew for each statement, id by id: of 10,000 orders that took a tenth of making their job.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from struct import pack
from uuid import UUID

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

_UUID, _UUID_ARRAY = (psycopg.adapters.types["uuid"].oid, psycopg.adapters.types["uuid"].array_oid)
_SIZE = pack("!i", 16)


@dataclass(frozen=True)
class UuidArray:
    """Ids, as a parameter of any number of statements (`%(ids)b::uuid[]`)."""

    data: bytes


def uuid_array(ids: Iterable[UUID]) -> UuidArray:
    """Return these ids in their order.

    Source: PostgreSQL, array_send: dimensions, whether there are nulls, the type; length and first place; each element.
    """
    elements = [_SIZE + id_.bytes for id_ in ids]
    head = pack("!iiIii", 1, 0, _UUID, len(elements), 1) if elements else pack("!iiI", 0, 0, _UUID)
    return UuidArray(b"".join([head, *elements]))


class _UuidArrayDumper(Dumper):
    format = Format.BINARY
    oid = _UUID_ARRAY

    def dump(self, obj: UuidArray) -> bytes:
        """Return what is written already."""
        return obj.data


psycopg.adapters.register_dumper(UuidArray, _UuidArrayDumper)
