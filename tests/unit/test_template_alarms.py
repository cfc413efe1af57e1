"""The alarms ring for what costs money, and the dashboard shows what there is to see."""

import json
import re
from typing import Any

import pytest

from tests.template import ROOT, events, functions, resources, target, template

ALARMS = resources("AWS::CloudWatch::Alarm")
CODE = "\n".join(
    path.read_text(encoding="utf-8") for folder in ("functions", "shared") for path in (ROOT / folder).rglob("*.py")
)
#: Metrics whose names are put together: the words that there are stand in the code.
OUTCOMES = ("Recorded", "Duplicate", "Stale", "Conflict", "NotFound")
COMPOSED = {
    *(f"Reports{outcome}" for outcome in OUTCOMES),
    *(f"ItemsFailed{kind}" for kind in ("Validation", "Portal", "Timeout", "Unknown")),
    *(f"HandOvers{kind}" for kind in ("Accepted", "Busy", "Unreachable", "Refused", "Unknown")),
}


def watching(namespace: str, metric: str) -> dict[str, dict[str, Any]]:
    return {
        name: alarm
        for name, alarm in ALARMS.items()
        if (alarm.get("Namespace"), alarm.get("MetricName")) == (namespace, metric)
    }


def widgets() -> list[dict[str, Any]]:
    (dashboard,) = resources("AWS::CloudWatch::Dashboard").values()
    found: list[dict[str, Any]] = json.loads(dashboard["DashboardBody"]["Fn::Sub"])["widgets"]
    return found


def shown() -> set[tuple[str, str]]:
    """Return the metrics of the dashboard, by namespace and name."""
    return {(metric[0], metric[1]) for widget in widgets() for metric in widget["properties"]["metrics"]}


def test_a_report_that_is_turned_away_rings() -> None:
    """Naive: a robot reports once, is answered 429, and nobody hears of the number. H54."""
    (made,) = resources("AWS::Logs::MetricFilter").values()
    access_log = json.loads(resources("AWS::Serverless::HttpApi")["HttpApi"]["AccessLogSettings"]["Format"])
    assert (access_log["route"], access_log["status"]) == ("$context.routeKey", "$context.status")
    assert made["LogGroupName"] == {"Ref": "HttpApiLogGroup"}
    (route,) = events(functions()["receive_callback"], "HttpApi")
    assert re.findall(r'\$\.route = "([^"]+)"', made["FilterPattern"]) == [f"{route['Method']} {route['Path']}"]
    # In the log a status is a text.
    assert re.findall(r'\$\.status = "(\d+)"', made["FilterPattern"]) == ["401", "413", "429"]
    (written,) = made["MetricTransformations"]
    alarm = ALARMS["ReportsTurnedAwayAlarm"]
    assert (alarm["Namespace"], alarm["MetricName"]) == (written["MetricNamespace"], written["MetricName"])
    assert (alarm["Statistic"], alarm["Threshold"], alarm["EvaluationPeriods"]) == ("Sum", 1, 1)


def test_the_age_of_every_queue_of_work_rings() -> None:
    work = {name for name, queue in resources("AWS::SQS::Queue").items() if "RedrivePolicy" in queue}
    watched = watching("AWS/SQS", "ApproximateAgeOfOldestMessage")
    assert {target(alarm["Dimensions"][0]["Value"]) for alarm in watched.values()} == work
    assert all(alarm["Threshold"] <= 900 for alarm in watched.values())


def test_throttled_functions_ring_and_a_robot_s_report_that_is_turned_away_rings_at_once() -> None:
    by_dimensions = {name: alarm.get("Dimensions") for name, alarm in watching("AWS/Lambda", "Throttles").items()}
    own = [{"Name": "FunctionName", "Value": {"Ref": "ReceiveCallbackFunction"}}]
    # Without a dimension it counts all functions of the account, which share its executions.
    assert by_dimensions == {"ReceiveCallbackThrottlesAlarm": own, "ThrottlesAlarm": None}
    alarm = ALARMS["ReceiveCallbackThrottlesAlarm"]
    assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["Threshold"]) == (60, 1, 1)


def test_a_schedule_that_does_not_run_rings_and_nothing_else_rings_for_silence() -> None:
    """Naive: a disabled rule makes no error; where missing data is well, nobody ever hears of it."""
    scheduled = {f"{name}" for name, function in functions().items() if events(function, "Schedule")}
    watched = watching("AWS/Lambda", "Invocations")
    by_folder = {functions_of(alarm["Dimensions"][0]["Value"]) for alarm in watched.values()}
    assert by_folder == scheduled
    for name, alarm in ALARMS.items():
        assert alarm["TreatMissingData"] == ("breaching" if name in watched else "notBreaching"), name
    for alarm in watched.values():
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)


def functions_of(reference: Any) -> str:
    """Return the folder of the function that a reference names."""
    logical_id = target(reference)
    handler: str = resources("AWS::Serverless::Function")[logical_id]["Handler"]
    return handler.split(".")[1]


@pytest.mark.parametrize("metric", ["FreeStorageSpace", "DatabaseConnections", "CPUUtilization"])
def test_the_database_is_watched_where_it_is_known(metric: str) -> None:
    (name,) = watching("AWS/RDS", metric)
    assert template()["Resources"][name]["Condition"] == "WatchesDatabase"
    assert ALARMS[name]["Dimensions"] == [{"Name": "DBInstanceIdentifier", "Value": {"Ref": "DatabaseInstanceId"}}]


@pytest.mark.parametrize(
    "metric",
    [
        "OldestOpenItemAge",
        "UnsettledItems",
        "SecondShipments",
        "OldestEventAge",
        "EventsSetAside",
        "ReportsToBeRepeated",
    ],
)
def test_what_the_functions_measure_rings(metric: str) -> None:
    assert watching("RobotJobs", metric)


def test_every_metric_of_an_alarm_or_of_the_dashboard_is_written_by_the_code() -> None:
    """Naive: a metric is renamed, and its alarm is silent for ever."""
    own = {alarm["MetricName"] for alarm in ALARMS.values() if alarm.get("Namespace") == "RobotJobs"}
    own |= {metric for namespace, metric in shown() if namespace == "RobotJobs"}
    for metric in own - COMPOSED:
        assert f'"{metric}"' in CODE, metric
    for metric in COMPOSED & own:
        assert re.search(r'f"(Reports|ItemsFailed|HandOvers)\{', CODE), metric


def test_the_dashboard_shows_reports_jobs_waves_queues_errors_and_what_needs_a_person() -> None:
    names = {metric for _, metric in shown()}
    assert {"ReportsRecorded", "ItemsShipped", "JobsSubmitted", "HandOversAccepted", "UnsettledItems"} <= names
    assert {"ApproximateAgeOfOldestMessage", "Errors", "ReportsTurnedAway"} <= names


def test_what_the_dashboard_refers_to_is_in_the_template() -> None:
    text = json.dumps(widgets())
    for reference in set(re.findall(r"\$\{([^}]+)\}", text)) - {"AWS::StackName", "AWS::Region"}:
        assert reference.split(".")[0] in template()["Resources"], reference
    places = [(widget["x"], widget["y"]) for widget in widgets()]
    assert len(set(places)) == len(places)


def test_names_that_are_put_together_are_words_of_the_code() -> None:
    for metric in COMPOSED:
        word = re.sub(r"^(Reports|ItemsFailed|HandOvers)", "", metric)
        stored = re.sub(r"(?<!^)([A-Z])", r"_\1", word).lower()
        assert f'"{stored}"' in CODE, metric
