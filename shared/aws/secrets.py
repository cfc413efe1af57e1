"""Secrets, read once an environment and read again after five minutes, so that a rotated one is taken up."""

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from shared.aws.clients import client

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.parameters import SecretsProvider

_MAX_AGE_S = 300
_CONNECT_TIMEOUT_S = 5


def database_conninfo() -> str:
    """Return how to connect to the database, from the secret that DATABASE_SECRET_ARN names.

    Source: the members are those that RDS writes into a secret (host, port, username, password, dbname). TLS is
    required unless the secret says otherwise in `sslmode`.
    """
    # receive_callback reads its keys here and has no database: it does not pay for the driver's import.
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415

    secret = _secret("DATABASE_SECRET_ARN")
    return make_conninfo(
        host=secret["host"],
        port=secret.get("port", 5432),
        user=secret["username"],
        password=secret["password"],
        dbname=secret.get("dbname", "postgres"),
        sslmode=secret.get("sslmode", "require"),
        connect_timeout=_CONNECT_TIMEOUT_S,
    )


def callback_keys() -> list[str]:
    """Return the keys of callback tokens: the current one, which signs, then the one before it, while it is kept."""
    secret = _secret("CALLBACK_SECRET_ARN")
    return [key for key in (secret["current"], secret.get("previous")) if key]


def prepare_secrets() -> None:
    """Make what reads secrets, without reading one."""
    _provider()


def forget_secrets() -> None:
    """Drop what was read; the next use reads it again."""
    _provider.cache_clear()


def _secret(variable: str) -> dict[str, Any]:
    provider: Any = _provider()  # as typed, `get` gives anything; this transform gives the object
    secret: dict[str, Any] = provider.get(os.environ[variable], transform="json", max_age=_MAX_AGE_S)
    return secret


@cache
def _provider() -> "SecretsProvider":
    # Powertools' parameters import boto3: not before a secret is needed.
    from aws_lambda_powertools.utilities.parameters import SecretsProvider  # noqa: PLC0415

    return SecretsProvider(boto3_client=client("secretsmanager"))
