"""What the API answers where it has no route: API Gateway sends here what no other route takes."""

import os
import re
from dataclasses import replace
from typing import Any

from shared.http import refusal_page as page
from shared.http.description import api_description
from shared.http.problems import Problem, ProblemError

#: Source: API Gateway's key of the route that takes what no other one does; it asks for no token.
DEFAULT_ROUTE = "$default"
_DESCRIPTION = "/openapi.json"


def refuse_without_route(event: dict[str, Any]) -> None:
    """Refuse what no route takes: nobody has looked at a token, so that no route of the function may answer it.

    Raises:
        ProblemError: the event came by the default route, or asks for a description that is kept back.
    """
    if event.get("routeKey") == DEFAULT_ROUTE or (event["rawPath"] == _DESCRIPTION and _is_kept_back()):
        raise ProblemError(problem_of_no_route(event["requestContext"]["http"]["method"], event["rawPath"]))


def _is_kept_back() -> bool:
    return os.environ.get("API_DESCRIPTION") == "off"


def problem_of_no_route(method: str, path: str) -> Problem:
    """Return 405 where the path takes other methods, else 404."""
    methods = allowed_methods(path)
    if not methods or method in methods:
        return page.route_not_found().problem
    allowed = ", ".join(methods)
    return replace(page.method_not_allowed(allowed).problem, headers={"Allow": allowed})


def allowed_methods(path: str) -> list[str]:
    """Return the methods that a path takes, in any of the functions; none where there is no such path."""
    found: set[str] = set()
    for template, operations in api_description()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            found |= {method.upper() for method in operations}
    return sorted(found)
