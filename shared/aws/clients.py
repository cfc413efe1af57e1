"""AWS clients: made at first use, once an environment."""

from functools import cache
from typing import TYPE_CHECKING, Any, Literal, overload

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient
    from types_boto3_kms import KMSClient
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_sns import SNSClient
    from types_boto3_sqs import SQSClient

ServiceName = Literal["events", "kms", "secretsmanager", "sns", "sqs"]

_CONNECT_TIMEOUT_S = 2
_READ_TIMEOUT_S = 5


@overload
def client(service: Literal["events"]) -> "EventBridgeClient": ...
@overload
def client(service: Literal["kms"]) -> "KMSClient": ...
@overload
def client(service: Literal["secretsmanager"]) -> "SecretsManagerClient": ...
@overload
def client(service: Literal["sns"]) -> "SNSClient": ...
@overload
def client(service: Literal["sqs"]) -> "SQSClient": ...


def client(service: ServiceName) -> Any:
    """Return the client of an AWS service; it gives up after 2 s to connect or 5 s without an answer, three times."""
    return _client(service)


@cache
def _client(service: ServiceName) -> object:
    # boto3 takes longer to import than everything else together: a function pays for it when it needs a client.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        connect_timeout=_CONNECT_TIMEOUT_S,
        read_timeout=_READ_TIMEOUT_S,
        retries={"mode": "standard", "total_max_attempts": 3},
    )
    return boto3.client(service, config=config)


def forget_clients() -> None:
    """Drop the clients; tests that change endpoints need new ones."""
    _client.cache_clear()
