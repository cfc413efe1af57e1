"""What the functions find in their environment when they run in containers: `env.json`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from local.stack import aws
from local.stack.database import APP_ROLE, SYSTEM_ROLE
from local.stack.environment import aws_variables
from local.stack.postgres import SUPERUSER
from local.stack.secrets import ensure_database_secret

if TYPE_CHECKING:
    from local.stack.postgres import Postgres

#: How a container names this machine.
HOST = "host.docker.internal"

#: The emulator calls itself localhost.
_LOOPBACK = re.compile(r"//(127\.0\.0\.1|localhost)(?=[:/]|$)")

Variables = dict[str, dict[str, str]]


def as_seen_by_containers(url: str) -> str:
    """An address of the stack, as a container reaches it."""
    return _LOOPBACK.sub(f"//{HOST}", url, count=1)


def deployed_functions(endpoint_url: str, stack_name: str) -> dict[str, dict[str, Any]]:
    """The configuration of each function of the stack, by its logical id."""
    session = aws.session()
    stacks = session.client("cloudformation", endpoint_url=endpoint_url)
    functions = session.client("lambda", endpoint_url=endpoint_url)
    return {
        each["LogicalResourceId"]: dict(functions.get_function_configuration(FunctionName=each["PhysicalResourceId"]))
        for each in stacks.describe_stack_resources(StackName=stack_name)["StackResources"]
        if each["ResourceType"] == "AWS::Lambda::Function"
    }


def moved_secrets(endpoint_url: str, server: Postgres) -> dict[str, str]:
    """The ARN of each database secret that the functions were deployed with, and that of one that says `HOST`."""
    return {
        ensure_database_secret(endpoint_url, server, role): ensure_database_secret(endpoint_url, server, role, HOST)
        for role in (APP_ROLE, SYSTEM_ROLE, SUPERUSER)
    }


def container_variables(deployed: dict[str, str], moved: dict[str, str], endpoint_url: str) -> dict[str, str]:
    """A function's variables in a container: those of its deployment, and what keeps each call on this machine."""
    # The robot calls CALLBACK_URL, and is no container.
    return {
        **{
            name: as_seen_by_containers(value) if name.endswith("QUEUE_URL") else moved.get(value, value)
            for name, value in deployed.items()
        },
        **aws_variables(as_seen_by_containers(endpoint_url)),
        # Else a token of the user's own would come with the stack's keys.
        "AWS_SESSION_TOKEN": "",
    }
