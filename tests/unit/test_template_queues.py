"""The queues, rules and schedules of the template: nothing that fails is lost, and someone is told."""

from typing import Any

import pytest

from shared.events import ALL_EVENTS, SOURCE
from tests.template import Resource, allowed, events, functions, resources, target, template

#: Detail type → the function that works on it.
CONSUMED = {
    "robot/job.submitted": "dispatch_job",
    "robot/item.completed": "record_results",
    "robot/job.completed": "complete_job",
    "robot/job.paused": "complete_job",
}
DEAD_LETTERS = {name for name in resources("AWS::SQS::Queue") if name.endswith("DeadLetterQueue")}
WORK = sorted(set(resources("AWS::SQS::Queue")) - DEAD_LETTERS)
SCHEDULED = ["expire_items", "relay_events"]
#: Queue → how often it gives a message back. A report waits for the end of an outage; its function says itself whether
#: it is poison.
RECEIVES = {"DispatchQueue": 5, "CompleteQueue": 5, "RecordQueue": 1000}
DAY_S = 86_400


def queue(name: str) -> Resource:
    return resources("AWS::SQS::Queue")[name]


def rules() -> dict[str, Resource]:
    """Return the rule of each detail type that one names."""
    found = {}
    for name, rule in resources("AWS::Events::Rule").items():
        for detail_type in rule["EventPattern"]["detail-type"]:
            assert detail_type not in found
            found[detail_type] = {"LogicalId": name, **rule}
    return found


def consumer(detail_type: str) -> tuple[str, Resource]:
    """Return the queue of a detail type and the trigger that takes from it."""
    (trigger,) = events(functions()[CONSUMED[detail_type]], "SQS")
    return target(trigger["Queue"]), trigger


def test_there_is_one_rule_for_each_consumed_detail_type_and_the_registry_has_them() -> None:
    assert set(rules()) == set(CONSUMED)
    assert set(CONSUMED) <= set(ALL_EVENTS)
    for rule in rules().values():
        assert rule["EventPattern"]["source"] == [SOURCE]
        assert rule["EventBusName"] == {"Ref": "EventBus"}


def test_the_bus_has_the_contract_s_name() -> None:
    assert resources("AWS::Events::EventBus")["EventBus"]["Name"] == {"Ref": "EventBusName"}
    assert template()["Parameters"]["EventBusName"]["Default"] == "robot-jobs"


@pytest.mark.parametrize("detail_type", sorted(CONSUMED))
def test_a_rule_fills_just_the_queue_of_its_function(detail_type: str) -> None:
    (rule_target,) = rules()[detail_type]["Targets"]
    assert target(rule_target["Arn"]) == consumer(detail_type)[0]
    # The message is the whole event: the functions read its detail.
    assert not {"Input", "InputPath", "InputTransformer"} & set(rule_target)


@pytest.mark.parametrize("detail_type", sorted(CONSUMED))
def test_an_event_that_a_rule_can_t_deliver_is_tried_for_a_day_and_then_kept(detail_type: str) -> None:
    (rule_target,) = rules()[detail_type]["Targets"]
    work = queue(consumer(detail_type)[0])
    assert rule_target["DeadLetterConfig"]["Arn"] == work["RedrivePolicy"]["deadLetterTargetArn"]
    assert rule_target["RetryPolicy"] == {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86400}


def policy_of(name: str) -> Resource:
    """Return the policy of a queue; it has exactly one."""
    (policy,) = [
        policy
        for policy in resources("AWS::SQS::QueuePolicy").values()
        if name in {target(entry) for entry in policy["Queues"]}
    ]
    return policy


@pytest.mark.parametrize("name", sorted(resources("AWS::SQS::QueuePolicy")))
def test_a_queue_policy_names_one_queue(name: str) -> None:
    """Naive: one policy for a queue and its dead letters, which SQS refuses: a statement names one queue."""
    policy = resources("AWS::SQS::QueuePolicy")[name]
    (queue_of_policy,) = policy["Queues"]
    for statement in policy["PolicyDocument"]["Statement"]:
        assert statement["Resource"] == {"Fn::GetAtt": [target(queue_of_policy), "Arn"]}


