"""Texts in Spanish arrive as they are written, and sizes are those of the bytes that travel, not of their spelling."""

import base64
import json
from http import HTTPStatus
from typing import Any

import pytest

from shared.http import answers
from shared.http.answers import fits, largest_page
from shared.http.body import body_size
from shared.http.models import Resource
from shared.http.problems import Problem
from tests.http_client import assert_problem
from tests.unit.test_http_api import things

#: One, two, three and four bytes in UTF-8; `json.dumps` would write six or twelve characters for all but the first.
CHARACTERS = {"x": 1, "ñ": 2, "€": 3, "🚚": 4}
#: A body around a text: what its other members take.
AROUND = '{"orderIds":[],"customName":"%s"}'


class Message(Resource):
    text: str


def travelling(resource: Resource) -> int:
    """Return the bytes of an answer inside the JSON that Lambda hands to API Gateway, quotes and escapes included."""
    text = resource.model_dump_json(by_alias=True)
    return 2 + len(text.encode()) + text.count('"') + text.count("\\")


@pytest.mark.parametrize("character", [*CHARACTERS, '"', "\\"])
def test_an_answer_fits_by_the_bytes_that_it_has_on_its_way(monkeypatch: pytest.MonkeyPatch, character: str) -> None:
    """Naive: escapes are counted for letters, and a page of Spanish texts is cut to a third of what fits."""
    message = Message(text=character * 1_000)
    size = travelling(message)
    monkeypatch.setattr(answers, "MAX_ANSWER_BYTES", size + 1)
    assert fits(message)
    monkeypatch.setattr(answers, "MAX_ANSWER_BYTES", size)
    assert not fits(message)


@pytest.mark.parametrize(("room", "given"), [(16, 16), (15, 8), (7, 4), (1, 1), (0, 1)])
def test_a_page_that_can_t_leave_is_halved_until_it_can(monkeypatch: pytest.MonkeyPatch, room: int, given: int) -> None:
    """One alone leaves as it is: there is nothing smaller to ask for."""
    monkeypatch.setattr(answers, "MAX_ANSWER_BYTES", travelling(Message(text="x" * room)) + 1)
    assert largest_page(16, lambda limit: Message(text="x" * limit)).text == "x" * given


@pytest.mark.parametrize("text", ["La dirección está vacía: ¿Nariño?", "🚚 مرحبا"])
def test_a_problem_says_what_it_says_in_its_own_letters(text: str) -> None:
    response = Problem(HTTPStatus.CONFLICT, "x", text, {"order_name": text}).response()
    assert str(response.body).count(text) == 2
    assert json.loads(str(response.body))["orderName"] == text


def test_a_problem_of_a_request_has_the_request_s_own_letters() -> None:
    answer = things({"orderIds": [], "dirección": 1})
    assert_problem(answer, 422, "invalid_input")
    assert '"dirección"' in (answer.text or "")


def body_of(size: int, character: str) -> bytes:
    """Return a good body of so many bytes."""
    room = size - len(AROUND % "")
    count, rest = divmod(room, CHARACTERS[character])
    return (AROUND % (character * count + "x" * rest)).encode()


@pytest.mark.parametrize("is_base64", [False, True])
@pytest.mark.parametrize("character", CHARACTERS)
def test_a_body_may_have_a_million_bytes_and_not_one_more(
    character: str,
    is_base64: bool,  # noqa: FBT001 - pytest gives it
) -> None:
    """Naive: characters are counted, or the base64 that is a third longer than the body."""

    def sent(size: int) -> Any:
        data = body_of(size, character)
        assert len(data) == size
        return things(base64.b64encode(data).decode() if is_base64 else data.decode(), is_base64=is_base64)

    assert sent(1_000_000).status == 200
    assert_problem(sent(1_000_001), 413, "body_too_large")


@pytest.mark.parametrize("character", CHARACTERS)
def test_a_body_s_size_is_that_of_its_bytes(character: str) -> None:
    data = (character * 3_000).encode()
    assert body_size({"body": data.decode()}) == len(data)
    assert body_size({"body": base64.b64encode(data).decode(), "isBase64Encoded": True}) == len(data)


@pytest.mark.parametrize("nothing", [{}, {"body": None}, {"body": ""}, {"body": "", "isBase64Encoded": True}])
def test_no_body_has_no_bytes(nothing: dict[str, Any]) -> None:
    assert body_size(nothing) == 0
