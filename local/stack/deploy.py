"""The real template, deployed into the emulator."""

import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.stack import aws
from local.stack.build import build_directory
from local.stack.database import APP_ROLE, SYSTEM_ROLE
from local.stack.environment import aws_variables
from local.stack.event_sources import mend_event_sources
from local.stack.http_api import deployment_of, mark_deployment, wire_http_api
from local.stack.issuer import AUDIENCE, PAGE_CLIENT
from local.stack.key_policy import ensure_judgeable_key_policy
from local.stack.paths import CHECKOUT
from local.stack.ports import LOOPBACK
from local.stack.postgres import SUPERUSER, Postgres
from local.stack.processes import Daemon
from local.stack.sam import sam
from local.stack.secrets import ensure_database_secret

STACK_NAME = "robot-jobs"
EVENT_BUS = "robot-jobs"
_ARTEFACTS = "robot-jobs-artefacts"


@dataclass(frozen=True)
class Deployment:
    """What was deployed where, as the record of it says."""

    #: Of all that went into it.
    fingerprint: str
    api_id: str
    #: The emulator's process, told by its number and start.
    emulator: tuple[int, float]


def ensure_deployed(state: Path, build: str, emulator: Daemon, server: Postgres, given: Mapping[str, str]) -> str:
    """The URL of the HTTP API; the template is deployed first where anything changed since the last time.

    `given` are parameters that name other parts of the stack.

    Raises:
        StackError: `sam deploy` failed.
    """
    endpoint_url = f"http://{LOOPBACK}:{emulator.port}"
    gateway_url = f"{endpoint_url}/_aws/execute-api/"
    inputs = json.dumps([build, endpoint_url, server.url(), dict(given)])
    fingerprint = hashlib.sha256(inputs.encode()).hexdigest()
    process = (emulator.pid, emulator.created)
    last = _recorded(state)
    # An emulator that was stopped knows what it knew, unless it was killed: then it may know an older deployment.
    if (last and last.fingerprint == fingerprint) and (
        last.emulator == process or deployment_of(endpoint_url, last.api_id) == fingerprint
    ):
        _record(state, Deployment(fingerprint, last.api_id, process))
        return f"{gateway_url}{last.api_id}"
    print("Deploying …", flush=True)
    _record_file(state).unlink(missing_ok=True)
    api_id = _deploy(state, endpoint_url, server, {**given, "PublicApiUrl": f"{gateway_url}{{apiId}}"})
    mark_deployment(endpoint_url, api_id, fingerprint)
    _record(state, Deployment(fingerprint, api_id, process))
    return f"{gateway_url}{api_id}"


def _recorded(state: Path) -> Deployment | None:
    try:
        fingerprint, api_id, (pid, created) = json.loads(_record_file(state).read_text())
    except (FileNotFoundError, ValueError):
        return None
    return Deployment(fingerprint, api_id, (pid, created))


def _record(state: Path, deployment: Deployment) -> None:
    record = [deployment.fingerprint, deployment.api_id, deployment.emulator]
    _record_file(state).write_text(json.dumps(record))


def _record_file(state: Path) -> Path:
    return state / "deployed.json"


def _deploy(state: Path, endpoint_url: str, server: Postgres, given: Mapping[str, str]) -> str:
    _ensure_bucket(endpoint_url)
    # A stack keeps an old value of a parameter unless it is given again, so all are given.
    parameters = {
        "DatabaseSecretArn": ensure_database_secret(endpoint_url, server, APP_ROLE),
        "SystemDatabaseSecretArn": ensure_database_secret(endpoint_url, server, SYSTEM_ROLE),
        "OwnerDatabaseSecretArn": ensure_database_secret(endpoint_url, server, SUPERUSER),
        "JwtAudience": AUDIENCE,
        "OidcClientId": PAGE_CLIENT,
        "EventBusName": EVENT_BUS,
        "LogLevel": "INFO",
        "AllowPrivateRobotUrls": "true",
        **given,
    }
    sam(
        state,
        *("deploy", "--config-file", str(CHECKOUT / "samconfig.toml"), "--config-env", "local"),
        *("--template-file", str(build_directory(state) / "template.yaml"), "--s3-bucket", _ARTEFACTS),
        *("--no-progressbar", "--parameter-overrides", *(f"{k}={v}" for k, v in parameters.items())),
        log="deploy",
        **aws_variables(endpoint_url),
    )
    ensure_judgeable_key_policy(endpoint_url, STACK_NAME)
    mend_event_sources(endpoint_url)
    return wire_http_api(endpoint_url, STACK_NAME, parameters)


def _ensure_bucket(endpoint_url: str) -> None:
    client = aws.session().client("s3", endpoint_url=endpoint_url)
    with contextlib.suppress(client.exceptions.BucketAlreadyOwnedByYou):
        client.create_bucket(Bucket=_ARTEFACTS)
