"""What a stack costs in a month in which nobody drops or asks anything, from its translated template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

HOURS, MINUTES = 730, 43_800
# Lambda polls a quiet queue with five long polls of twenty seconds at a time.
POLLS_A_MINUTE = 15
# A tick finds nothing to do; generous.
TICK_SECONDS = 0.2
EVERY = {"minute": 1, "minutes": 1, "hour": 60, "hours": 60, "day": 1_440, "days": 1_440}


def idle_lines(template: Mapping[str, Any], prices: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """(what, USD a month) for everything that is paid for being there."""
    parameters, resources = template["Parameters"], template["Resources"].values()
    kind = parameters["SearchInstanceType"]["Default"]
    nodes = int(parameters["SearchInstanceCount"]["Default"])
    disk = int(parameters["SearchVolumeGiB"]["Default"])
    yield f"OpenSearch, {nodes} {kind}", nodes * HOURS * prices["opensearch_per_hour"][kind]
    yield f"OpenSearch, {nodes * disk} GiB of disk", nodes * disk * prices["opensearch_gp3_per_gib_month"]
    metrics = sum(_metrics(one["Properties"]) for one in resources if one["Type"] == "AWS::CloudWatch::Alarm")
    yield f"CloudWatch, alarms over {metrics} metrics", metrics * prices["cloudwatch_per_alarm_month"]
    queues = sum(one["Type"] == "AWS::Lambda::EventSourceMapping" and "Condition" not in one for one in resources)
    polls = queues * POLLS_A_MINUTE * MINUTES
    yield f"SQS, Lambda looking into {queues} queues", polls * prices["sqs_per_million_requests"] / 1_000_000
    ticks = sum(_ticks(one["Properties"]) for one in resources if one["Type"] == "AWS::Events::Rule")
    memory = template["Resources"]["DispatchDocumentsFunction"]["Properties"]["MemorySize"] / 1024
    compute = ticks * TICK_SECONDS * memory * prices["lambda_arm64_per_gigabyte_second"]
    yield f"Lambda, {ticks:,} scheduled runs", compute + ticks * prices["lambda_per_million_requests"] / 1_000_000


def _metrics(alarm: Mapping[str, Any]) -> int:
    """An alarm is paid by the metrics that it looks at."""
    return max(1, sum("MetricStat" in metric for metric in alarm.get("Metrics", [])))


def _ticks(rule: Mapping[str, Any]) -> int:
    """How often a rule's schedule comes round in a month."""
    expression = str(rule.get("ScheduleExpression", ""))
    if not expression.startswith("rate("):
        return 0
    count, unit = expression.removeprefix("rate(").removesuffix(")").split()
    return MINUTES // (int(count) * EVERY[unit])
