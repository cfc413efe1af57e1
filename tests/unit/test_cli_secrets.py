"""No error of the `robot-jobs` command shows a token or a password, whatever library raised it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.cli import secret_texts
from local.cli.secret_texts import bearer_token, keep_secret, show_without_secrets
from tests.unit.cli_api import WORKSPACE, Ended, ScriptedApi, token_of

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., Ended]

SECRET = "sup3r-s3cret"


@pytest.fixture(autouse=True)
def _no_secret_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_texts, "_kept", set())


def test_a_token_is_trimmed(api: ScriptedApi, run: Run) -> None:
    api.will_answer("GET /robot-jobs?limit=20", 200, {"jobs": [], "nextCursor": None})
    assert run("list", "--token", f"\n {token_of(WORKSPACE)} \r\n").code == 0
    assert api.authorizations == {f"Bearer {token_of(WORKSPACE)}"}


@pytest.mark.parametrize(
    "token",
    [f"abc\n{SECRET}", f"abc\r\nX-Evil: {SECRET}", f'"{SECRET}"', f"'{SECRET}'", f"Bearer {SECRET}", f"{SECRET}é"],
)
def test_what_no_token_holds_is_refused_without_showing_it(
    api: ScriptedApi, run: Run, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    """Fails where httpx gets it: it raises "Illegal header value" with the token."""
    monkeypatch.setenv("ROBOT_JOBS_TOKEN", token)
    code, out, err = run("list")
    assert (code, out, api.requests) == (1, "", [])
    assert "copy it again" in err
    assert SECRET not in err
    assert SECRET not in run("list", "--token", token).err


@pytest.mark.parametrize(
    "url",
    [
        f"https://user:{SECRET}@127.0.0.1:1/stage",
        f"https://127.0.0.1:1/stage?token={SECRET}",
        f"https://[{SECRET}/",
        f"{SECRET}",
    ],
)
def test_an_address_that_holds_a_secret_is_refused_without_showing_it(run: Run, url: str) -> None:
    code, _, err = run("list", "--api-url", url, "--token", "no-secret")
    assert code == 1
    assert "The API's address" in err
    assert SECRET not in err


def test_a_token_in_the_wrong_place_is_not_repeated(run: Run) -> None:
    token = token_of(WORKSPACE)
    for arguments in (["show", token], ["list", "--limit", token], ["list", f"--{token}"], [token]):
        code, _, err = run(*arguments)
        assert code == 2
        assert err.startswith("robot-jobs: ")
        assert token not in err


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://owner:{SECRET}@127.0.0.1:1/db",
        f"postgresql://owner:pa@{SECRET}@127.0.0.1:1/db",
        f"postgresql://owner:pa/{SECRET}@127.0.0.1:1/db",
        f"postgresql://owner:%zz{SECRET}@127.0.0.1:1/db",
        f"postgresql:/owner:{SECRET}@127.0.0.1:1/db",
        f"host=127.0.0.1 port=1 password='{SECRET}",
        f"host=127.0.0.1 port=1 {SECRET}",
        f"postgresql://owner@127.0.0.1:1/db?{SECRET}=1",
    ],
)
@pytest.mark.parametrize("command", [["audit"], ["import-coverage", __file__, "--carrier", "coordinadora"]])
def test_a_databases_address_is_never_shown(
    run: Run, monkeypatch: pytest.MonkeyPatch, url: str, command: list[str]
) -> None:
    """Fails where libpq's words are printed: of an address that it can't read it repeats the parts."""
    monkeypatch.setenv("DATABASE_URL", url)
    code, _, err = run(*command)
    assert code == 1
    assert err.startswith("robot-jobs: ")
    assert SECRET not in err


def test_what_nobody_expected_shows_no_secret_either(capsys: pytest.CaptureFixture[str]) -> None:
    token = bearer_token(token_of(WORKSPACE))
    keep_secret(SECRET)
    error = ValueError(f"Illegal header value b'Bearer {token}' of https://user:other-secret@host for {SECRET}")
    show_without_secrets(ValueError, error, None)
    err = capsys.readouterr().err
    assert "Illegal header value" in err
    for secret in (token, SECRET, "other-secret"):
        assert secret not in err
