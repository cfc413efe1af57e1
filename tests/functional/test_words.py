"""The words of states stand once, and the database checks the same ones."""

import ast
import re
from typing import Any, get_args

import pytest
from psycopg import Connection

from shared import words
from tests.template import ROOT

#: Column → the words that it takes.
CHECKED: dict[tuple[str, str], tuple[str, ...]] = {
    ("activity", "action"): words.ACTIONS,
    ("robot_jobs", "status"): words.JOB_STATUSES,
    ("robot_jobs", "priority"): words.PRIORITIES,
    ("robot_jobs", "paused_reason"): words.PAUSED_REASONS,
    ("robot_job_items", "status"): words.ITEM_STATUSES,
    ("robot_job_items", "error_type"): words.ERROR_TYPES,
    ("robot_job_items", "shipment"): words.SHIPMENTS,
    ("robot_jobs", "kind"): words.JOB_KINDS,
    ("robot_job_items", "closed_by"): words.CLOSED_BY,
    ("robot_job_item_reports", "source"): words.REPORT_SOURCES,
    ("robot_job_item_reports", "status"): words.REPORT_STATUSES,
    ("robot_job_item_reports", "outcome"): words.RECORDED_AS,
    ("robot_job_dispatches", "status"): words.DISPATCH_STATUSES,
    ("robot_job_dispatches", "refused_as"): words.REFUSED_AS,
}
#: Words that go together; part of a set may be named where only that part is meant.
SETS = [set(get_args(each)) for each in vars(words).values() if len(get_args(each)) > 1]
#: A step from one status to another is no list of them.
STEPS = {"shared/domain/jobs/status.py"}


def test_the_database_checks_the_same_words(owner: Connection) -> None:
    """Fails where a word is added on one side only, or a column gets a check that nobody compares."""
    found = {}
    for table, definition in owner.execute(_CHECKS):
        # A check of one column and nothing else: a list of its words.
        if check := re.fullmatch(r"CHECK \(\((\w+) = ANY \(ARRAY\[([^\]]+)\]\)\)\)", definition):
            found[table, check[1]] = set(re.findall(r"'(\w+)'::text", check[2]))
    assert found == {column: set(expected) for column, expected in CHECKED.items()}


@pytest.mark.parametrize("package", ["shared", "functions", "local"])
def test_no_other_place_has_a_list_of_them(package: str) -> None:
    """Fails where a module spells out the words of a state as a type, a tuple or a set of its own."""
    again = {
        str(module.relative_to(ROOT))
        for module in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if (spelled := _spelled(node)) and spelled in SETS
    }
    assert again - STEPS - {"shared/words.py"} == set()


def _spelled(node: ast.AST) -> set[Any]:
    if isinstance(node, ast.Tuple | ast.Set | ast.List):
        return {each.value if isinstance(each, ast.Constant) else None for each in node.elts}
    return set()


# Every check of the tables, as PostgreSQL says it.
_CHECKS = """
SELECT conrelid::regclass::text, pg_get_constraintdef(oid)
  FROM pg_constraint
 WHERE contype = 'c' AND connamespace = 'public'::regnamespace
 ORDER BY 1, 2
"""
