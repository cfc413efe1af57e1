"""What the page seals and signs with: keys of its own secret, one for each purpose."""

import hashlib
import hmac

from shared.aws.secrets import page_keys


def keys_for(purpose: str) -> list[bytes]:
    """Return 32 bytes of each key, for one purpose alone: the current key, then the one before it, while it is kept."""
    return [hmac.new(key.encode(), purpose.encode(), hashlib.sha256).digest() for key in page_keys()]
