"""What Schemathesis is to know of this API beside its description."""

from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response

#: What is said of a request whose form is wrong: the description has not said it all where a good one gets it.
ABOUT_THE_FORM = {"invalid_input", "invalid_text", "no_ids", "too_many_ids"}
#: Nobody listens there: a hand-over to an address that was made up must not leave this machine.
NOWHERE = "http://127.0.0.1:9"


@schemathesis.check
def good_form_is_not_refused(_ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """A request that fits the description is never refused for its form."""
    mode = case.meta.generation.mode if case.meta else None
    if mode is not None and mode.is_positive and response.status_code == 422:
        code = response.json()["code"]
        assert code not in ABOUT_THE_FORM, response.text


@schemathesis.check
def every_answer_has_a_request_id(_ctx: CheckContext, response: Response, _case: Case[Any]) -> None:
    """What a function answers can be found in the log; only API Gateway's own answers lack the id."""
    media_type = response.headers.get("content-type", [""])[0]
    if response.status_code < 400 or media_type == "application/problem+json":
        assert response.headers.get("x-request-id"), response.headers


@schemathesis.hook
def before_call(_context: HookContext, case: Case[Any], _kwargs: dict[str, Any]) -> None:
    if case.operation.definition.raw.get("operationId") != "put_config" or not isinstance(case.body, dict):
        return
    url = case.body.get("robotUrl")
    if isinstance(url, str) and url.startswith("http"):
        case.body["robotUrl"] = NOWHERE
