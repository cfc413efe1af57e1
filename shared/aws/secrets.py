"""Secrets, read once an environment and read again after five minutes, or when a login is refused."""

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.aws.clients import client

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.parameters import SecretsProvider

_MAX_AGE_S = 300
#: What the functions trust a database by; it comes in the layer.
CA_BUNDLE = Path(__file__).with_name("rds-ca.pem")


def database_conninfo() -> str:
    """Return how to connect to the database, from the secret that DATABASE_SECRET_ARN names.

    Source: the members are those that RDS writes into a secret (host, port, username, password, dbname). The server
    proves by its certificate that it has the name `host`, unless the secret says otherwise in `sslmode`; another
    authority than Amazon's is named in `sslrootcert`: a file's path, or `system`.
    """
    return _conninfo(_secret("DATABASE_SECRET_ARN"))


def database_conninfos() -> Iterator[str]:
    """Give each way to connect that there may be while a password is rotated; go on where the login was refused.

    First what was read last, then what stands in the secret now, then what a rotation has given to the database and not
    to its readers yet.
    """
    known = _secret("DATABASE_SECRET_ARN")
    yield _conninfo(known)
    current = _secret("DATABASE_SECRET_ARN", anew=True)
    if current != known:
        yield _conninfo(current)
    pending = _pending("DATABASE_SECRET_ARN")
    if pending is not None and pending != current:
        yield _conninfo(pending)


def owner_conninfo() -> str:
    """Return how to connect to the functions' database as its owner.

    Source: the secret that RDS makes and rotates for an owner has a username and a password, and nothing else.
    """
    owner = _secret("OWNER_DATABASE_SECRET_ARN")
    return _conninfo(_secret("DATABASE_SECRET_ARN") | {name: owner[name] for name in ("username", "password")})


def role_logins() -> list[tuple[str, str]]:
    """Return the name and the password of each role that the functions log in with."""
    secrets = (_secret("DATABASE_SECRET_ARN"), _secret("SYSTEM_DATABASE_SECRET_ARN"))
    return [(secret["username"], secret["password"]) for secret in secrets]


def _conninfo(secret: dict[str, Any]) -> str:
    # receive_callback reads its keys here and has no database: it does not pay for the driver's import.
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415

    return make_conninfo(
        host=secret["host"],
        port=secret.get("port", 5432),
        user=secret["username"],
        password=secret["password"],
        dbname=secret.get("dbname", "postgres"),
        sslmode=secret.get("sslmode", "verify-full"),
        sslrootcert=secret.get("sslrootcert", str(CA_BUNDLE)),
    )


def callback_keys() -> list[str]:
    """Return the keys of callback tokens: the current one, which signs, then the one before it, while it is kept."""
    secret = _secret("CALLBACK_SECRET_ARN")
    return [key for key in (secret["current"], secret.get("previous")) if key]


def page_keys() -> list[str]:
    """Return the keys of the operator's page: the current one, which seals, then the one before it, if kept."""
    secret = _secret("PAGE_SECRET_ARN")
    return [key for key in (secret["current"], secret.get("previous")) if key]


def page_client_secret() -> str | None:
    """Return the secret that the issuer knows the operator's page by; None: the page is a public client."""
    if not os.environ.get("OIDC_CLIENT_SECRET_ARN"):
        return None
    return str(_secret("OIDC_CLIENT_SECRET_ARN")["client_secret"])


def prepare_secrets() -> None:
    """Make what reads secrets, without reading one."""
    _provider()


def forget_secrets() -> None:
    """Drop what was read; the next use reads it again."""
    _provider.cache_clear()


def _secret(variable: str, *, anew: bool = False) -> dict[str, Any]:
    provider: Any = _provider()  # as typed, `get` gives anything; this transform gives the object
    name = os.environ[variable]
    secret: dict[str, Any] = provider.get(name, transform="json", max_age=_MAX_AGE_S, force_fetch=anew)
    return secret


def _pending(variable: str) -> dict[str, Any] | None:
    # Not by the provider: it would keep this version as if it were the current one.
    secrets = client("secretsmanager")
    try:
        found = secrets.get_secret_value(SecretId=os.environ[variable], VersionStage="AWSPENDING")
    except secrets.exceptions.ResourceNotFoundException:
        return None
    secret: dict[str, Any] = json.loads(found["SecretString"])
    return secret


@cache
def _provider() -> "SecretsProvider":
    # Powertools' parameters import boto3: not before a secret is needed.
    from aws_lambda_powertools.utilities.parameters import SecretsProvider  # noqa: PLC0415

    return SecretsProvider(boto3_client=client("secretsmanager"))
