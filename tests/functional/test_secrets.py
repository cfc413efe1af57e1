"""The database's secret, as RDS writes it and as a person writes it by hand: what it leaves out has its usual value."""

import json
import os
from typing import Any

import boto3
import pytest
from psycopg.conninfo import conninfo_to_dict

from shared.aws.secrets import CA_BUNDLE, callback_keys, database_conninfo, database_conninfos

#: As RDS writes one of a cluster with a database.
WHOLE: dict[str, Any] = {
    "username": "robot_jobs_app",
    "password": "it's \\ a secret",
    "engine": "postgres",
    "host": "db.example.com",
    "port": 6432,
    "dbname": "robot_jobs",
    "sslmode": "verify-ca",
    "sslrootcert": "system",
    "dbInstanceIdentifier": "db-1",
}


@pytest.fixture
def written(aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give what writes a secret, and names it to the program."""

    def write(variable: str, secret: dict[str, Any]) -> None:
        made = aws.client("secretsmanager").create_secret(Name=variable, SecretString=json.dumps(secret))
        monkeypatch.setenv(variable, made["ARN"])

    return write


def test_a_whole_secret_is_how_to_connect(written: Any) -> None:
    written("DATABASE_SECRET_ARN", WHOLE)
    assert conninfo_to_dict(database_conninfo()) == {
        "host": "db.example.com",
        "port": "6432",
        "user": "robot_jobs_app",
        "password": "it's \\ a secret",
        "dbname": "robot_jobs",
        "sslmode": "verify-ca",
        "sslrootcert": "system",
    }


@pytest.mark.parametrize(
    ("member", "option", "usual"),
    [
        ("port", "port", "5432"),
        ("dbname", "dbname", "postgres"),
        ("sslmode", "sslmode", "verify-full"),
        ("sslrootcert", "sslrootcert", str(CA_BUNDLE)),
    ],
)
def test_what_a_secret_leaves_out_has_its_usual_value(written: Any, member: str, option: str, usual: str) -> None:
    """Naive: a secret without a port stops every function; without `sslmode` any server's word is taken."""
    written("DATABASE_SECRET_ARN", {name: value for name, value in WHOLE.items() if name != member})
    assert conninfo_to_dict(database_conninfo())[option] == usual


@pytest.mark.parametrize("member", ["host", "username", "password"])
def test_a_secret_without_what_nobody_can_guess_is_no_secret(written: Any, member: str) -> None:
    written("DATABASE_SECRET_ARN", {name: value for name, value in WHOLE.items() if name != member})
    with pytest.raises(KeyError, match=member):
        database_conninfo()


def test_each_login_that_there_may_be_during_a_rotation_is_given_once(aws: boto3.Session, written: Any) -> None:
    """Naive: a role is locked out, since each connection tries the wrong password twice."""

    def passwords() -> list[Any]:
        return [conninfo_to_dict(each)["password"] for each in database_conninfos()]

    written("DATABASE_SECRET_ARN", WHOLE | {"password": "first"})
    assert passwords() == ["first"]
    manager = aws.client("secretsmanager")
    second = json.dumps(WHOLE | {"password": "second"})
    for stages in (["AWSPENDING"], ["AWSPENDING", "AWSCURRENT"]):
        arn = os.environ["DATABASE_SECRET_ARN"]
        manager.put_secret_value(SecretId=arn, SecretString=second, VersionStages=stages)
        assert passwords() == ["first", "second"]
    assert passwords() == ["second"]


@pytest.mark.parametrize(
    ("secret", "keys"),
    [
        ({"current": "new", "previous": "old"}, ["new", "old"]),
        ({"current": "new", "previous": ""}, ["new"]),
        ({"current": "new"}, ["new"]),
    ],
)
def test_the_key_that_signs_comes_first_and_one_that_is_not_kept_is_none(
    written: Any, secret: dict[str, str], keys: list[str]
) -> None:
    written("CALLBACK_SECRET_ARN", secret)
    assert callback_keys() == keys
