"""Documents go to the model on three ways on the deployed stack, each by its size and by what waits behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import boto3
import httpx
import pytest

from benchmarks import jobs_of_models
from benchmarks.deployed_settings import settings_of
from devstack import hosting
from devstack.settings import Endpoints
from docqa.adapters.s3 import S3ObjectStore
from docqa.domain.artifacts import GenerationArtifacts
from docqa.domain.spans import chunk_spans
from docqa.models.document import DocumentReference
from docqa.models.search_index import SearchIndex
from docqa.services.ingestion.storage import load_chunks, load_source
from docqa.services.ingestion.vectors import embedded_texts, unpack, vectors_name, vectors_prefix
from tests.e2e.stack.cloud import Cloud, Person, eventually

FEW, MANY = 3, 30
IN_BATCHES = "amazon.titan-embed-text-v2:0"
# Bedrock takes no fewer than a hundred in a job, unless the account's quota says otherwise: here it does.
LEAST_IN_BATCH, ENOUGH_FOR_BATCH = 10, 12
SAME_COSINE = 0.985
BOUNDARIES = {"REALTIME_PASSAGES": "8", "BATCH_PASSAGES": "1000000", "BATCH_DOCUMENTS": "3"}


def text_of(name: str, passages: int) -> bytes:
    """About so many passages of some 900 characters."""
    paragraph = "The {name} of section {number} is inspected by crew {number} on every shift and logged by hand. "
    return "\n\n".join((paragraph.format(name=name, number=n) * 9) for n in range(passages)).encode()


@pytest.fixture(scope="module")
def hosted(cloud: Cloud) -> None:
    """An asynchronous endpoint that answers into the stack's bucket, and a model for batch transform."""
    topics = hosting.make_topics(cloud.settings)
    hosting.host_embeddings(cloud.settings, cloud.stack.output("WorkBucketName"), topics)


@pytest.fixture
def routed(cloud: Cloud, hosted: None) -> Iterator[None]:
    """The functions that have to do with jobs, told of them."""
    with jobs_of_models.routed(cloud.stack, 3, **BOUNDARIES):
        yield


@pytest.fixture
def on_bedrock(cloud: Cloud) -> Iterator[None]:
    """The same functions, with batch jobs of Bedrock as the only other way.

    The stack's model is none that Bedrock has in batches. Locally the other one is the same model.
    """
    job = {
        "EMBEDDING_BATCH_ROLE_ARN": "arn:aws:iam::000000000000:role/docqa-batch-inference",
        "BATCH_LEAST_RECORDS": str(LEAST_IN_BATCH),
    }
    own = {
        "ChunkDocumentFunction": {"REALTIME_PASSAGES": "8", "BATCH_PASSAGES": str(LEAST_IN_BATCH)},
        "RequestVectorsFunction": {"BATCH_GATHER_SECONDS": "0"},
        "AdvanceInferenceFunction": {"BATCH_GATHER_SECONDS": "0", "EMBEDDING_MODEL": IN_BATCHES},
    }
    with ExitStack() as stacked:
        for function, settings in own.items():
            stacked.enter_context(settings_of(cloud.stack, function, **job, **settings))
        control = f"{Endpoints.of(cloud.settings).models_url}/_control/bedrock"
        httpx.put(control, json={"least_records": LEAST_IN_BATCH}, trust_env=False).raise_for_status()
        yield
        httpx.put(control, json={}, trust_env=False).raise_for_status()  # as it was when the server started


def wait(cloud: Cloud, document_id: str) -> None:
    def ended() -> bool:
        jobs_of_models.look_at_jobs(cloud.stack)
        item = cloud.item(document_id)
        return item is not None and item["status"]["S"] in {"INDEXED", "FAILED"}

    eventually(ended, f"{document_id} ends")
    item = cloud.item(document_id)
    assert item is not None
    assert item["status"]["S"] == "INDEXED"


def shown(person: Person, document_id: str) -> dict[str, Any]:
    body: dict[str, Any] = person.show(document_id).json()
    return body


def vectors(cloud: Cloud, key: str, document_id: str, chunks: int) -> tuple[list[str], list[tuple[float, ...]]]:
    """What was embedded of a document, and its vectors as they were kept."""
    work = S3ObjectStore(cloud.client("s3"), cloud.stack.output("WorkBucketName"))
    reference = DocumentReference(
        document_id=document_id, generation=1, attempt=1, tenant="acme", bucket=cloud.bucket, key=key, version_id="-"
    )
    source = load_source(work, reference)
    item = cloud.client("dynamodb").get_item(
        TableName=cloud.stack.output("DocumentsTableName"),
        Key={"document_id": {"S": "configuration"}, "item": {"S": "index"}},
    )["Item"]
    index = SearchIndex(item["index"]["S"], item["embedding_model"]["S"], int(item["dimensions"]["N"]))
    texts, found = list[str](), list[tuple[float, ...]]()
    for span in chunk_spans(chunks):
        spans_texts = embedded_texts(source, load_chunks(work, reference, span))
        texts += spans_texts
        found += unpack(
            work.read(vectors_prefix("acme", source, index) + vectors_name(span, spans_texts)), index.dimensions
        )
    assert work.exists(GenerationArtifacts(reference).source)
    return texts, found


