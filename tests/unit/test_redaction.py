"""Tokens and the secrets of a hand-over are taken out of what is logged, stored and shown."""

import json
from collections.abc import Callable
from uuid import uuid4

import jwt
import pytest

from shared.logs import logger
from shared.redaction import REDACTED, without, without_tokens
from shared.robot.report import parse_report

TOKEN = jwt.encode({"sub": "x"}, "k" * 40, algorithm="HS256")
PASSWORD = 'p"ä\\ss'


@pytest.mark.parametrize("text", [TOKEN, f"Bearer {TOKEN}!", json.dumps({"callbackSecret": TOKEN})])
def test_a_token_is_taken_out_wherever_it_stands(text: str) -> None:
    assert without_tokens(text) == text.replace(TOKEN, REDACTED)
    assert TOKEN not in without_tokens(text)


@pytest.mark.parametrize("text", ["eyJ", "a.b.c", "nothing", ""])
def test_other_text_stays(text: str) -> None:
    assert without_tokens(text) == text


@pytest.mark.parametrize(
    "spelled", [str, json.dumps, lambda text: json.dumps(text, ensure_ascii=False)], ids=["as it is", "ASCII", "JSON"]
)
def test_a_secret_is_taken_out_in_every_spelling_wherever_it_stands(spelled: Callable[[str], str]) -> None:
    """Naive: only as it is, so that a robot that answers with its input as JSON shows it."""
    assert without([PASSWORD], spelled(f"no {PASSWORD} here")) == spelled(f"no {REDACTED} here")
    assert without([PASSWORD], spelled(PASSWORD)) == spelled(REDACTED)
    # Its one backslash is a part of the two that JSON writes for it.
    assert without(["hunter2\\"], spelled("no hunter2\\")) == spelled(f"no {REDACTED}")


def test_what_is_left_of_a_secret_where_a_text_was_cut_is_taken_out() -> None:
    """Naive: a robot's answer is cut at 500 characters, and all of the password but its end is in the log."""
    for length in range(3, len("hunter2-hunter2")):
        assert without(["hunter2-hunter2"], f"it was {'hunter2-hunter2'[:length]}") == f"it was {REDACTED}"
    # Two letters are in many words, and tell nothing.
    assert without(["hunter2-hunter2"], "it was thu") == "it was thu"


def test_no_secret_takes_nothing_out() -> None:
    assert without(["", PASSWORD], "all is well") == "all is well"


def test_a_report_that_tells_the_token_is_stored_without_it() -> None:
    body = {"itemId": str(uuid4()), "status": "error", "errorMessage": f"401 with {TOKEN}"}
    assert parse_report(json.dumps(body)).error_message == f"401 with {REDACTED}"


def test_no_log_line_has_a_token(capsys: pytest.CaptureFixture[str]) -> None:
    formatted = logger.registered_formatter
    record = logger._logger.makeRecord("x", 20, "x", 1, f"got {TOKEN}", (), None)
    assert TOKEN not in formatted.format(record)
    assert REDACTED in formatted.format(record)
    capsys.readouterr()
