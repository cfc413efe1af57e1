"""How many rows a list has: counted from its beginning to a cap, since a whole count costs what the list is long."""

from collections.abc import Mapping

from psycopg import Connection, Cursor

from shared.domain import refusal_page as page

MAX_COUNTED = 10_000

#: The end of a statement that counts the rows of a page (page), which is as long as the cap and one more.
HOW_MANY = """
SELECT count(*) FROM page
"""


def require_cap(count_to: object) -> int | None:
    """Return how far is to be counted; None: nothing is.

    Raises:
        RefusedError: it is no number of 1 to 10,000.
    """
    if count_to is None or (type(count_to) is int and 1 <= count_to <= MAX_COUNTED):
        return count_to
    raise page.unexpected_value("count_to", f"a number from 1 to {MAX_COUNTED}")


def ask_total(
    conn: Connection, query: str, row: Mapping[str, object], count_to: int | None
) -> Cursor[tuple[int]] | None:
    """Ask how many rows there are, without waiting for the answer; one more than the cap stands for any number."""
    return None if count_to is None else conn.execute(query, {**row, "limit": count_to + 1})


def read_total(asked: Cursor[tuple[int]] | None) -> int | None:
    """Return what was asked for, if it was."""
    if asked is None:
        return None
    [(count,)] = asked.fetchall()
    return count
