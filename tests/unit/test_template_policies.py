"""Who may do what: each function just what it needs, and no asterisk without its reason."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from local.stack.template import TemplateLoader
from tests.template import (
    PATH,
    Statement,
    allowed,
    as_list,
    functions,
    nodes,
    resources,
    role_of,
    statements,
    target,
    template,
)

NAMES = sorted(functions())
PUBLISHERS = {
    "submit_job",
    "manage_jobs",
    "manage_orders",
    "operator_page",
    "receive_callback",
    "dispatch_job",
    "record_results",
    "relay_events",
    "expire_items",
}
REASON = "# reason: "


def statement_nodes() -> Iterator[dict[str, yaml.Node]]:
    """Give each policy statement of the template with the places of its parts."""
    root = TemplateLoader(PATH.read_text(encoding="utf-8")).get_single_node()
    assert root is not None
    for node in nodes(root):
        if isinstance(node, yaml.MappingNode):
            parts = {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}
            if "Effect" in parts:
                yield parts


def key_statements() -> list[Statement]:
    policy = resources("AWS::KMS::Key")["PasswordKey"]["KeyPolicy"]
    found: list[Statement] = policy["Statement"]
    return found


def all_statements() -> Iterator[Statement]:
    """Give every policy statement of the template, wherever it is."""

    def walk(value: Any) -> Iterator[Statement]:
        if isinstance(value, dict):
            if "Effect" in value:
                yield value
            for inner in value.values():
                yield from walk(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from walk(inner)

    yield from walk(template()["Resources"])


def test_an_asterisk_in_a_policy_has_its_reason_beside_it() -> None:
    lines = PATH.read_text(encoding="utf-8").splitlines()
    checked = 0
    for parts in statement_nodes():
        assert not {"NotAction", "NotResource", "NotPrincipal"} & set(parts)
        for part in ("Action", "Resource", "Principal"):
            for node in nodes(parts[part]) if part in parts else ():
                if isinstance(node, yaml.ScalarNode) and "*" in node.value:
                    line = lines[node.start_mark.line]
                    assert len(line.partition(REASON)[2].split()) >= 3, f"line {node.start_mark.line + 1}: {line}"
                    checked += 1
    assert checked >= 4  # The key policy's three and the network interfaces': the walk does find them.


def test_every_statement_allows() -> None:
    assert {statement["Effect"] for statement in all_statements()} == {"Allow"}


@pytest.mark.parametrize("name", NAMES)
def test_a_role_has_no_policy_of_aws_s_own(name: str) -> None:
    assert "arn:aws" not in str(role_of(functions()[name]))
    assert "Policies" not in functions()[name], "policies belong to the role"


def test_only_who_takes_a_password_seals_and_only_dispatch_job_opens_passwords() -> None:
    """The key's own policy says who; no other policy gives any use of any key."""
    uses: dict[str, list[str]] = {}
    for statement in key_statements():
        for action in as_list(statement["Action"]):
            if action in {"kms:Encrypt", "kms:Decrypt"}:
                uses.setdefault(action, []).append(target(statement["Principal"]["AWS"]))
    assert uses == {"kms:Encrypt": ["ManageCarriersRole", "OperatorPageRole"], "kms:Decrypt": ["DispatchJobRole"]}
    elsewhere = [statement for statement in all_statements() if statement not in key_statements()]
    assert not [statement for statement in elsewhere if "kms:" in str(statement.get("Action"))]
    roles = {target(functions()[name]["Role"]) for name in ("manage_carriers", "operator_page", "dispatch_job")}
    assert roles == {"ManageCarriersRole", "OperatorPageRole", "DispatchJobRole"}


def test_the_account_manages_the_password_key_but_can_t_use_it_or_grant_its_use() -> None:
    (management,) = [statement for statement in key_statements() if "Condition" not in statement]
    actions = set(management["Action"])
    assert not {action for action in actions if "*" in action}
    using = {"kms:Encrypt", "kms:Decrypt", "kms:CreateGrant"}
    assert not {action for action in actions if action in using or "ReEncrypt" in action or "DataKey" in action}
    # Without these the key could never be changed again.
    assert {"kms:PutKeyPolicy", "kms:DescribeKey", "kms:GetKeyPolicy"} <= actions


