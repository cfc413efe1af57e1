"""The real template, deployed into the emulator."""

import json
from pathlib import Path

from botocore.exceptions import ClientError

from local.stack import aws
from local.stack.build import build_directory
from local.stack.database import APP_ROLE, SYSTEM_ROLE
from local.stack.environment import aws_variables
from local.stack.http_api import wire_http_api
from local.stack.paths import CHECKOUT
from local.stack.ports import LOOPBACK
from local.stack.postgres import Postgres
from local.stack.processes import Daemon
from local.stack.sam import sam
from local.stack.secrets import ensure_database_secret

STACK_NAME = "robot-jobs"
AUDIENCE = "robot-jobs"
EVENT_BUS = "robot-jobs"
_ARTEFACTS = "robot-jobs-artefacts"


def ensure_deployed(state: Path, build: str, emulator: Daemon, server: Postgres, issuer: str) -> str:
    """The URL of the HTTP API; the template is deployed first where anything changed since the last time.

    Raises:
        StackError: `sam deploy` failed.
    """
    gateway = f"http://{LOOPBACK}:{emulator.port}/_aws/execute-api/"
    wanted = {
        "build": build,
        # The emulator forgets everything when it stops.
        "emulator": [emulator.pid, emulator.created],
        "database": server.url(),
        "issuer": issuer,
    }
    record = state / "deployed.json"
    deployed = json.loads(record.read_text()) if record.exists() else {}
    if {**deployed, "apiId": None} != {**wanted, "apiId": None}:
        record.unlink(missing_ok=True)
        print("Deploying …", flush=True)
        api_id = _deploy(state, f"http://{LOOPBACK}:{emulator.port}", server, issuer, f"{gateway}{{apiId}}")
        deployed = {**wanted, "apiId": api_id}
        record.write_text(json.dumps(deployed))
    return f"{gateway}{deployed['apiId']}"


def _deploy(state: Path, endpoint_url: str, server: Postgres, issuer: str, public_url: str) -> str:
    _ensure_bucket(endpoint_url)
    # A stack keeps an old value of a parameter unless it is given again, so all are given.
    parameters = {
        "DatabaseSecretArn": ensure_database_secret(endpoint_url, server, APP_ROLE),
        "SystemDatabaseSecretArn": ensure_database_secret(endpoint_url, server, SYSTEM_ROLE),
        "JwtIssuer": issuer,
        "JwtAudience": AUDIENCE,
        "EventBusName": EVENT_BUS,
        "LogLevel": "INFO",
        "PublicApiUrl": public_url,
        "AllowPrivateRobotUrls": "true",
    }
    sam(
        state,
        *("deploy", "--config-file", str(CHECKOUT / "samconfig.toml"), "--config-env", "local"),
        *("--template-file", str(build_directory(state) / "template.yaml"), "--s3-bucket", _ARTEFACTS),
        *("--no-progressbar", "--parameter-overrides", *(f"{k}={v}" for k, v in parameters.items())),
        log="deploy",
        **aws_variables(endpoint_url),
    )
    return wire_http_api(endpoint_url, STACK_NAME, parameters)


def _ensure_bucket(endpoint_url: str) -> None:
    client = aws.session().client("s3", endpoint_url=endpoint_url, config=aws.CONFIG)
    try:
        client.create_bucket(Bucket=_ARTEFACTS)
    except ClientError as error:
        if not error.response["Error"]["Code"].startswith("BucketAlready"):
            raise
