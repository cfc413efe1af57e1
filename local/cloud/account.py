"""The AWS account that the shell's credentials open."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from local.stack.build import build_for_aws
from local.stack.errors import StackError
from local.stack.paths import state_directory
from local.stack.sam import sam

if TYPE_CHECKING:
    from collections.abc import Mapping

#: A cluster is made or taken away in a quarter of an hour; this is more.
_DELETION = {"Delay": 15, "MaxAttempts": 240}


_STACK = "AWS::CloudFormation::Stack"


class Account:
    """What the steps of a deployment need of AWS."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._session = boto3.Session(region_name=region)

    def number(self) -> str:
        """The account's number.

        Raises:
            StackError: the shell has no credentials, or AWS does not take them.
        """
        try:
            return str(self._client("sts").get_caller_identity()["Account"])
        except (BotoCoreError, ClientError) as error:
            raise StackError(f"AWS does not know who you are: {error}; log in, or set AWS_PROFILE, first.") from error

    def build(self, architecture: str) -> None:
        """Build the application into `.aws-sam`."""
        build_for_aws(state_directory(), architecture)

    def deploy(self, stack: str, template: Path, parameters: Mapping[str, str], tags: Mapping[str, str]) -> None:
        """Make a stack, or bring it up to date; one that is as it should be is left alone.

        Raises:
            StackError: it failed, with what CloudFormation says of the first part that did; what it did is taken back.
        """
        try:
            self._deploy(stack, template, parameters, tags)
        except StackError as error:
            said = self._first_failure(stack)
            raise StackError(f"{error}\n{said}" if said else str(error)) from error

    def _deploy(self, stack: str, template: Path, parameters: Mapping[str, str], tags: Mapping[str, str]) -> None:
        overrides = [f"{name}={value}" for name, value in parameters.items()]
        sam(
            state_directory(),
            *("deploy", "--template-file", str(template), "--stack-name", stack, "--region", self._region),
            *("--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--resolve-s3", "--no-progressbar"),
            *("--no-confirm-changeset", "--no-fail-on-empty-changeset"),
            *(("--parameter-overrides", *overrides) if overrides else ()),
            *(("--tags", *(f"{name}={value}" for name, value in tags.items())) if tags else ()),
            log=f"deploy-{stack}",
            **_credentials(),
        )

    def _first_failure(self, stack: str) -> str | None:
        """What went wrong first in a stack's last change; None where it was never begun."""
        try:
            events = self._client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
        except (BotoCoreError, ClientError):
            return None
        return first_failure(events)

    def outputs(self, stack: str) -> dict[str, str] | None:
        """What a stack gives; None where there is no such stack."""
        try:
            (described,) = self._client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise StackError(f"The stack {stack} can't be looked at: {error}.") from error
        return {each["OutputKey"]: each["OutputValue"] for each in described.get("Outputs", [])}

    def delete(self, stack: str) -> None:
        """Take a stack away, and wait until it is gone.

        Raises:
            StackError: something of it could not be deleted.
        """
        client = self._client("cloudformation")
        try:
            client.delete_stack(StackName=stack)
            client.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig=_DELETION)
        except (ClientError, WaiterError) as error:
            raise StackError(
                f"{stack} was not deleted: {error}. CloudFormation's events of it say what stays."
            ) from error

    def ensure_operator(self, pool: str, email: str, workspace: str) -> bool:
        """Invite who may sign in to a workspace; False where they are known already.

        Raises:
            StackError: Cognito does not take them.
        """
        client = self._client("cognito-idp")
        attributes = {"email": email, "email_verified": "true", "custom:workspace_id": workspace}
        try:
            client.admin_create_user(
                UserPoolId=pool,
                Username=email,
                UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
            )
        except client.exceptions.UsernameExistsException:
            return False
        except ClientError as error:
            raise StackError(f"{email} could not be invited: {error}.") from error
        return True

    def import_coverage(self, function: str, carrier: str, csv: str) -> int:
        """Have a carrier's list of cities imported inside the network, and return how many they are.

        Raises:
            StackError: the list has a bad line, or the function can't be reached.
        """
        # It may take as long as the function does; a second call beside the first one would help nobody.
        patient = Config(read_timeout=900, retries={"max_attempts": 0})
        try:
            answer = self._client("lambda", config=patient).invoke(
                FunctionName=function, Payload=json.dumps({"coverage": {"carrier": carrier, "csv": csv}}).encode()
            )
        except (BotoCoreError, ClientError) as error:
            raise StackError(f"{function} could not be invoked: {error}.") from error
        said = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise StackError(f"The coverage of {carrier} was not imported: {said.get('errorMessage', said)}")
        return int(said["imported"])

    def machine_login(self, pool: str, client_id: str) -> tuple[str, str]:
        """The login of programs at the issuer: id and secret of their client."""
        described = self._client("cognito-idp").describe_user_pool_client(UserPoolId=pool, ClientId=client_id)
        return client_id, str(described["UserPoolClient"]["ClientSecret"])

    def _client(self, service: str, config: Config | None = None) -> Any:  # noqa: ANN401 - not all of these services have types here
        return self._session.client(service, config=config)  # type: ignore[call-overload]


def first_failure(events: list[dict[str, Any]]) -> str | None:
    """Of a stack's events, newest first, what failed first since the last change began."""
    found = None
    for event in events:
        status = event["ResourceStatus"]
        if event["ResourceType"] == _STACK and status in {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"}:
            break
        if status.endswith("_FAILED"):
            found = f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', status)}"
    return found


def _credentials() -> dict[str, str]:
    # What an SDK finds in a shell, and in the files of its user; everything else of the shell stays out.
    return {"HOME": str(Path.home()), **{name: value for name, value in os.environ.items() if name.startswith("AWS_")}}
