"""What must not be read in a log or a stored text: tokens, and the secrets that a hand-over carried."""

import json
import re
from collections.abc import Iterable

REDACTED = "[redacted]"
#: A signed token: a bearer's, or a callback secret.
_TOKEN = re.compile(r"eyJ[\w-]{5,}\.[\w-]+\.[\w-]+", re.ASCII)


def without_tokens(text: str) -> str:
    """Return a text with its signed tokens taken out."""
    return _TOKEN.sub(REDACTED, text) if "eyJ" in text else text


def without(secrets: Iterable[str], text: str) -> str:
    """Return a text with these secrets taken out, as they are and as JSON may spell them, and with its tokens."""
    for secret in secrets:
        spellings = {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
        for spelling in sorted(filter(None, spellings), key=len, reverse=True):
            text = text.replace(spelling, REDACTED)
    return without_tokens(text)
