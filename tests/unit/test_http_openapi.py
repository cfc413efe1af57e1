"""The API's description is made from the code, is current, and says what the template deploys."""

import json
import re
import subprocess
import sys
from typing import Any

import jsonschema_rs
import pytest

from functions.manage_jobs.app import handler
from local.openapi.document import FUNCTIONS, document_text
from shared.domain import refusal_page
from shared.domain.refusals import Refusal, RefusedError
from shared.domain.texts import require_sent
from shared.http import refusal_page as http_refusal_page
from shared.http.description import DOCUMENT
from shared.http.refusal_page import Refusal as HttpRefusal
from shared.logistics import FieldKind
from tests.http_client import assert_problem, call
from tests.template import events, functions

NOT_OVER_HTTP = {
    # No operation's: what is no route.
    *("route_not_found", "method_not_allowed"),
    # Of what only the robot's side and tools ask for.
    *("invalid_csv", "too_many_reports"),
    # Of the operator's page, which is no part of the API.
    *("upload_not_found", "upload_too_large"),
    # Of create_robot_job alone: over HTTP such an order is rejected or skipped, and the others go ahead.
    *("already_shipped", "shipment_unsettled"),
    # What the shape of a request has refused before, and what the domain's own checks say first.
    *("invalid_choice", "invalid_id", "invalid_limit", "invalid_default", "invalid_total_value"),
}
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
        if "Path" in event
    }
    described = {
        route: [scope for each in operation.get("security", []) for scope in each.get("jwt", [])]
        for route, operation in operations().items()
    }
    assert described == deployed


def test_every_reference_leads_somewhere() -> None:
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(DESCRIPTION)))
    assert names <= DESCRIPTION["components"]["schemas"].keys()


def test_operations_have_names_and_sentences_of_their_own() -> None:
    names = [operation["operationId"] for operation in operations().values()]
    assert len(set(names)) == len(names)
    for route, operation in operations().items():
        assert operation["summary"].endswith("."), route


def test_every_route_documents_its_errors_and_none_is_left_to_a_default() -> None:
    for (method, path), operation in operations().items():
        needs = {"500", "429"}
        if path != "/openapi.json":
            needs |= {"503"}
        if any("jwt" in each for each in operation.get("security", [])):
            needs |= {"401", "403", "422"}
            if "requestBody" in operation:
                needs |= {"400", "413", "415"}
        assert needs <= set(operation["responses"]), (method, path)
        assert "default" not in operation["responses"], (method, path)


def test_every_code_that_the_program_gives_over_http_is_documented_and_no_other() -> None:
    documented = {
        code
        for operation in operations().values()
        for response in operation["responses"].values()
        for code in response.get("content", {}).get("application/problem+json", {}).get("examples", {})
    }
    written = {
        entry.code
        for page in (refusal_page, http_refusal_page)
        for entry in vars(page).values()
        if isinstance(entry, Refusal | HttpRefusal)
    }
    assert documented <= written
    assert written - documented == NOT_OVER_HTTP


def test_generators_can_read_what_a_problem_s_schema_fixes() -> None:
    """Fails with `const`, over which openapi-python-client drops the response: 101 of 161."""
    for route, operation in operations().items():
        for status, response in operation["responses"].items():
            if problem := response.get("content", {}).get("application/problem+json"):
                fixed = problem["schema"]["allOf"][1]["properties"]
                assert fixed["status"] == {"type": "integer", "enum": [int(status)]}, route
                assert fixed["code"]["type"] == "string", route
                assert set(fixed["code"]["enum"]) == set(problem["examples"]), route


def test_a_get_says_that_it_may_answer_304() -> None:
    for (method, path), operation in operations().items():
        names = {parameter["name"] for parameter in operation.get("parameters", [])}
        assert ("304" in operation["responses"]) is (method == "GET"), path
        assert ("If-None-Match" in names) is (method == "GET"), path
        if method == "GET":
            assert "ETag" in operation["responses"]["200"]["headers"], path


def test_both_ways_in_are_described() -> None:
    schemes = DESCRIPTION["components"]["securitySchemes"]
    assert (schemes["jwt"]["type"], schemes["jwt"]["scheme"], schemes["jwt"]["bearerFormat"]) == (
        "http",
        "bearer",
        "JWT",
    )
    assert (schemes["callbackSecret"]["in"], schemes["callbackSecret"]["name"]) == ("header", "X-Callback-Secret")


def test_every_body_and_every_answer_has_an_example_that_fits_its_schema() -> None:
    checked = 0
    for route, operation in operations().items():
        media = [
            content
            for holder in (operation.get("requestBody", {}), *operation["responses"].values())
            for content in holder.get("content", {}).values()
        ]
        assert media, route
        for content in media:
            schema = {**content["schema"], "components": DESCRIPTION["components"]}
            examples = [each["value"] for each in content.get("examples", {}).values()]
            examples += [content["example"]] if "example" in content else []
            assert examples, route
            for example in examples:
                jsonschema_rs.validator_for(schema).validate(example)
                checked += 1
    assert checked > 200


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


def test_a_deployment_may_keep_the_description_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert call(handler, "GET", "/openapi.json").status == 200
    monkeypatch.setenv("API_DESCRIPTION", "off")
    assert_problem(call(handler, "GET", "/openapi.json"), 404, "route_not_found")


def test_a_contact_s_name_that_the_domain_refuses_is_none_in_the_description() -> None:
    """Naive: the description lets pass what has nothing to see in it, or refuses what is a name."""
    pattern = re.compile(DESCRIPTION["components"]["schemas"]["ContactBody"]["properties"]["name"]["pattern"])

    def is_taken(name: str) -> bool:
        try:
            require_sent(name, "name", FieldKind.NAME, at_least=1, at_most=1_000)
        except RefusedError:
            return False
        return True

    # No surrogates, which are no characters.
    characters = [chr(code) for code in (*range(0xD800), *range(0xE000, 0x10000))]
    names = [*characters, "\xa0 Luz", "Luz\u200b", "\x00Luz", "🙂"]
    assert [ascii(name) for name in names if is_taken(name) != bool(pattern.search(name))] == []