@pytest.mark.parametrize("detail_type", sorted(CONSUMED))
def test_only_its_rule_may_send_to_a_queue_and_its_dead_letter_queue(detail_type: str) -> None:
    name = consumer(detail_type)[0]
    source = {"aws:SourceArn": {"Fn::GetAtt": [rules()[detail_type]["LogicalId"], "Arn"]}}
    for each in (name, target(queue(name)["RedrivePolicy"]["deadLetterTargetArn"])):
        (statement,) = policy_of(each)["PolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "events.amazonaws.com"}
        assert (statement["Effect"], statement["Action"]) == ("Allow", "sqs:SendMessage")
        assert statement["Condition"] == {"ArnEquals": source}


@pytest.mark.parametrize("name", sorted(resources("AWS::SQS::Queue")))
def test_a_queue_is_encrypted(name: str) -> None:
    assert queue(name)["SqsManagedSseEnabled"] is True


@pytest.mark.parametrize("name", WORK)
def test_a_queue_has_a_dead_letter_queue_of_its_own(name: str) -> None:
    redrive = queue(name)["RedrivePolicy"]
    dead_letters = target(redrive["deadLetterTargetArn"])
    assert dead_letters in DEAD_LETTERS
    assert redrive["maxReceiveCount"] == RECEIVES[name]
    others = [target(queue(other)["RedrivePolicy"]["deadLetterTargetArn"]) for other in WORK if other != name]
    assert dead_letters not in others
    # A dead letter's age counts from its first arrival: it needs more time than its queue gave it.
    own_s = min(queue(name)["MessageRetentionPeriod"], redrive["maxReceiveCount"] * queue(name)["VisibilityTimeout"])
    assert queue(dead_letters)["MessageRetentionPeriod"] > own_s + 7 * DAY_S


def test_reports_outlast_an_outage_of_days_in_their_queue() -> None:
    """Naive: after five receives, 20 minutes, the numbers are in the dead letters, and their items time out."""
    reports = queue("RecordQueue")
    assert reports["MessageRetentionPeriod"] == 14 * DAY_S
    assert reports["RedrivePolicy"]["maxReceiveCount"] * reports["VisibilityTimeout"] > 2 * DAY_S


@pytest.mark.parametrize("name", sorted(DEAD_LETTERS))
def test_a_dead_letter_queue_tells_the_alarm_topic_of_its_first_message(name: str) -> None:
    dimensions = [{"Name": "QueueName", "Value": {"Fn::GetAtt": [name, "QueueName"]}}]
    (alarm,) = [
        alarm for alarm in resources("AWS::CloudWatch::Alarm").values() if alarm.get("Dimensions") == dimensions
    ]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    assert (alarm["Statistic"], alarm["Threshold"], alarm["EvaluationPeriods"]) == ("Maximum", 1, 1)
    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"


def test_every_alarm_reaches_the_alarm_topic() -> None:
    for name, alarm in resources("AWS::CloudWatch::Alarm").items():
        assert alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}], name
    # CloudWatch is not allowed to use the AWS-managed key: it would stay silent.
    assert "KmsMasterKeyId" not in resources("AWS::SNS::Topic")["AlarmTopic"]


