"""Bearer tokens for the running stack."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt

from local.stack.issuer import ALGORITHM, KEY_ID
from local.stack.state import load_stack


def issue_token(workspace: UUID | None, scopes: list[str], expires_in_s: int, audience: str | None = None) -> str:
    """A token of the running stack's issuer; without a workspace it lacks the claim.

    It ends `expires_in_s` seconds from now (negative: it has ended) and is for the stack's own audience
    unless another is named.

    Raises:
        StackNotRunningError: there is no stack, and so no issuer.
    """
    stack = load_stack()
    now = datetime.now(UTC)
    claims: dict[str, object] = {
        "iss": stack.issuer,
        "sub": "local-developer",
        "aud": audience or stack.audience,
        "iat": now,
        "exp": now + timedelta(seconds=expires_in_s),
        "scope": " ".join(scopes),
    }
    if workspace is not None:
        claims["workspace_id"] = str(workspace)
    return jwt.encode(claims, stack.signing_key_path.read_bytes(), ALGORITHM, headers={"kid": KEY_ID})
