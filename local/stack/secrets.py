"""The secrets that a deployment finds in its account: here, the database roles'."""

import json

from local.stack import aws
from local.stack.database import DATABASE
from local.stack.ports import LOOPBACK
from local.stack.postgres import Postgres


def ensure_database_secret(endpoint_url: str, server: Postgres, role: str, host: str = LOOPBACK) -> str:
    """Put a role's login into Secrets Manager, as RDS would, and give the secret's ARN.

    Those for whom the server is at another host have a secret of their own.
    """
    name = f"robot-jobs/database/{role}" if host == LOOPBACK else f"robot-jobs/database/{role}/{host}"
    login = json.dumps(
        {
            "engine": "postgres",
            "host": host,
            "port": server.port,
            "username": role,
            "password": server.password,
            "dbname": DATABASE,
            # The connection never leaves this machine, and the server has no certificate.
            "sslmode": "disable",
        }
    )
    client = aws.session().client("secretsmanager", endpoint_url=endpoint_url)
    try:
        return client.create_secret(Name=name, SecretString=login)["ARN"]
    except client.exceptions.ResourceExistsException:
        return client.put_secret_value(SecretId=name, SecretString=login)["ARN"]
