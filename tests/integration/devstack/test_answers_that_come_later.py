"""The real model server beside the real emulator: every route gives the same vectors, and tells of its end."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import boto3
import httpx
import pytest

from devstack import control, hosting
from devstack.settings import DevstackSettings, Endpoints

Found = TypeVar("Found")
Client = Callable[[str], Any]
TEXTS = [f"Passage {number}. " + "The pump was inspected. " * number for number in range(1, 9)]
OF_THE_EMULATOR = ("s3", "sns", "sqs", "events")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevstackSettings]:
    """A model server of its own, beside an emulator of its own."""
    settings = DevstackSettings(
        state_dir=tmp_path_factory.mktemp("devstack"),
        emulator_port=control.free_port(),
        models_port=control.free_port(),
    )
    control.up(settings, only=("emulator", "models"))
    yield settings
    control.down(settings)


@pytest.fixture(scope="module")
def client(cloud: DevstackSettings) -> Client:
    """Clients of both."""
    urls = Endpoints.of(cloud)
    return lambda name: boto3.client(
        name,  # type: ignore[call-overload]  # one function for all services
        endpoint_url=urls.emulator_url if name in OF_THE_EMULATOR else urls.models_url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@pytest.fixture(scope="module")
def bucket(client: Client) -> str:
    client("s3").create_bucket(Bucket="docqa-work")
    return "docqa-work"


@pytest.fixture(scope="module")
def hosted(cloud: DevstackSettings, bucket: str) -> tuple[str, str]:
    """The topics of the asynchronous endpoint, which is there with them."""
    topics = hosting.make_topics(cloud)
    hosting.host_embeddings(cloud, bucket, topics)
    hosting.host_embeddings(cloud, bucket, topics)  # again: what is there stays
    return topics


@pytest.fixture(scope="module")
def real_time(client: Client) -> list[list[float]]:
    """The vectors of the real-time endpoint."""
    answer = client("sagemaker-runtime").invoke_endpoint(EndpointName="now-tei", Body=json.dumps({"inputs": TEXTS}))
    vectors: list[list[float]] = json.loads(answer["Body"].read())
    return vectors


def eventually(look: Callable[[], Found | None]) -> Found:
    deadline = time.monotonic() + 30
    while (found := look()) is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def queue(client: Client, name: str) -> tuple[str, str]:
    """Address and ARN of a queue that everybody may write to."""
    sqs, everybody = client("sqs"), {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everybody]})
    url = sqs.create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def bodies(client: Client, url: str) -> Callable[[], list[Any] | None]:
    """What is in the queue, each time one more look."""

    def look() -> list[Any] | None:
        messages = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages")
        return [json.loads(message["Body"]) for message in messages] if messages else None

    return look


def read(client: Client, address: str) -> bytes:
    bucket, _, key = address.removeprefix("s3://").partition("/")
    content: bytes = client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return content


def test_an_asynchronous_endpoint_gives_the_same_vectors(
    client: Client, hosted: tuple[str, str], bucket: str, real_time: list[list[float]]
) -> None:
    """Promise 31, by the message that came over the emulator's topic into its queue."""
    url, arn = queue(client, "answered")
    client("sns").subscribe(TopicArn=hosted[0], Protocol="sqs", Endpoint=arn)
    client("s3").put_object(Bucket=bucket, Key="in/one.json", Body=json.dumps({"inputs": TEXTS}))

    answer = client("sagemaker-runtime").invoke_endpoint_async(
        EndpointName=hosting.ASYNC_ENDPOINT, InputLocation=f"s3://{bucket}/in/one.json", InferenceId="ticket-1"
    )

    [body] = eventually(bodies(client, url))
    message = json.loads(body["Message"])
    assert (message["inferenceId"], message["invocationStatus"]) == ("ticket-1", "Completed")
    assert message["responseParameters"]["outputLocation"] == answer["OutputLocation"]
    assert json.loads(read(client, answer["OutputLocation"])) == real_time