def test_a_password_is_sealed_and_opened_only_with_workspace_and_carrier() -> None:
    used = [statement for statement in key_statements() if statement["Action"] in ("kms:Encrypt", "kms:Decrypt")]
    assert len(used) == 3
    for statement in used:
        assert statement["Condition"] == {
            "ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["workspaceId", "carrier"]},
            "Null": {"kms:EncryptionContext:workspaceId": "false", "kms:EncryptionContext:carrier": "false"},
        }


def test_the_password_key_rotates_and_outlives_the_stack() -> None:
    key = template()["Resources"]["PasswordKey"]
    assert key["Properties"]["EnableKeyRotation"] is True
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("Retain", "Retain")


@pytest.mark.parametrize("name", NAMES)
def test_a_function_publishes_to_the_one_bus_under_the_one_source_or_not_at_all(name: str) -> None:
    function = functions()[name]
    buses = [target(resource) for resource in allowed(function, "events:PutEvents")]
    assert buses == (["EventBus"] if name in PUBLISHERS else [])
    for statement in statements(function):
        if statement["Action"] == "events:PutEvents":
            assert statement["Condition"]["StringEqualsIfExists"]["events:source"] == "robot-jobs"
    assert ("EVENT_BUS_NAME" in function["Environment"]["Variables"]) is (name in PUBLISHERS)


def test_receive_callback_publishes_nothing_but_reports() -> None:
    (statement,) = [
        statement
        for statement in statements(functions()["receive_callback"])
        if statement["Action"] == "events:PutEvents"
    ]
    assert statement["Condition"]["StringEqualsIfExists"] == {
        "events:source": "robot-jobs",
        "events:detail-type": "robot/item.completed",
    }


def test_the_callback_keys_are_read_by_who_signs_and_who_checks() -> None:
    readers = {
        name
        for name, function in functions().items()
        if "CallbackSecret" in map(target, allowed(function, "secretsmanager:GetSecretValue"))
    }
    assert readers == {"dispatch_job", "receive_callback"}


def test_the_callback_key_is_made_on_aws_and_has_room_for_the_one_before_it() -> None:
    generated = resources("AWS::SecretsManager::Secret")["CallbackSecret"]["GenerateSecretString"]
    assert generated["SecretStringTemplate"] == '{"previous": ""}'
    assert generated["GenerateStringKey"] == "current"
    assert generated["PasswordLength"] >= 32


def test_only_complete_job_notifies_and_the_topic_is_encrypted() -> None:
    notifiers = {name: allowed(function, "sns:Publish") for name, function in functions().items()}
    assert {name for name, topics in notifiers.items() if topics} == {"complete_job"}
    assert notifiers["complete_job"] == [{"Ref": "NotificationTopic"}]
    assert resources("AWS::SNS::Topic")["NotificationTopic"]["KmsMasterKeyId"] == "alias/aws/sns"


def test_no_topic_keeps_the_policy_that_lets_everyone_in_the_account_publish() -> None:
    policies = resources("AWS::SNS::TopicPolicy").values()
    publishers = {}
    for policy in policies:
        (topic,), (statement,) = policy["Topics"], policy["PolicyDocument"]["Statement"]
        assert (statement["Effect"], statement["Action"], statement["Resource"]) == ("Allow", "sns:Publish", topic)
        publishers[target(topic)] = statement["Principal"]
    assert publishers == {
        "NotificationTopic": {"AWS": {"Fn::GetAtt": ["CompleteJobRole", "Arn"]}},
        "AlarmTopic": {"Service": "cloudwatch.amazonaws.com"},
    }
    assert set(publishers) == set(resources("AWS::SNS::Topic"))


@pytest.mark.parametrize("name", NAMES)
def test_a_function_may_do_nothing_else(name: str) -> None:
    known = {
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "secretsmanager:GetSecretValue",
        "events:PutEvents",
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:SendMessage",
        "sns:Publish",
    }
    actions = {action for statement in statements(functions()[name]) for action in as_list(statement["Action"])}
    assert actions <= known
