"""Ids in addresses and forms."""

from uuid import UUID

from aws_lambda_powertools.event_handler.exceptions import NotFoundError


def id_of(text: str) -> UUID:
    """Return the id that a text is.

    Raises:
        NotFoundError: it is none.
    """
    try:
        return UUID(text)
    except ValueError:
        raise NotFoundError from None
