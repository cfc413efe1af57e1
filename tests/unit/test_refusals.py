"""Every refusal stands once, on a page: its code, kind, sentence and details."""

import ast
from collections import defaultdict
from string import Formatter
from typing import Any
from uuid import UUID

import pytest

from shared.domain import refusal_page as page
from shared.domain.refusals import Refusal
from shared.http import refusal_page as http_page
from shared.http.domain_api import problem_of_failure
from shared.http.refusal_page import Refusal as HttpRefusal
from tests.template import ROOT

JOB = UUID("0198c0de-0000-7000-8000-000000000010")
ENTRIES: dict[str, Refusal[...] | HttpRefusal[...]] = {
    f"{module.__name__}.{name}": entry
    for module in (page, http_page)
    for name, entry in vars(module).items()
    if isinstance(entry, Refusal | HttpRefusal)
}


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_a_sentence_says_its_values_and_no_others(entry: Refusal[...] | HttpRefusal[...]) -> None:
    wording = entry.wording
    named = {name for _, name, _, _ in Formatter().parse(wording.template) if name is not None}
    assert named <= {*wording.said, *wording.details}
    # What is no detail is there to be said.
    assert set(wording.said) <= named
    assert wording.template.count("`") % 2 == 0


def test_a_code_is_of_one_kind_and_the_domain_s_codes_are_not_http_s() -> None:
    kinds = defaultdict(set)
    for entry in ENTRIES.values():
        kinds[entry.code].add(entry.kind if isinstance(entry, Refusal) else entry.status)
    assert {code: found for code, found in kinds.items() if len(found) > 1} == {}


def test_an_entry_gives_the_refusal_with_its_details() -> None:
    failure = page.duplicate_job(existing_job_id=JOB).failure
    assert (failure.reason, failure.code) == ("duplicate_job", "CONFLICT")
    assert failure.error == f"This idempotency key was used for job {JOB}; look at that job, or use another key."
    assert failure.details == {"existing_job_id": JOB}


def test_a_refusal_within_a_list_says_the_place_of_its_field_where_it_names_one() -> None:
    named = page.no_text("city").within("cities.3", page.OF_ORDER, order="A-1").failure
    assert (named.error, named.reason) == ("cities.3.city must be a text. It is of order A-1.", "invalid_text")
    unnamed = page.contact_not_found()
    assert unnamed.within("orders.3", page.OF_ORDER, order="A-1").failure == unnamed.failure


@pytest.mark.parametrize(
    ("said", "details"), [((), {}), ((), {"job_id": JOB, "dispatch": 1}), ((JOB,), {}), ((), {"jobId": JOB})]
)
def test_a_missing_value_or_one_too_many_is_no_refusal(said: tuple[Any, ...], details: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        page.job_not_found(*said, **details)
    with pytest.raises(TypeError):
        http_page.invalid_input(*said, **details)


def test_field_names_are_the_api_s_at_the_api_and_the_domain_s_in_the_domain() -> None:
    """Fails where a sentence is passed on as the domain has it, and where values are respelled with the names."""
    failure = page.too_many_ids("Each of order_ids", 3, 2).failure
    assert failure.error == "Each of order_ids has 3 ids; at most 2 are allowed."
    assert problem_of_failure(failure).detail == "Each of orderIds has 3 ids; at most 2 are allowed."
    nested = page.unexpected_value("orders.0.total_value", "a_b").failure
    assert problem_of_failure(nested).detail == "orders.0.totalValue must be a_b."
    assert problem_of_failure(page.two_contacts().failure).detail.startswith("Give contactId, to name")


def test_a_sentence_names_ten_of_a_list_and_says_that_there_are_more() -> None:
    ids = [UUID(int=number) for number in range(11)]
    failure = page.orders_not_found(order_ids=ids).failure
    assert str(ids[9]) + " and others. Import" in failure.error
    assert str(ids[10]) not in failure.error
    assert failure.details["order_ids"] == ids
    assert str(ids[9]) + ". Import" in page.orders_not_found(order_ids=ids[:10]).failure.error


def test_no_refusal_is_written_anywhere_else() -> None:
    """Fails where a raise-site brings a sentence of its own along."""
    makers = {"invalid", "not_found", "conflict", "RefusedError", "ProblemError", "Problem", "Failure", "refuse"}
    machinery = {f"shared/{name}.py" for name in ("domain/refusals", "http/problems", "http/refusal_page")}
    found = set()
    for package in ("shared", "functions"):
        for module in (ROOT / package).rglob("*.py"):
            for call in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in makers:
                    texts = [each for each in call.args if isinstance(each, ast.Constant | ast.JoinedStr)]
                    found |= {str(module.relative_to(ROOT))} if texts else set()
    assert found <= machinery
