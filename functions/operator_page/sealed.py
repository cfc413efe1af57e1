"""Values that a browser keeps for us and can neither read nor change.

Source: the Fernet specification (AES and an HMAC). A JWE would do as well; every cold start would wait for its library.
"""

import base64
import json
import time
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from functions.operator_page.keys import keys_for

#: A browser keeps 4,096 bytes a cookie.
MAX_SEALED = 4_000


def seal(purpose: str, value: dict[str, Any], lasts_s: int) -> str:
    """Return the value as a text that only `unseal` for the same purpose reads, until `lasts_s` seconds from now."""
    content = json.dumps({**value, "exp": int(time.time()) + lasts_s}, separators=(",", ":"))
    return _box(purpose).encrypt(content.encode()).decode()


def unseal(purpose: str, sealed: str) -> dict[str, Any] | None:
    """Return the value; None where it is none of ours, of another purpose, or over."""
    try:
        value: dict[str, Any] = json.loads(_box(purpose).decrypt(sealed.encode()))
    except (InvalidToken, UnicodeEncodeError):
        return None
    return value if value["exp"] > time.time() else None


def _box(purpose: str) -> MultiFernet:
    """Return what seals with the first key, and opens with each."""
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys_for(purpose)])
