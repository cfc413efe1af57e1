"""Refusals that name orders and jobs by their ids, as a person knows them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from functions.operator_page.language import _
from shared.sentences import NAMED, Sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from shared.http.problems import Problem

#: What a refusal's sentence calls the orders that are among its details.
_LISTS = ("held", "taken")


def orders_of(problem: Problem) -> Sequence[Mapping[str, object]]:
    """Return the orders that a refusal is about, each with its id and what else is known of it."""
    orders = problem.members.get("orders")
    return orders if isinstance(orders, list | tuple) else ()


def called_by_name(problem: Problem, names: Mapping[UUID, str] | None = None) -> Problem:
    """Return the refusal with its orders by name, number at the shop or tracking number; the page has links to them."""
    if problem.sentence is None:
        return problem
    all_of_them = [_called(each, names or {}) for each in orders_of(problem)]
    said = ", ".join(all_of_them[:NAMED]) + (" …" if len(all_of_them) > NAMED else "")
    values = {name: said if name in _LISTS else value for name, value in problem.sentence.values.items()}
    return replace(problem, sentence=Sentence(problem.sentence.template, values))


def _called(order: Mapping[str, object], names: Mapping[UUID, str]) -> str:
    known = (names.get(order["order_id"]), order.get("external_id"), order.get("tracking_number"))  # type: ignore[call-overload] # an id of the domain's
    return next((str(each) for each in known if each), _("an order without a name"))
