"""The logins that a deployment keeps in Secrets Manager."""

import json

import boto3
import pytest

from local.stack.postgres import LOGIN_ROLES, SUPERUSER, Postgres

VARIABLES = ("DATABASE_SECRET_ARN", "SYSTEM_DATABASE_SECRET_ARN", "OWNER_DATABASE_SECRET_ARN")


def keep_logins(aws: boto3.Session, postgres: Postgres, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the login of each role in a secret, and name the secrets to the program; the owner's is as RDS makes it."""
    manager = aws.client("secretsmanager")
    where = {"host": "127.0.0.1", "port": postgres.port, "dbname": database, "sslmode": "disable"}
    for variable, role in zip(VARIABLES, (*LOGIN_ROLES, SUPERUSER), strict=True):
        login = {"username": role, "password": postgres.password} | ({} if role == SUPERUSER else where)
        arn = manager.create_secret(Name=f"login of {role}", SecretString=json.dumps(login))["ARN"]
        monkeypatch.setenv(variable, arn)
