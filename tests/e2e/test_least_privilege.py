"""Each function's role on the deployed stack, which enforces policies: what it may do, and that all else is denied."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.stack import aws
from local.stack.deploy import STACK_NAME
from local.stack.environment import AWS_REGION
from local.stack.state import Stack
from shared.domain.ids import uuid7
from shared.events import ItemCompleted
from tests.queues import envelope
from tests.template import functions, target

pytestmark = pytest.mark.e2e

SECRETS = {
    "app": "DatabaseSecretArn",
    "system": "SystemDatabaseSecretArn",
    "owner": "OwnerDatabaseSecretArn",
    "callback": "CallbackSecretArn",
}
QUEUES = ("Dispatch", "Record", "Complete")
DEAD_LETTERS = ("DispatchDeadLetter", "RecordDeadLetter", "CompleteDeadLetter", "SchedulesDeadLetter")
CONTEXT = {"workspaceId": str(uuid7()), "carrier": "coordinadora"}
DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException"}

#: What a role may do of all that is tried; the rest is denied.
ALLOWED: dict[str, set[str]] = {
    "migrate_database": {"read app secret", "read system secret", "read owner secret"},
    "submit_job": {"read app secret", "publish"},
    "manage_jobs": {"read app secret", "publish"},
    "manage_carriers": {"read app secret", "seal"},
    "manage_orders": {"read app secret", "publish"},
    "operator_page": {"read app secret", "publish", "seal"},
    "receive_callback": {"read callback secret", "publish", "send to Record"},
    "dispatch_job": {
        "read app secret",
        "read callback secret",
        "publish",
        "open",
        "send to Dispatch",
        "receive from Dispatch",
        "count Dispatch",
    },
    "record_results": {"read app secret", "publish", "receive from Record", "count Record", "send to RecordDeadLetter"},
    "complete_job": {"read app secret", "notify", "receive from Complete", "count Complete"},
    "relay_events": {"read system secret", "publish", "send to SchedulesDeadLetter"},
    "expire_items": {
        "read system secret",
        "publish",
        "send to SchedulesDeadLetter",
        "receive from RecordDeadLetter",
        "count Record",
        "count RecordDeadLetter",
    },
}
#: Nobody may: changing what it is made of, reading what others wrote, becoming someone else.
NEVER = {
    "change a secret",
    "delete the key",
    "read the key's policy",
    "change a function",
    "call a function",
    "change a rule",
    "make a user",
    "change a role",
    "list buckets",
    "read the artefacts",
    "read logs",
    "delete a log group",
    "change the API",
    "make a schedule",
}

Try = Callable[["Principal"], object]


class Principal:
    """Someone who calls the emulator."""

    def __init__(self, session: boto3.Session, endpoint_url: str) -> None:
        self._session, self._endpoint_url = session, endpoint_url
        self._clients: dict[str, Any] = {}

    def client(self, service: Any) -> Any:
        if service not in self._clients:
            self._clients[service] = self._session.client(service, endpoint_url=self._endpoint_url)
        return self._clients[service]


class Account:
    """The emulator's account: its administrator, and the functions' roles."""

    def __init__(self, stack: Stack) -> None:
        self._endpoint_url = stack.aws_endpoint_url
        self.admin = Principal(aws.session(), self._endpoint_url)
        cloud = self.admin.client("cloudformation")
        described = cloud.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
        self.outputs = {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}
        self.parameters = {each["ParameterKey"]: each["ParameterValue"] for each in described["Parameters"]}
        parts = cloud.describe_stack_resources(StackName=STACK_NAME)["StackResources"]
        self.ids = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in parts}

    def role_of(self, function: str) -> Principal:
        """Become a function's role: the emulator lets its administrator, whom the role's trust does not name."""
        name = self.ids[target(functions()[function]["Role"])]
        role = self.admin.client("iam").get_role(RoleName=name)["Role"]
        keys = self.admin.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="tests")["Credentials"]
        own = (keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
        return Principal(boto3.Session(*own, region_name=AWS_REGION), self._endpoint_url)

    def secret(self, name: str) -> str:
        return str((self.parameters | self.outputs)[SECRETS[name]])

    def queue(self, name: str) -> str:
        return str(self.outputs[f"{name}QueueUrl"])


@pytest.fixture(scope="module")
def account(stack: Stack) -> Account:
    return Account(stack)


@pytest.fixture(scope="module")
def sealed(account: Account) -> bytes:
    """Give a password that was sealed as manage_carriers does."""
    kms = account.role_of("manage_carriers").client("kms")
    key = account.outputs["KmsKeyArn"]
    ciphertext: bytes = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=CONTEXT)["CiphertextBlob"]
    return ciphertext


@pytest.fixture(scope="module")
def tries(account: Account, stack: Stack, sealed: bytes) -> Mapping[str, Try]:
    """Give everything that is tried, by name; whatever is allowed of it leaves nothing behind that anyone reads."""
    key, bus = account.outputs["KmsKeyArn"], stack.event_bus_name

    def of(service: str, operation: str, **arguments: Any) -> Try:
        return lambda principal: getattr(principal.client(service), operation)(**arguments)

    event = {"EventBusName": bus, "Source": "robot-jobs", "DetailType": "nobody/listens", "Detail": "{}"}
    function = account.outputs["SubmitJobFunctionName"]
    log_group = account.ids["SubmitJobLogGroup"]
    found: dict[str, Try] = {
        f"read {name} secret": of("secretsmanager", "get_secret_value", SecretId=account.secret(name))
        for name in SECRETS
    }
    for name in (*QUEUES, *DEAD_LETTERS):
        url = account.queue(name)
        # Nobody's message: dispatch_job knows no such job, record_results no such item.
        body = _unknown_item() if name.startswith("Record") else _unknown_job()
        found[f"send to {name}"] = of("sqs", "send_message", QueueUrl=url, MessageBody=body)
        found[f"receive from {name}"] = of("sqs", "receive_message", QueueUrl=url, VisibilityTimeout=0)
        found[f"count {name}"] = of("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["QueueArn"])
    return found | {
        "publish": of("events", "put_events", Entries=[event]),
        "seal": of("kms", "encrypt", KeyId=key, Plaintext=b"x", EncryptionContext=CONTEXT),
        "open": of("kms", "decrypt", KeyId=key, CiphertextBlob=sealed, EncryptionContext=CONTEXT),
        "notify": of("sns", "publish", TopicArn=account.outputs["NotificationTopicArn"], Message="{}"),
        "change a secret": of(
            "secretsmanager", "put_secret_value", SecretId=account.secret("callback"), SecretString="{}"
        ),
        "delete the key": of("kms", "schedule_key_deletion", KeyId=key, PendingWindowInDays=30),
        "read the key's policy": of("kms", "get_key_policy", KeyId=key),
        "change a function": of("lambda", "update_function_configuration", FunctionName=function, Timeout=3),
        "call a function": of("lambda", "invoke", FunctionName=function),
        "change a rule": of("events", "put_rule", Name="stranger", EventBusName=bus, EventPattern='{"source": ["x"]}'),
        "make a user": of("iam", "create_user", UserName="stranger"),
        "change a role": of(
            "iam",
            "attach_role_policy",
            RoleName=account.ids["SubmitJobRole"],
            PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess",
        ),
        "list buckets": of("s3", "list_buckets"),
        "read the artefacts": of("s3", "list_objects_v2", Bucket="robot-jobs-artefacts"),
        "read logs": of("logs", "filter_log_events", logGroupName=log_group),
        "delete a log group": of("logs", "delete_log_group", logGroupName=log_group),
        "change the API": of("apigatewayv2", "update_api", ApiId=account.outputs["ApiId"], Name="stranger"),
        "make a schedule": of("events", "put_rule", Name="stranger", ScheduleExpression="rate(1 minute)"),
    }


def _unknown_job() -> str:
    detail = {
        "jobId": str(uuid7()),
        "workspaceId": str(uuid7()),
        "carrier": "coordinadora",
        "dispatch": 1,
        "orders": [],
        "ordersOmitted": 1,
    }
    return json.dumps({"detail-type": "robot/job.submitted", "source": "robot-jobs", "detail": detail})


def _unknown_item() -> str:
    ids = {"job_id": uuid7(), "item_id": uuid7(), "workspace_id": uuid7()}
    return envelope(ItemCompleted(**ids, dispatch=1, status="error"))


def outcome(attempt: Try, principal: Principal) -> str:
    try:
        attempt(principal)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return "denied" if code in DENIED else code
    return "allowed"


@pytest.mark.parametrize("function", sorted(functions()))
def test_a_role_may_do_what_its_function_needs_and_is_denied_all_else(
    account: Account, tries: Mapping[str, Try], function: str
) -> None:
    """A wildcard in a policy, or a statement too many, makes one of these allowed."""
    assert set(tries) >= NEVER
    role = account.role_of(function)
    found = {name: outcome(attempt, role) for name, attempt in tries.items()}
    expected = {name: "allowed" if name in ALLOWED[function] else "denied" for name in tries}
    assert found == expected


def test_the_administrator_may_do_what_the_roles_are_denied(account: Account, tries: Mapping[str, Try]) -> None:
    """Else a call that is denied to all would prove nothing."""
    harmless = {"read logs", "list buckets", "read the artefacts", "read the key's policy", "receive from Record"}
    assert {name: outcome(tries[name], account.admin) for name in harmless} == dict.fromkeys(harmless, "allowed")


def test_a_password_opens_only_for_its_workspace_and_carrier(account: Account, sealed: bytes) -> None:
    kms = account.role_of("dispatch_job").client("kms")
    key = account.outputs["KmsKeyArn"]
    opened = kms.decrypt(KeyId=key, CiphertextBlob=sealed, EncryptionContext=CONTEXT)
    assert opened["Plaintext"] == b"x"
    for other in ({**CONTEXT, "workspaceId": str(uuid7())}, {**CONTEXT, "carrier": "servientrega"}, {}):
        with pytest.raises(ClientError, match="InvalidCiphertext"):
            kms.decrypt(KeyId=key, CiphertextBlob=sealed, EncryptionContext=other)
