"""The policy of the key that seals passwords, as far as the emulator can judge it.

The emulator enforces policies but knows no `kms:EncryptionContext`, so that a statement with such a condition
allows nothing there. Who may seal and who may open is judged here as on AWS; that the conditions are in the
template is tested there.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from local.stack import aws

if TYPE_CHECKING:
    from types_boto3_kms import KMSClient

_UNKNOWN = "kms:EncryptionContext"


def ensure_judgeable_key_policy(endpoint_url: str, stack_name: str) -> None:
    """Take the conditions that the emulator doesn't know out of the policy of the stack's key."""
    session = aws.session()
    stacks = session.client("cloudformation", endpoint_url=endpoint_url)
    outputs = stacks.describe_stacks(StackName=stack_name)["Stacks"][0].get("Outputs", [])
    key = next(output["OutputValue"] for output in outputs if output["OutputKey"] == "KmsKeyArn")
    kms: KMSClient = session.client("kms", endpoint_url=endpoint_url)
    policy = json.loads(kms.get_key_policy(KeyId=key)["Policy"])
    statements = [_judgeable(statement) for statement in policy["Statement"]]
    kms.put_key_policy(KeyId=key, Policy=json.dumps({**policy, "Statement": statements}))


def _judgeable(statement: dict[str, Any]) -> dict[str, Any]:
    known = {
        operator: kept
        for operator, tests in statement.get("Condition", {}).items()
        if (kept := {name: value for name, value in tests.items() if not name.startswith(_UNKNOWN)})
    }
    return {**statement, "Condition": known}
