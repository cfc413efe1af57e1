"""Rows are reached by their keys, also by plans that were made while a table was still almost empty.

What is asked for a foreign key, and what records reports, is planned once a connection and kept. While all is one
page every index costs the same, and the newest one wins; where it is one that only begins with the workspace, the first
large job walks all orders for each item.
"""

import json
import re

import psycopg
import pytest
from psycopg import Connection, sql

from local.stack.postgres import Postgres
from shared.db import transaction
from shared.domain import DomainContext
from shared.domain.ids import uuid7
from tests.factories import make_job
from tests.functional.test_query_plans import STATEMENTS, planned


def _keys(owner: Connection) -> list[tuple[str, str, list[str]]]:
    return owner.execute(_FOREIGN_KEYS).fetchall()


def test_there_are_foreign_keys(owner: Connection) -> None:
    assert "robot_job_items_order_fkey" in {name for name, _, _ in _keys(owner)}


@pytest.mark.parametrize("rows", [0, 100])
def test_a_foreign_key_is_checked_by_an_index_that_finds_one_row(owner: Connection, rows: int) -> None:
    workspace_id = uuid7()
    for _ in range(rows):
        owner.execute("INSERT INTO orders (id, workspace_id, name) VALUES (%s, %s, 'P')", [uuid7(), workspace_id])
    uniques = {index: set(columns) for index, columns in owner.execute(_INDEX_KEYS)}
    wrong: dict[str, str] = {}
    with owner.transaction():
        owner.execute(transaction._LOCKING_SETTINGS, [str(workspace_id)])
        for name, table, columns in _keys(owner):
            found = sql.SQL(" AND ").join(
                sql.SQL("{} = {}").format(sql.Identifier(column), sql.SQL(f"${place}"))
                for place, column in enumerate(columns, 1)
            )
            asked = sql.SQL("EXPLAIN (GENERIC_PLAN, FORMAT JSON) SELECT 1 FROM ONLY {} x WHERE {} FOR KEY SHARE OF x")
            [(plan,)] = owner.execute(asked.format(sql.Identifier(table), found)).fetchall()
            [scan] = plan[0]["Plan"]["Plans"]
            index = scan.get("Index Name", "none")
            if not uniques.get(index, {"?"}) <= set(columns):
                wrong[name] = index
    assert wrong == {}


@pytest.mark.parametrize("name", ["YIELD", "RECORD"])
def test_reports_find_their_items_and_not_items_their_reports(
    name: str, owner: Connection, ctx: DomainContext, postgres: Postgres
) -> None:
    # Many items, before anything has counted them: a walk through the few jobs looks cheap.
    make_job(owner, ctx, items=400)
    make_job(owner, ctx, items=2_000)
    [(database,)] = owner.execute("SELECT current_database()").fetchall()
    with psycopg.connect(postgres.url(database, "robot_jobs_app"), autocommit=True) as conn:
        plan, _ = planned(conn, STATEMENTS[f"shared.domain.jobs.record_sql.{name}"])
    assert "(id = report.item_id)" in re.findall(r'"Index Cond": "(.*?)"', json.dumps(plan))


_FOREIGN_KEYS = """
SELECT conname, confrelid::regclass::text,
       ARRAY(SELECT attname::text FROM unnest(confkey) WITH ORDINALITY AS key (number, place)
               JOIN pg_attribute ON attrelid = confrelid AND attnum = number ORDER BY place)
  FROM pg_constraint
 WHERE contype = 'f'
"""

# Whole unique indexes, with their columns.
_INDEX_KEYS = """
SELECT indexrelid::regclass::text,
       ARRAY(SELECT attname::text FROM unnest(indkey) AS number
               JOIN pg_attribute ON attrelid = indrelid AND attnum = number)
  FROM pg_index
 WHERE indisunique AND indpred IS NULL AND indexprs IS NULL
"""
