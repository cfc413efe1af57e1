"""The API's description is made from the code, is current, and says what the template deploys."""

import json
import re
import subprocess
import sys
from typing import Any

import pytest

from functions.manage_jobs.app import handler
from local.openapi import FUNCTIONS, document_text
from shared.http.description import DOCUMENT
from tests.http_client import call
from tests.template import events, functions

DESCRIPTION: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, methods in DESCRIPTION["paths"].items()
        for method, operation in methods.items()
    }


def test_the_file_is_what_the_code_says() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document_text(), "run `make openapi`"


def test_it_is_served_without_a_token() -> None:
    answer = call(handler, "GET", "/openapi.json")
    assert (answer.status, answer.json) == (200, DESCRIPTION)
    assert answer.headers["content-type"] == "application/json"


def test_it_describes_every_route_of_the_template_with_its_scope_and_no_other() -> None:
    deployed = {
        (event["Method"].upper(), event["Path"]): event.get("Auth", {}).get("AuthorizationScopes", [])
        for name in FUNCTIONS
        for event in events(functions()[name], "HttpApi")
    }
    described = {
        route: [scope for each in operation.get("security", []) for scope in each.get("jwt", [])]
        for route, operation in operations().items()
    }
    assert described == deployed


def test_every_reference_leads_somewhere() -> None:
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(DESCRIPTION)))
    assert names <= DESCRIPTION["components"]["schemas"].keys()


def test_operations_have_names_of_their_own_sentences_and_problems() -> None:
    names = [operation["operationId"] for operation in operations().values()]
    assert len(set(names)) == len(names)
    for route, operation in operations().items():
        assert operation["summary"].endswith("."), route
        assert "application/problem+json" in operation["responses"]["default"]["content"], route


def test_bodies_are_in_camel_case_and_closed() -> None:
    for name, schema in DESCRIPTION["components"]["schemas"].items():
        assert not any("_" in member for member in schema.get("properties", {})), name
        if name.endswith("Body"):
            assert schema["additionalProperties"] is False, name


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_starts_without_what_it_may_never_need(name: str) -> None:
    """A cold start pays for every import: boto3's for most of it, and reports need no database."""
    unwanted = {"boto3", "alembic", "yaml", "httpx"} | ({"psycopg"} if name == "receive_callback" else set())
    code = f"import sys, functions.{name}.app; print(sorted({unwanted!r} & set(sys.modules)))"
    started = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603 - our own
    assert started.stdout == "[]\n"
