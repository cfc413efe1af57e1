"""The callback secret opens one hand-over, and nothing else opens it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.robot import callback_token
from shared.robot.callback_token import (
    CallbackClaims,
    CallbackTokenError,
    sign_callback_token,
    verify_callback_token,
)

KEY = "current-" + "k" * 40
OLD_KEY = "previous-" + "k" * 40
# The same in every test process: tokens made of them are part of the tests' names.
JOB, WORKSPACE = UUID("0198c0de-0000-7000-8000-000000000010"), UUID("0198c0de-0000-7000-8000-000000000001")


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    keys = [KEY, OLD_KEY]
    monkeypatch.setattr(callback_token, "callback_keys", lambda: keys)
    return keys


def signed(key: str = KEY, algorithm: str = "HS256", **changes: object) -> str:
    now = datetime.now(UTC)
    claims: dict[str, object] = {
        "iss": "robot-jobs",
        "aud": "robot-jobs/robot-callbacks",
        "iat": now,
        "exp": now + timedelta(days=1),
        "job": str(JOB),
        "workspace": str(WORKSPACE),
        "dispatch": 3,
    } | changes
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, key, algorithm)


def test_a_token_tells_which_hand_over_it_was_signed_for() -> None:
    token = sign_callback_token(job_id=JOB, workspace_id=WORKSPACE, dispatch=3)
    assert verify_callback_token(token) == CallbackClaims(JOB, WORKSPACE, 3)
    assert verify_callback_token(signed()) == CallbackClaims(JOB, WORKSPACE, 3)


def test_a_token_is_valid_for_90_days() -> None:
    claims = jwt.decode(
        sign_callback_token(job_id=JOB, workspace_id=WORKSPACE, dispatch=1),
        KEY,
        algorithms=["HS256"],
        audience="robot-jobs/robot-callbacks",
    )
    assert claims["exp"] - claims["iat"] == 90 * 24 * 3600


def test_a_token_outlives_one_rotation_of_the_key_and_not_two(keys: list[str]) -> None:
    token = sign_callback_token(job_id=JOB, workspace_id=WORKSPACE, dispatch=1)
    keys[:] = ["next-" + "k" * 40, KEY]
    assert verify_callback_token(token).job_id == JOB
    keys[:] = ["last-" + "k" * 40, "next-" + "k" * 40]
    with pytest.raises(CallbackTokenError):
        verify_callback_token(token)


@pytest.mark.parametrize(
    "token",
    [
        signed(exp=datetime.now(UTC) - timedelta(seconds=61)),
        signed(exp=None),
        signed(iat=None),
        signed(iss="someone-else"),
        signed(iss=None),
        signed(aud="robot-jobs"),
        signed(aud=None),
        signed(job=None),
        signed(job="no uuid"),
        signed(workspace="no uuid"),
        signed(dispatch="no number"),
        signed(dispatch=None),
        signed(algorithm="HS512", key=KEY + "k" * 40),
        jwt.encode({"job": str(JOB)}, "", algorithm="none"),
        signed()[:-2],
        "",
        "a.b.c",
        "\ud800.é.\0",
    ],
)
def test_no_other_token_fits(token: str) -> None:
    with pytest.raises(CallbackTokenError, match=callback_token.NOT_VALID):
        verify_callback_token(token)


def test_of_a_stranger_s_token_it_is_said_that_it_was_not_signed_here() -> None:
    with pytest.raises(CallbackTokenError, match="was not signed by this service"):
        verify_callback_token(signed(key="another-" + "k" * 40))


def test_a_strong_algorithm_other_than_ours_is_refused_with_our_own_key() -> None:
    """The algorithm is pinned: the token's header does not choose it."""
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        token = signed(algorithm="HS512")
    with pytest.raises(CallbackTokenError):
        verify_callback_token(token)


@given(token=st.text())
def test_any_text_is_a_token_or_a_refusal(token: str) -> None:
    with pytest.raises(CallbackTokenError):
        verify_callback_token(token)


def test_the_clocks_of_two_machines_may_be_a_minute_apart() -> None:
    """Without leeway a report is lost to a clock."""
    now = datetime.now(UTC)
    for taken in (signed(exp=now - timedelta(seconds=55)), signed(iat=now + timedelta(seconds=55))):
        assert verify_callback_token(taken).job_id == JOB
    for refused in (signed(exp=now - timedelta(seconds=65)), signed(iat=now + timedelta(seconds=65))):
        with pytest.raises(CallbackTokenError):
            verify_callback_token(refused)


@pytest.mark.parametrize(
    "rubbish",
    [
        "",
        "x",
        "a.b.c",
        "." * 3000,
        "A" * 100_000,
        signed()[:-1],
        signed() + "A",
        signed() + ".x",
        f"{signed()}\n",
        "é" * 300,
    ],
)
def test_rubbish_is_refused_before_anything_costs(rubbish: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Naive: a stranger's thousand words cost a thousand looks into a secret, and robots wait behind them."""

    def asked() -> list[str]:
        raise AssertionError("the keys were asked for")

    monkeypatch.setattr(callback_token, "callback_keys", asked)
    monkeypatch.setattr(jwt, "decode", asked)
    with pytest.raises(CallbackTokenError, match=callback_token.NOT_VALID):
        verify_callback_token(rubbish)


@given(st.uuids(), st.uuids(), st.integers(min_value=1, max_value=2**31 - 1))
def test_every_token_of_ours_has_the_shape(job: UUID, workspace: UUID, dispatch: int) -> None:
    token = sign_callback_token(job_id=job, workspace_id=workspace, dispatch=dispatch)
    assert verify_callback_token(token) == CallbackClaims(job, workspace, dispatch)
