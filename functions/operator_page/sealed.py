"""Values that a browser keeps for us and can neither read nor change.

Source: RFC 7516 (JWE), compact, `dir` with A256GCM.
"""

import json
import time
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from functions.operator_page.keys import keys_for

_HEADER = {"alg": "dir", "enc": "A256GCM"}
#: A browser keeps 4,096 bytes a cookie.
MAX_SEALED = 4_000


def seal(purpose: str, value: dict[str, Any], lasts_s: int) -> str:
    """Return the value as a text that only `unseal` for the same purpose reads, until `lasts_s` seconds from now."""
    content = json.dumps({**value, "exp": int(time.time()) + lasts_s}, separators=(",", ":")).encode()
    return jwe.encrypt_compact(_HEADER, content, OctKey.import_key(keys_for(purpose)[0]))


def unseal(purpose: str, sealed: str) -> dict[str, Any] | None:
    """Return the value; None where it is none of ours, of another purpose, or over."""
    for key in keys_for(purpose):
        try:
            content = jwe.decrypt_compact(sealed, OctKey.import_key(key)).plaintext
        except (JoseError, ValueError):
            continue
        value: dict[str, Any] = json.loads(content or b"{}")
        return value if value["exp"] > time.time() else None
    return None
