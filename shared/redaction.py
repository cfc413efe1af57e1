"""What must not be read in a log or a stored text: tokens, and the secrets that a hand-over carried."""

import json
import re
from collections.abc import Iterable

REDACTED = "[redacted]"
#: So many characters of a secret at the end of a text are no chance.
_SHORTEST = 3
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
            text = _without_beginning(spelling, text.replace(spelling, REDACTED))
    return without_tokens(text)


def _without_beginning(secret: str, text: str) -> str:
    """Return a text that was cut in the middle of a secret without the part that is left."""
    for length in range(len(secret) - 1, _SHORTEST - 1, -1):
        if text.endswith(secret[:length]):
            return text[:-length] + REDACTED
    return text
