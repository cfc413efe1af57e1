"""The callback secret: a signed token that tells which hand-over a report answers."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt

from shared.aws.secrets import callback_keys

#: A late success still counts, so the token outlives every deadline.
LIFETIME = timedelta(days=90)
#: How far the clocks of two machines may be apart.
LEEWAY = timedelta(seconds=60)
_ALGORITHM = "HS256"
#: Issuer and audience of our own: no other token of the same key fits here, and this one fits nowhere else.
_ISSUER = "robot-jobs"
_AUDIENCE = "robot-jobs/robot-callbacks"
#: What every token of ours looks like, whatever it says: three parts, the last as long as a signature of HS256.
_SHAPE = re.compile(r"[\w-]{20,200}\.[\w-]{100,2000}\.[\w-]{43}", re.ASCII)
#: What is said of most secrets that are refused.
NOT_VALID = "The callback secret is not valid."


@dataclass(frozen=True)
class CallbackClaims:
    """The hand-over that a callback token opens."""

    job_id: UUID
    workspace_id: UUID
    dispatch: int


class CallbackTokenError(Exception):
    """The callback secret is missing, expired, or was not made here."""


def sign_callback_token(*, job_id: UUID, workspace_id: UUID, dispatch: int) -> str:
    """Return the token for the robot to echo with each report of this hand-over; it is valid for 90 days."""
    now = datetime.now(UTC)
    claims = {
        "iss": _ISSUER,
        "aud": _AUDIENCE,
        "iat": now,
        "exp": now + LIFETIME,
        "job": str(job_id),
        "workspace": str(workspace_id),
        "dispatch": dispatch,
    }
    return jwt.encode(claims, callback_keys()[0], algorithm=_ALGORITHM)


def verify_callback_token(token: str) -> CallbackClaims:
    """Return what a callback token was signed for, by the current key or the one before it.

    Raises:
        CallbackTokenError: it is expired, changed, or not one of ours.
    """
    # Rubbish is refused before it costs a look into a secret, an HMAC, or the parsing of what it holds.
    if not _SHAPE.fullmatch(token):
        raise CallbackTokenError(NOT_VALID)
    for key in callback_keys():
        try:
            return _claims(token, key)
        except jwt.InvalidSignatureError:
            continue  # A token outlives a rotation of the key: the one before is next.
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            # ValueError and TypeError: text that is no UTF-8, a claim that is no UUID.
            raise CallbackTokenError(NOT_VALID) from error
    raise CallbackTokenError("The callback secret was not signed by this service.")


def _claims(token: str, key: str) -> CallbackClaims:
    claims = jwt.decode(
        token,
        key,
        algorithms=[_ALGORITHM],
        issuer=_ISSUER,
        audience=_AUDIENCE,
        leeway=LEEWAY,
        options={"require": ["exp", "iat", "iss", "aud", "job", "workspace", "dispatch"]},
    )
    return CallbackClaims(
        job_id=UUID(claims["job"]), workspace_id=UUID(claims["workspace"]), dispatch=int(claims["dispatch"])
    )
