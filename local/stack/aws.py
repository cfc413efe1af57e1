"""The AWS SDK, pointed at the emulator whatever the user's settings are."""

from __future__ import annotations

import boto3
from botocore.config import Config

from local.stack.environment import AWS_REGION

#: For `client(…, **AT_EMULATOR)`: what is here fails at once or not at all.
CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=60)


def session() -> boto3.Session:
    """A session with the emulator's credentials and region; give each client the endpoint's URL."""
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=AWS_REGION)  # noqa: S106  # the emulator takes any