@pytest.mark.parametrize("detail_type", sorted(CONSUMED))
def test_a_trigger_reports_single_failures_and_bounds_its_concurrency(detail_type: str) -> None:
    trigger = consumer(detail_type)[1]
    assert trigger["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    # Each worker holds a database connection.
    assert 2 <= trigger["ScalingConfig"]["MaximumConcurrency"] <= 10


def test_reports_are_recorded_a_hundred_at_a_time() -> None:
    trigger = consumer("robot/item.completed")[1]
    # Lambda wants a window where a batch may be larger than ten.
    assert (trigger["BatchSize"], trigger["MaximumBatchingWindowInSeconds"]) == (100, 1)


def test_hand_overs_come_one_at_a_time() -> None:
    """Two calls of 25 seconds each, and what goes with them, would not fit in the function's minute."""
    assert consumer("robot/job.submitted")[1]["BatchSize"] == 1


@pytest.mark.parametrize("detail_type", sorted(CONSUMED))
def test_a_message_stays_hidden_for_six_times_the_function_s_time(detail_type: str) -> None:
    name, trigger = consumer(detail_type)
    timeout = functions()[CONSUMED[detail_type]]["Timeout"]
    window = trigger.get("MaximumBatchingWindowInSeconds", 0)
    assert queue(name)["VisibilityTimeout"] >= 6 * timeout + window


def test_a_message_stays_hidden_for_long_enough_whatever_the_parameters_are() -> None:
    name, _ = consumer("robot/item.completed")
    window = template()["Parameters"]["RecordBatchWindow"]["MaxValue"]
    assert queue(name)["VisibilityTimeout"] >= 6 * functions()["record_results"]["Timeout"] + window


@pytest.mark.parametrize("name", sorted(functions()))
def test_a_function_takes_from_its_own_queue_alone(name: str) -> None:
    function = functions()[name]
    own = [target(trigger["Queue"]) for trigger in events(function, "SQS")]
    # expire_items looks at reports that wait, and deletes none of them.
    counts, looks = (
        (["RecordQueue", "RecordDeadLetterQueue"], ["RecordDeadLetterQueue"]) if name == "expire_items" else (own, own)
    )
    for action, expected in (
        ("sqs:ReceiveMessage", looks),
        ("sqs:DeleteMessage", own),
        ("sqs:GetQueueAttributes", counts),
    ):
        assert [target(entry) for entry in allowed(function, action)] == expected


@pytest.mark.parametrize("name", sorted(functions()))
def test_a_function_sends_where_it_has_to_alone(name: str) -> None:
    expected = {
        "dispatch_job": ["DispatchQueue"],
        "receive_callback": ["RecordQueue"],
        "record_results": ["RecordDeadLetterQueue"],
    }
    expected |= {scheduled: ["SchedulesDeadLetterQueue"] for scheduled in SCHEDULED}
    sent_to = [target(entry) for entry in allowed(functions()[name], "sqs:SendMessage")]
    assert sent_to == expected.get(name, [])


def test_dispatch_job_puts_back_into_the_queue_that_it_takes_from() -> None:
    variables = functions()["dispatch_job"]["Environment"]["Variables"]
    assert target(variables["DISPATCH_QUEUE_URL"]) == consumer("robot/job.submitted")[0]


def test_the_queue_of_reports_and_its_dead_letters_are_the_same_for_all_who_use_them() -> None:
    reports = consumer("robot/item.completed")[0]
    dead_letters = target(queue(reports)["RedrivePolicy"]["deadLetterTargetArn"])
    used: dict[str, set[str]] = {}
    for function in functions().values():
        for variable, value in function["Environment"]["Variables"].items():
            if variable.startswith("RECORD_"):
                used.setdefault(variable, set()).add(target(value))
    assert used == {"RECORD_QUEUE_URL": {reports}, "RECORD_DEAD_LETTER_QUEUE_URL": {dead_letters}}


def test_reports_that_wait_are_told_of_long_before_they_are_dead_letters() -> None:
    """Naive: an outage no longer fills the dead letters, and nobody is told of it."""
    alarms = resources("AWS::CloudWatch::Alarm")
    for name in ("ReportsToBeRepeatedAlarm", "RecordResultsErrorsAlarm"):
        alarm = alarms[name]
        # In each period there is a failure for as long as the cause lasts.
        assert alarm["Period"] > queue("RecordQueue")["VisibilityTimeout"]
        assert alarm["Period"] * alarm["EvaluationPeriods"] <= 900
        assert (alarm["Statistic"], alarm["Threshold"]) == ("Sum", 1)


@pytest.mark.parametrize("name", SCHEDULED)
def test_a_schedule_runs_every_minute_and_its_failures_are_kept(name: str) -> None:
    function = functions()[name]
    (schedule,) = events(function, "Schedule")
    assert schedule["Schedule"] == "rate(1 minute)"
    dead_letters: dict[str, Any] = {"Fn::GetAtt": ["SchedulesDeadLetterQueue", "Arn"]}
    assert schedule["DeadLetterConfig"] == {"Arn": dead_letters}
    on_failure = function["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]
    assert on_failure == {"Type": "SQS", "Destination": dead_letters}
    # A run is over when the next one starts.
    assert function["Timeout"] < 60


def test_the_schedules_alone_may_send_to_their_dead_letter_queue() -> None:
    policy = resources("AWS::SQS::QueuePolicy")["SchedulesDeadLetterQueuePolicy"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    (source,) = statement["Condition"]["ArnEquals"].values()
    names = {events(functions()[name], "Schedule")[0]["Name"]["Fn::Sub"] for name in SCHEDULED}
    rule = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/"
    assert {arn["Fn::Sub"] for arn in source} == {rule + name for name in names}


def test_every_function_has_exactly_one_kind_of_trigger_but_the_one_that_a_deployment_calls() -> None:
    kinds = {
        name: {each["Type"] for each in function.get("Events", {}).values()} for name, function in functions().items()
    }
    assert kinds.pop("migrate_database") == set()
    assert all(len(kind) == 1 for kind in kinds.values()), kinds
