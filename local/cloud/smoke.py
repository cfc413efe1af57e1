"""Does what was just deployed answer as it should?"""

from dataclasses import dataclass

import httpx

from local.stack.errors import StackError

_SCOPE = "robot-jobs/read"
_TIMEOUT_S = 35


@dataclass(frozen=True)
class MachineLogin:
    """How a program gets a token from the issuer."""

    token_url: str
    client_id: str
    secret: str


def smoke(api_url: str, login: MachineLogin | None, *, is_described: bool = True) -> list[str]:
    """Ask the API what shows that each part works, and return what was seen; it may keep its description to itself.

    Raises:
        StackError: an answer is not the one that it should be.
    """
    seen = [
        _expect(200 if is_described else 404, f"{api_url}/openapi.json", "the API answers"),
        _expect(401, f"{api_url}/robot-jobs", "nobody gets in without a token"),
    ]
    if login is None:
        return [*seen, "not tried: a request with a token (no client for programs, or no MachineWorkspaceId)"]
    token = _token(login)
    return [*seen, _expect(200, f"{api_url}/robot-jobs?limit=1", "a token is taken, and the database answers", token)]


def _expect(status: int, url: str, meaning: str, token: str | None = None) -> str:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    try:
        answer = httpx.get(url, headers=headers, timeout=_TIMEOUT_S)
    except httpx.HTTPError as error:
        raise StackError(f"{url} does not answer: {error}.") from error
    if answer.status_code != status:
        raise StackError(f"{url} answered {answer.status_code} instead of {status}: {answer.text[:300]}")
    return f"{meaning} ({status})"


def _token(login: MachineLogin) -> str:
    form = {"grant_type": "client_credentials", "scope": _SCOPE}
    try:
        answer = httpx.post(login.token_url, data=form, auth=(login.client_id, login.secret), timeout=_TIMEOUT_S)
    except httpx.HTTPError as error:
        raise StackError(f"The issuer does not answer: {error}.") from error
    if answer.status_code != httpx.codes.OK:
        # Not its text: nobody knows what an issuer repeats of what it was sent.
        raise StackError(f"The issuer gives programs no token: it answered {answer.status_code}.")
    return str(answer.json()["access_token"])