def test_batch_transform_gives_the_same_vectors(
    client: Client, hosted: tuple[str, str], bucket: str, real_time: list[list[float]]
) -> None:
    """Promise 31, by the event that came over the emulator's bus into its queue."""
    url = events_of(client, "aws.sagemaker", "transformed")
    client("s3").put_object(Bucket=bucket, Key="transform/1.jsonl", Body=json.dumps({"inputs": TEXTS}) + "\n")

    client("sagemaker").create_transform_job(
        TransformJobName="one",
        ModelName=hosting.MODEL,
        BatchStrategy="SingleRecord",
        TransformInput={
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/transform/"}},
            "ContentType": "application/json",
            "SplitType": "Line",
        },
        TransformOutput={"S3OutputPath": f"s3://{bucket}/transformed", "AssembleWith": "Line"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )

    assert ends(client, url, "TransformJobStatus") == "Completed"
    assert json.loads(read(client, f"s3://{bucket}/transformed/1.jsonl.out")) == real_time


def test_bedrock_batch_gives_the_same_vectors(client: Client, cloud: DevstackSettings, bucket: str) -> None:
    """Promise 31, by the event that came over the emulator's bus into its queue."""
    address = f"{Endpoints.of(cloud).models_url}/_control/bedrock"
    httpx.put(address, json={"least_records": 1}, trust_env=False).raise_for_status()
    url = events_of(client, "aws.bedrock", "batches")
    asked = [{"recordId": f"r{number}", "modelInput": {"inputText": text}} for number, text in enumerate(TEXTS)]
    lines = "".join(json.dumps(record) + "\n" for record in asked)
    client("s3").put_object(Bucket=bucket, Key="batch/1.jsonl", Body=lines)

    arn = client("bedrock").create_model_invocation_job(
        jobName="one",
        roleArn=hosting.ROLE,
        modelId="amazon.titan-embed-text-v2:0",
        inputDataConfig={"s3InputDataConfig": {"s3Uri": f"s3://{bucket}/batch/"}},
        outputDataConfig={"s3OutputDataConfig": {"s3Uri": f"s3://{bucket}/answered/"}},
    )["jobArn"]

    assert ends(client, url, "status") == "Completed"
    output = read(client, f"s3://{bucket}/answered/{arn.rpartition('/')[2]}/1.jsonl.out")
    found = {line["recordId"]: line["modelOutput"] for line in map(json.loads, output.splitlines())}
    for record in asked:
        body = json.dumps(record["modelInput"])
        now = client("bedrock-runtime").invoke_model(modelId="amazon.titan-embed-text-v2:0", body=body)
        assert found[str(record["recordId"])] == json.loads(now["body"].read())


def events_of(client: Client, source: str, name: str) -> str:
    """Address of a queue that gets every event of a service."""
    url, arn = queue(client, name)
    events = client("events")
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [source]}))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    return url


def ends(client: Client, url: str, member: str) -> str:
    """The status that the last event of a job has."""

    def look() -> str | None:
        told = [event["detail"][member] for event in bodies(client, url)() or []]
        return next((status for status in told if status in ("Completed", "Failed")), None)

    return eventually(look)


def test_a_question_does_not_wait_behind_jobs(client: Client, cloud: DevstackSettings, bucket: str) -> None:
    """Promise 34: questions keep their pace while a batch job embeds a backlog."""
    address = f"{Endpoints.of(cloud).models_url}/_control/bedrock"
    httpx.put(address, json={"least_records": 1}, trust_env=False).raise_for_status()
    text = "The pump failed in the night and was repaired in the morning. " * 12
    lines = "".join(json.dumps({"modelInput": {"inputText": f"{number} {text}"}}) + "\n" for number in range(600))
    client("s3").put_object(Bucket=bucket, Key="backlog/1.jsonl", Body=lines)
    runtime, bedrock = client("bedrock-runtime"), client("bedrock")
    question = {"modelId": "amazon.titan-embed-text-v2:0", "body": json.dumps({"inputText": "Why did the pump fail?"})}

    def median_seconds() -> float:
        took = []
        for _ in range(25):
            began = time.monotonic()
            runtime.invoke_model(**question)
            took.append(time.monotonic() - began)
        return sorted(took)[12]

    runtime.invoke_model(**question)
    alone = median_seconds()
    arn = bedrock.create_model_invocation_job(
        jobName="backlog",
        roleArn=hosting.ROLE,
        modelId="amazon.titan-embed-text-v2:0",
        inputDataConfig={"s3InputDataConfig": {"s3Uri": f"s3://{bucket}/backlog/"}},
        outputDataConfig={"s3OutputDataConfig": {"s3Uri": f"s3://{bucket}/answered/"}},
    )["jobArn"]
    eventually(lambda: bedrock.get_model_invocation_job(jobIdentifier=arn)["processedRecordCount"] or None)
    beside = median_seconds()

    assert bedrock.get_model_invocation_job(jobIdentifier=arn)["status"] == "InProgress"
    bedrock.stop_model_invocation_job(jobIdentifier=arn)
    # One run of a text of the backlog may be ahead of a question on its core, not the backlog.
    assert beside < alone + 0.2
