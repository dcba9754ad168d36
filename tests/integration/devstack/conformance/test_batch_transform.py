"""Batch transform: each test quotes the sentence of AWS's documentation that it holds the server to."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.devstack.conformance.hosted import Hosted
from tests.integration.devstack.conformance.local_server import LocalServer, eventually


def lines(*bodies: object) -> str:
    return "".join(json.dumps(body) + "\n" for body in bodies)


def ask(*texts: str) -> str:
    """A line for each text: one call of a TEI container."""
    return lines(*({"inputs": [text]} for text in texts))


def lengths(output: bytes | None) -> list[list[int]]:
    """Of each line the vectors, each as what the fake model saw: the length of a text."""
    assert output is not None
    return [[vector.index(1.0) for vector in json.loads(line)] for line in output.splitlines()]


def code(act: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as caught:
        act(**request)
    return str(caught.value.response["Error"]["Code"])


@pytest.fixture
def two_files(hosted: Hosted) -> Hosted:
    hosted.model()
    hosted.server.put("in/1.jsonl", ask("a", "bb", "ccc"))
    hosted.server.put("in/more/2.jsonl", ask("dddd"))
    return hosted


def test_each_file_has_its_output_in_the_order_of_its_records(two_files: Hosted) -> None:
    """ "If the batch transform job successfully processes all of the records in an input file, it creates an output
    file with the same name and the .out file extension." and "The predictions in an output file are listed in the same
    order as the corresponding records in the input file." (Developer guide, batch-transform)
    """
    described = two_files.ended(two_files.transform())

    assert described["TransformJobStatus"] == "Completed"
    assert described["CreationTime"] <= described["TransformStartTime"] <= described["TransformEndTime"]
    assert two_files.server.below("out/") == ["out/1.jsonl.out", "out/more/2.jsonl.out"]
    assert lengths(two_files.server.read("s3://work/out/1.jsonl.out")) == [[1], [2], [3]]


def test_a_prefix_without_a_slash_keeps_its_last_part_in_the_output(two_files: Hosted) -> None:
    """ "If you choose S3Prefix, S3Uri identifies a key name prefix. Amazon SageMaker uses all objects with the
    specified key name prefix for batch transform." and "batch transform stores the transformed data at
    s3://bucket-name/output-name-prefix/input-name-prefix/data.csv.out" (API reference, S3DataType and S3OutputPath)
    """
    two_files.server.put("in-another.jsonl", ask("e"))
    two_files.ended(two_files.transform(uri="s3://work/in"))
    assert two_files.server.below("out/") == [
        "out/in-another.jsonl.out",
        "out/in/1.jsonl.out",
        "out/in/more/2.jsonl.out",
    ]


def test_a_manifest_lists_the_files(two_files: Hosted) -> None:
    """ "If you choose ManifestFile, S3Uri identifies an object that is a manifest file containing a list of object keys
    that you want Amazon SageMaker to use for batch transform." (API reference, S3DataType)
    """
    manifest = two_files.server.put("the.manifest", [{"prefix": "s3://work/in/"}, "more/2.jsonl"])
    described = two_files.ended(two_files.transform(data_type="ManifestFile", uri=manifest))
    assert described["TransformJobStatus"] == "Completed"
    assert two_files.server.below("out/") == ["out/more/2.jsonl.out"]


def test_without_splitting_a_file_is_one_request(hosted: Hosted) -> None:
    """ "The default value for SplitType is None, which indicates that input data files are not split, and request
    payloads contain the entire contents of an input object." (API reference, SplitType)
    """
    hosted.model()
    hosted.server.put("in/whole.json", json.dumps({"inputs": ["a", "bb"]}, indent=2))
    hosted.ended(hosted.transform(split="None", BatchStrategy=None, assemble="None"))
    assert lengths(hosted.server.read("s3://work/out/whole.json.out")) == [[1, 2]]


@pytest.mark.parametrize(("strategy", "calls"), [("SingleRecord", 4), ("MultiRecord", 2)])
def test_the_strategy_says_how_many_records_are_in_a_request(hosted: Hosted, strategy: str, calls: int) -> None:
    """ "To use only one record when making an HTTP invocation request to a container, set BatchStrategy to SingleRecord
    and SplitType to Line. To fit as many records in a mini-batch as can fit within the MaxPayloadInMB limit, set
    BatchStrategy to MultiRecord and SplitType to Line." (API reference, BatchStrategy)
    """
    hosted.model(image="huggingface-pytorch-inference:2.6", Environment={"SAGEMAKER_PROGRAM": "inference.py"})
    half = "x" * (300 * 1024)  # three of them fit into a megabyte
    hosted.server.put("in/1.jsonl", ask(*(half + "y" * number for number in range(4))))

    hosted.ended(hosted.transform(BatchStrategy=strategy, MaxPayloadInMB=1, content_type="application/jsonlines"))

    first = len(half) % 384
    assert lengths(hosted.server.read("s3://work/out/1.jsonl.out")) == [[first + number] for number in range(4)]
    assert hosted.server.counts("sagemaker")["mini_batches"] == calls


def test_a_container_gets_the_lines_of_a_mini_batch_as_they_are(two_files: Hosted) -> None:
    """ "When the value of BatchStrategy is MultiRecord, Amazon SageMaker sends the maximum number of records in each
    request, up to the MaxPayloadInMB limit." (API reference, SplitType): a container that takes one JSON object a
    request, as TEI does, refuses several.
    """
    assert two_files.ended(two_files.transform(BatchStrategy="MultiRecord"))["TransformJobStatus"] == "Failed"
    assert two_files.server.below("out/") == ["out/more/2.jsonl.out"]  # of one record


def test_results_are_joined_as_asked(two_files: Hosted) -> None:
    """ "To concatenate the results in binary format, specify None. To add a newline character at the end of every
    transformed record, specify Line." (API reference, AssembleWith)
    """
    two_files.ended(two_files.transform("lines"))
    assert (two_files.server.read("s3://work/out/1.jsonl.out") or b"").count(b"]]\n") == 3
    two_files.ended(two_files.transform("binary", assemble="None"))
    assert (two_files.server.read("s3://work/out/1.jsonl.out") or b"").count(b"]][[") == 2


def test_compressed_input_is_decompressed(hosted: Hosted) -> None:
    """ "If your transform data is compressed, specify the compression type. Amazon SageMaker automatically decompresses
    the data for the transform job accordingly." (API reference, CompressionType)
    """
    hosted.model()
    hosted.server.put("in/1.jsonl.gz", gzip.compress(ask("a", "bb").encode()))
    hosted.ended(hosted.transform(compression="Gzip"))
    assert lengths(hosted.server.read("s3://work/out/1.jsonl.gz.out")) == [[1], [2]]


def test_a_bad_record_loses_its_file_and_fails_the_job_but_no_other_file(two_files: Hosted) -> None:
    """ "If an input file contains a bad record, the transform job doesn't create an output file for that input file
    because doing so prevents it from maintaining the same order in the transformed data as in the input file. When your
    dataset has multiple input files, a transform job continues to process input files even if it fails to process one.
    The processed files still generate useable results." and "SageMaker marks the job as failed." (Developer guide,
    batch-transform-errors) Promise 33: what is missing is a file.
    """
    two_files.server.put("in/1.jsonl", ask("a") + lines({"inputs": []}) + ask("ccc"))

    described = two_files.ended(two_files.transform())

    assert described["TransformJobStatus"] == "Failed"
    assert described["FailureReason"] == "ClientError: See job logs for more information"
    assert two_files.server.below("out/") == ["out/more/2.jsonl.out"]


def test_a_record_above_the_payload_loses_its_file(two_files: Hosted) -> None:
    """ "Exceeding the MaxPayloadInMB limit causes an error. This might happen with a large dataset if it can't be
    split, the SplitType parameter is set to none, or individual records within the dataset exceed the limit."
    (Developer guide, batch-transform-errors)
    """
    two_files.server.put("in/1.jsonl", ask("x" * (1024 * 1024)))
    assert two_files.ended(two_files.transform(MaxPayloadInMB=1))["TransformJobStatus"] == "Failed"
    assert two_files.server.below("out/") == ["out/more/2.jsonl.out"]


def test_payloads_side_by_side_have_a_limit(two_files: Hosted) -> None:
    """ "If you specify the MaxConcurrentTransforms parameter, the value of (MaxConcurrentTransforms * MaxPayloadInMB)
    also cannot exceed 100 MB." and "To enable the batch strategy, you must set the SplitType property to Line,
    RecordIO, or TFRecord." (API reference, MaxPayloadInMB and BatchStrategy)
    """
    assert code(two_files.transform, MaxPayloadInMB=6, MaxConcurrentTransforms=17) == "ValidationException"
    assert code(two_files.transform, split="None", BatchStrategy="MultiRecord") == "ValidationException"


def test_a_name_is_taken_for_ever(two_files: Hosted) -> None:
    """ "The name must be unique within an Amazon Web Services Region in an Amazon Web Services account." (API
    reference, TransformJobName; ResourceInUse)
    """
    two_files.ended(two_files.transform("once"))
    assert code(two_files.transform, name="once") == "ResourceInUse"
    two_files.server.stop()
    two_files.server.start()
    assert code(two_files.transform, name="once") == "ResourceInUse"


def test_model_and_job_must_be_there(hosted: Hosted) -> None:
    """ "ModelName must be the name of an existing Amazon SageMaker model in the same Amazon Web Services Region and
    Amazon Web Services account." (API reference, CreateTransformJob)
    """
    assert code(hosted.transform, model="nothing") == "ValidationException"
    assert code(hosted.control.describe_transform_job, TransformJobName="nobody") == "ValidationException"
    assert code(hosted.control.stop_transform_job, TransformJobName="nobody") == "ValidationException"


def test_a_job_without_input_fails(hosted: Hosted) -> None:
    """ "S3Uri: Depending on the value specified for the S3DataType, identifies either a key name prefix or a manifest."
    (API reference): one that identifies nothing fails the job.
    """
    described = hosted.ended(hosted.transform(model=hosted.model()))
    assert described["TransformJobStatus"] == "Failed"
    assert "No S3 objects found" in described["FailureReason"]


def test_a_job_that_is_stopped_stores_nothing(two_files: Hosted) -> None:
    """ "When Amazon SageMaker receives a StopTransformJob request, the status of the job changes to Stopping. After
    Amazon SageMaker stops the job, the status is set to Stopped. When you stop a batch transform job before it is
    completed, Amazon SageMaker doesn't store the job's output in Amazon S3." (API reference, StopTransformJob)
    """
    two_files.server.behave("sagemaker", transform_seconds=60)
    job = two_files.transform()
    assert two_files.control.describe_transform_job(TransformJobName=job)["TransformJobStatus"] == "InProgress"

    two_files.control.stop_transform_job(TransformJobName=job)

    assert two_files.ended(job)["TransformJobStatus"] == "Stopped"
    assert two_files.server.below("out/") == []
    assert code(two_files.control.stop_transform_job, TransformJobName=job) == "ValidationException"
    assert statuses(two_files.server) == ["InProgress", "Stopping", "Stopped"]


def test_every_change_of_status_is_an_event(two_files: Hosted) -> None:
    """ "Indicates a change in the status of a SageMaker batch transform job.", SageMaker Transform Job State Change,
    with the members of DescribeTransformJob. (Developer guide, automating-sagemaker-with-eventbridge)
    """
    job = two_files.transform()
    two_files.ended(job)
    assert statuses(two_files.server) == ["InProgress", "Completed"]

    source, detail_type, resource, detail = two_files.server.bus.events[-1]

    assert (source, detail_type) == ("aws.sagemaker", "SageMaker Transform Job State Change")
    assert resource == detail["TransformJobArn"] == f"arn:aws:sagemaker:us-east-1:000000000000:transform-job/{job}"
    assert (detail["TransformJobName"], detail["ModelName"]) == (job, "bge")
    assert detail["TransformOutput"]["S3OutputPath"] == "s3://work/out"
    assert detail["TransformEndTime"].endswith("Z")


def statuses(server: LocalServer) -> list[str]:
    """Those that were told, once the last one is an end."""
    ends = ("Completed", "Failed", "Stopped")

    def look() -> list[str] | None:
        told = [detail["TransformJobStatus"] for _, _, _, detail in server.bus.events]
        return told if told and told[-1] in ends else None

    return eventually(look)


def test_jobs_are_listed_by_time_and_status(two_files: Hosted) -> None:
    """ "The field to sort results by. The default is CreationTime.", "The sort order for results. The default is
    Descending." and "If the response is truncated, Amazon SageMaker returns this token." (API reference,
    ListTransformJobs)
    """
    for number in range(3):
        two_files.ended(two_files.transform(f"job-{number}"))
    listed = two_files.control.list_transform_jobs

    first = listed(MaxResults=2)
    rest = listed(MaxResults=2, NextToken=first["NextToken"])

    names = [job["TransformJobName"] for page in (first, rest) for job in page["TransformJobSummaries"]]
    assert names == ["job-2", "job-1", "job-0"]
    assert "NextToken" not in rest
    assert listed(StatusEquals="Failed")["TransformJobSummaries"] == []
    assert len(listed(NameContains="-1")["TransformJobSummaries"]) == 1
    pages = two_files.control.get_paginator("list_transform_jobs").paginate(PaginationConfig={"PageSize": 1})
    assert sum(len(page["TransformJobSummaries"]) for page in pages) == 3


def test_a_limit_of_jobs_at_once(two_files: Hosted) -> None:
    """ "ResourceLimitExceeded: You have exceeded an SageMaker resource limit. For example, you might have too many
    training jobs created." (API reference, CreateTransformJob)
    """
    two_files.server.behave("sagemaker", transform_seconds=60, transform_jobs_at_once=1)
    first = two_files.transform("first")
    assert code(two_files.transform, name="second") == "ResourceLimitExceeded"

    two_files.server.behave("sagemaker", transform_jobs_at_once=1)
    two_files.ended(first)

    assert two_files.ended(two_files.transform("second"))["TransformJobStatus"] == "Completed"


def test_a_job_goes_on_after_a_restart(two_files: Hosted) -> None:
    """ "CreateTransformJob: Starts a transform job." (API reference): it runs until it ends, whoever is restarted."""
    two_files.server.behave("sagemaker", transform_seconds=60)
    job = two_files.transform()
    two_files.server.stop()
    two_files.server.start()
    assert two_files.ended(job)["TransformJobStatus"] == "Completed"
    assert two_files.server.below("out/") == ["out/1.jsonl.out", "out/more/2.jsonl.out"]


def test_what_is_not_offered_is_refused_and_not_ignored(two_files: Hosted) -> None:
    """Formats that the local containers do not speak: "Currently, the supported record formats are: RecordIO, TFRecord"
    (API reference, SplitType), and joining with DataProcessing.
    """
    assert code(two_files.transform, split="RecordIO") == "ValidationException"
    assert code(two_files.transform, DataProcessing={"JoinSource": "Input"}) == "ValidationException"
