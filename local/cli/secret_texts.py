"""Secrets that a command was given: none of them is ever shown, whatever library raised the error."""

from __future__ import annotations

import re
import sys
import traceback
from typing import TYPE_CHECKING, Final

from local.cli.errors import CommandError
from shared.redaction import REDACTED, without

if TYPE_CHECKING:
    from types import TracebackType

#: Source: RFC 6750, section 2.1 (b64token).
_TOKEN: Final = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
#: What stands before the host of an address: `user:password@`.
_USER_OF_ADDRESS: Final = re.compile(r"(?<=://)[^\s/]*(?=@)")
_SHORTEST: Final = 6
_kept: Final[set[str]] = set()


def keep_secret(value: str) -> str:
    """Return a secret that from now on no error shows."""
    # A word of a sentence is no secret.
    if len(value) >= _SHORTEST:
        _kept.add(value)
    return value


def bearer_token(text: str) -> str:
    """Return a token as it is sent: without what surrounds it.

    Raises:
        CommandError: it holds what no token holds; the text does not show it.
    """
    token = text.strip()
    if not _TOKEN.fullmatch(token):
        raise CommandError(
            "The token holds a line end, a quote, a space or another sign that no token has; copy it again, whole "
            "and alone. It is not shown here."
        )
    return keep_secret(token)


def hidden(text: str) -> str:
    """Return a text without the secrets that were kept, without signed tokens, and without logins in addresses."""
    return _USER_OF_ADDRESS.sub(REDACTED, without(_kept, text))


def show_without_secrets(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:  # as sys.excepthook has it
    """Print what nobody expected, as Python does, without secrets."""
    sys.stderr.write(hidden("".join(traceback.format_exception(kind, error, trace))))
