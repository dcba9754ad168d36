import pytest

from benchmarks.cost import BEGIN, END, _with_table, document_lines, question_lines
from benchmarks.idle import idle_lines

INFRASTRUCTURE = {
    "lambda_arm64_per_gigabyte_second": 0.00001,
    "lambda_per_million_requests": 0.2,
    "dynamodb_per_million_write_units": 1.0,
    "dynamodb_per_million_read_units": 0.5,
    "s3_per_thousand_writes": 0.005,
    "s3_per_thousand_reads": 0.0004,
    "sqs_per_million_requests": 0.4,
    "eventbridge_per_million_events": 1.0,
    "api_gateway_per_million_requests": 3.5,
    "opensearch_per_hour": {"small": 0.04},
    "opensearch_gp3_per_gib_month": 0.1,
    "cloudwatch_per_alarm_month": 0.1,
}
PRICES = {"infrastructure": INFRASTRUCTURE, "step_functions_per_thousand_transitions": 0.025}


def test_each_counted_call_has_its_price() -> None:
    counted = {
        "calls": {
            "dynamodb:PutItem": 3,
            "dynamodb:GetItem": 4,
            "s3:PutObject": 2,
            "s3:HeadObject": 5,
            "sqs:SendMessage": 1,
        },
        "usage": {"embedded_tokens": 1_000_000.0},
        "lambda": {"invocations": 10, "gigabyte_seconds": 2.0},
        "state_transitions": 12,
    }

    bill = {line.what.split(" (")[0]: line.usd for line in document_lines(counted, PRICES, times=100)}

    assert bill["Step Functions"] == pytest.approx(100 * 12 / 1000 * 0.025)
    assert bill["Bedrock, embeddings"] == pytest.approx(100 * 0.02)
    assert bill["Lambda"] == pytest.approx(100 * (2.0 * 0.00001 + 10 * 0.2 / 1e6))
    assert bill["DynamoDB"] == pytest.approx(100 * (3 * 2 * 1.0 + 4 * 0.5) / 1e6)
    assert bill["S3 requests"] == pytest.approx(100 * (2 * 0.005 + 5 * 0.0004) / 1e3)
    assert bill["SQS"] == pytest.approx(100 * 3 * 0.4 / 1e6)


def test_the_local_models_slowness_is_not_billed() -> None:
    counted = {
        "calls": {},
        "usage": {"input_tokens": 1000, "output_tokens": 100, "embedded_tokens": 20},
        "lambda": {"invocations": 1, "gigabyte_seconds": 9.25},
        "chat_seconds": 9.0,
    }

    bill = {line.what: line.usd for line in question_lines(counted, PRICES, times=1)}

    assert bill["Lambda"] == pytest.approx((0.25 + 1.5) * 0.00001 + 0.2 / 1e6)


def test_what_is_paid_for_being_there_comes_from_the_template() -> None:
    parameters = {"SearchInstanceType": "small", "SearchInstanceCount": 2, "SearchVolumeGiB": 10}
    resources = {
        "Plain": {"Type": "AWS::CloudWatch::Alarm", "Properties": {}},
        "Ratio": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {"Metrics": [{"MetricStat": {}}, {"MetricStat": {}}, {}]},
        },
        "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {}},
        "Tick": {"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "rate(5 minutes)"}},
        "OnEvent": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {}}},
        "DispatchDocumentsFunction": {"Type": "AWS::Lambda::Function", "Properties": {"MemorySize": 256}},
    }
    template = {"Parameters": {name: {"Default": value} for name, value in parameters.items()}, "Resources": resources}

    bill = dict(idle_lines(template, INFRASTRUCTURE))

    assert bill["OpenSearch, 2 small"] == pytest.approx(2 * 730 * 0.04)
    assert bill["OpenSearch, 20 GiB of disk"] == pytest.approx(2.0)
    assert bill["CloudWatch, alarms over 3 metrics"] == pytest.approx(0.3)
    assert any(what.startswith("Lambda, 8,760 ") for what in bill)


def test_the_table_in_the_readme_is_replaced_and_the_rest_kept() -> None:
    readme = f"before\n{BEGIN}\nold\n{END}\nafter\n"

    once = _with_table(readme, ["| new |"])

    assert once == f"before\n{BEGIN}\n| new |\n{END}\nafter\n"
    assert _with_table(once, ["| new |"]) == once
