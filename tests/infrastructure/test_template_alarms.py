"""Somebody hears of it."""

from typing import Any

import pytest

from docqa.services.outcomes import QUOTED_MODEL_REFUSED
from tests.infrastructure import stack

ALARMS = stack.of_type("AWS::CloudWatch::Alarm")
QUEUES = stack.of_type("AWS::SQS::Queue")


def watched(metric: str) -> set[str]:
    """Logical ids of what some alarm watches this metric of."""
    return {
        stack.target(dimension["Value"])
        for alarm in ALARMS.values()
        if alarm.get("MetricName") == metric
        for dimension in alarm["Dimensions"]
        if isinstance(dimension["Value"], dict) and dimension["Value"] != {"Ref": "AWS::AccountId"}
    }


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_an_alarm_says_what_it_means_and_reaches_somebody(name: str) -> None:
    """Promise 12: each alarm has an action."""
    alarm = ALARMS[name]
    assert list(map(stack.target, alarm["AlarmActions"])) == ["AlarmsTopic"]
    assert alarm["AlarmDescription"]
    assert alarm["TreatMissingData"] in {"notBreaching", "breaching"}


def test_the_alarms_topic_reaches_a_mailbox_when_one_is_given() -> None:
    """Promise 12: the action is heard."""
    subscription = stack.template()["Resources"]["AlarmEmailSubscription"]
    assert subscription["Condition"] == "SendAlarmEmail"
    assert stack.target(subscription["Properties"]["TopicArn"]) == "AlarmsTopic"


def test_a_message_in_any_dead_letter_queue_raises_an_alarm() -> None:
    """Promise 12: any DLQ message."""
    dead_letters = {name for name in QUEUES if name.endswith("DeadLetterQueue")}
    alarms = [alarm for alarm in ALARMS.values() if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"]

    assert watched("ApproximateNumberOfMessagesVisible") == dead_letters
    assert {alarm["Threshold"] for alarm in alarms} == {0}


def test_a_queue_whose_oldest_message_waits_too_long_raises_an_alarm() -> None:
    """Promise 12: age of the oldest message."""
    queues = {name for name in QUEUES if not name.endswith("DeadLetterQueue")}
    assert watched("ApproximateAgeOfOldestMessage") == queues
    for alarm in ALARMS.values():
        if alarm.get("MetricName") == "ApproximateAgeOfOldestMessage":
            queue = QUEUES[stack.target(alarm["Dimensions"][0]["Value"])]
            assert alarm["Threshold"] < queue["MessageRetentionPeriod"]


def test_a_backlog_that_nobody_works_on_raises_an_alarm() -> None:
    """Promise 12: backlog without capacity, for every queue that the stack itself reads."""
    read = {stack.target(m["EventSourceArn"]) for m in stack.mappings().values()}
    stalled = [alarm for name, alarm in ALARMS.items() if name.endswith("StalledAlarm")]
    assert set().union(*(stack.targets(alarm["Metrics"]) for alarm in stalled)) == read
    for alarm in stalled:
        names = {metric["MetricStat"]["Metric"]["MetricName"] for metric in alarm["Metrics"] if "MetricStat" in metric}
        assert names == {"ApproximateNumberOfMessagesVisible", "NumberOfMessagesDeleted"}
    assert stack.template()["Parameters"]["AllowMetricMath"]["Default"] == "true"


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_a_function_that_fails_or_is_throttled_raises_an_alarm(metric: str) -> None:
    """Promise 12: throttles, errors."""
    assert watched(metric) == set(stack.functions())


def test_slow_answers_raise_an_alarm_before_they_time_out() -> None:
    """Promise 12: p99 of the API and of queued questions."""
    slow: dict[str, dict[str, Any]] = {
        name: alarm for name, alarm in ALARMS.items() if alarm.get("ExtendedStatistic") == "p99"
    }
    assert slow["ApiLatencyAlarm"]["Threshold"] < 29_000
    worker = stack.functions()["AnswerQueuedQuestionFunction"]
    assert slow["AnswerQueuedQuestionLatencyAlarm"]["Threshold"] < worker["Timeout"] * 1000


def test_a_chat_model_that_refuses_raises_an_alarm() -> None:
    """The filter looks for the sentence that the answering functions log."""
    filters = stack.of_type("AWS::Logs::MetricFilter")

    assert {stack.target(one["LogGroupName"]) for one in filters.values()} == {
        "AskQuestionLogGroup",
        "AnswerQueuedQuestionLogGroup",
    }
    for one in filters.values():
        sentence = one["FilterPattern"].partition('"')[2].partition("*")[0]
        assert QUOTED_MODEL_REFUSED.startswith(sentence)
    assert any(alarm["MetricName"] == "ChatModelRefusals" for alarm in ALARMS.values() if "MetricName" in alarm)