def assert_equal(kept: list[tuple[float, ...]], again: list[list[float]]) -> None:
    """Vectors of length 1. The small local model is quantised: what a text is embedded beside shifts it a little."""
    for mine, other in zip(kept, again, strict=True):
        assert sum(a * b for a, b in zip(mine, other, strict=True)) > SAME_COSINE


def direct(cloud: Cloud, texts: list[str]) -> list[list[float]]:
    """The same texts, embedded in real time."""
    from docqa.adapters.bedrock_embeddings import CohereEmbeddings

    runtime = models(cloud, "bedrock-runtime")
    return CohereEmbeddings(runtime, "cohere.embed-english-v3", 384).embed_documents(texts)


def models(cloud: Cloud, service: str) -> Any:
    """A client of the model server."""
    return boto3.client(
        service,
        endpoint_url=Endpoints.of(cloud.settings).models_url,
        region_name=cloud.stack.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@pytest.mark.usefixtures("routed")
def test_a_small_document_goes_at_once_and_a_large_one_to_the_asynchronous_endpoint(cloud: Cloud, ann: Person) -> None:
    """Promise 31: the same vectors, each visible in the status with its reason."""
    sent = {"acme/routes/small.txt": FEW, "acme/routes/large.txt": MANY}
    ids = {key: cloud.drop(key, text_of(key, passages), ["staff"]) for key, passages in sent.items()}
    for document_id in ids.values():
        wait(cloud, document_id)

    routes = {key: shown(ann, document_id) for key, document_id in ids.items()}
    assert routes["acme/routes/small.txt"]["route"] == "realtime"
    assert routes["acme/routes/large.txt"]["route"] == "asynchronous"
    assert "at most 8 go at once" in routes["acme/routes/large.txt"]["route_reason"]
    for key, view in routes.items():
        texts, kept = vectors(cloud, key, ids[key], view["chunks"])
        assert_equal(kept, direct(cloud, texts))
        assert view["usage"]["embedded_texts"] == view["chunks"]


@pytest.mark.usefixtures("routed")
def test_a_folder_goes_by_batch(cloud: Cloud, ann: Person) -> None:
    """Promises 31, 33: what waits behind others is embedded together."""
    with settings_of(cloud.stack, "DispatchDocumentsFunction", INGEST_CAPACITY="1"):
        ids = {
            key: cloud.drop(key, text_of(key, FEW), ["staff"])
            for key in (f"acme/folder/part-{number:02d}.txt" for number in range(10))
        }
        for document_id in ids.values():
            wait(cloud, document_id)

    views = {key: shown(ann, document_id) for key, document_id in ids.items()}
    batched = [key for key, view in views.items() if view["route"] == "batch"]
    assert len(batched) >= 4, {key: view["route"] for key, view in views.items()}
    assert all("wait behind it" in views[key]["route_reason"] for key in batched)
    texts, kept = vectors(cloud, batched[0], ids[batched[0]], views[batched[0]]["chunks"])
    assert_equal(kept, direct(cloud, texts))
    left = cloud.client("s3").list_objects_v2(Bucket=cloud.stack.output("WorkBucketName"), Prefix="acme/inference/")
    assert left["KeyCount"] == 0, "nothing of a job is left"


@pytest.mark.usefixtures("on_bedrock")
def test_a_long_document_goes_by_bedrocks_batch_inference(cloud: Cloud, ann: Person) -> None:
    """Promises 31, 33: a batch by itself, whose answers come in any order; half the price."""
    key = "acme/routes/bedrock.txt"
    document_id = cloud.drop(key, text_of("bridge", ENOUGH_FOR_BATCH), ["staff"])
    wait(cloud, document_id)

    view = shown(ann, document_id)
    assert (view["route"], view["usage"]["embedded_texts"]) == ("batch", view["chunks"])
    assert f"from {LEAST_IN_BATCH} on it is a batch" in view["route_reason"]
    (job,) = models(cloud, "bedrock").list_model_invocation_jobs()["invocationJobSummaries"]
    assert (job["modelId"].rpartition("/")[2], job["status"]) == (IN_BATCHES, "Completed")
    texts, kept = vectors(cloud, key, document_id, view["chunks"])
    assert_equal(kept, direct(cloud, texts))
