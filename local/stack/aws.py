"""The AWS SDK, with the emulator's credentials whatever the user's settings are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.stack.environment import AWS_REGION

if TYPE_CHECKING:
    import boto3


def session() -> boto3.Session:
    """A session for the emulator; give each client its `endpoint_url`."""
    import boto3  # noqa: PLC0415  # takes half a second, which a `make up` that finds nothing to do does not have

    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=AWS_REGION)  # noqa: S106  # the emulator takes any
