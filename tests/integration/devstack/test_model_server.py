"""The real model server with its real models, called by boto3 as the functions call it."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from PIL import Image, ImageDraw, ImageFont

from devstack import control
from devstack.settings import DevstackSettings, Endpoints

Client = Callable[[str], Any]
CREDENTIALS = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    """A model server of its own, beside an emulator of its own."""
    settings = DevstackSettings(
        state_dir=tmp_path_factory.mktemp("devstack"),
        emulator_port=control.free_port(),
        models_port=control.free_port(),
    )
    yield control.up(settings, only=("emulator", "models"))
    control.down(settings)


@pytest.fixture
def control_textract(urls: Endpoints) -> Iterator[Callable[..., dict[str, Any]]]:
    """Sets how Textract behaves; at the end it is told to behave as at the start."""
    address = f"{urls.models_url}/_control/textract"

    def put(**settings: Any) -> dict[str, Any]:
        answer: dict[str, Any] = httpx.put(address, json=settings, trust_env=False).json()
        return answer

    yield put
    put()


@pytest.fixture(scope="module")
def client(urls: Endpoints) -> Client:
    """Clients of its services."""
    return lambda name: boto3.client(
        name,  # type: ignore[call-overload]  # one function for all services
        endpoint_url=urls.emulator_url if name == "s3" else urls.models_url,
        **CREDENTIALS,
    )


def embed(client: Client, text: str, kind: str) -> list[float]:
    body = json.dumps({"texts": [text], "input_type": kind})
    answer = client("bedrock-runtime").invoke_model(modelId="cohere.embed-english-v3", body=body)
    vector: list[float] = json.loads(answer["body"].read())["embeddings"][0]
    return vector


def likeness(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_a_question_is_nearer_to_its_answer_than_to_something_else(client: Client) -> None:
    question = embed(client, "How long is the warranty?", "search_query")
    answer = embed(client, "The manufacturer guarantees the device for 24 months.", "search_document")
    other = embed(client, "The recipe needs three eggs and some flour.", "search_document")
    assert likeness(question, question) == pytest.approx(1, abs=1e-3)
    assert likeness(question, answer) > likeness(question, other) + 0.1


def test_titan_and_tei_give_the_same_vector(client: Client) -> None:
    titan = client("bedrock-runtime").invoke_model(
        modelId="amazon.titan-embed-text-v2:0", body=json.dumps({"inputText": "warranty"})
    )
    tei = client("sagemaker-runtime").invoke_endpoint(EndpointName="e-tei", Body=json.dumps({"inputs": "warranty"}))
    assert json.loads(titan["body"].read())["embedding"] == pytest.approx(json.loads(tei["Body"].read())[0], abs=1e-5)


def test_converse_answers_from_what_it_was_told(client: Client) -> None:
    question = "The warranty of the pump lasts 24 months. How many months does the warranty last?"
    answer = client("bedrock-runtime").converse(
        modelId="amazon.nova-lite-v1:0",
        messages=[{"role": "user", "content": [{"text": question}]}],
        inferenceConfig={"maxTokens": 30, "temperature": 0},
    )
    assert "24" in answer["output"]["message"]["content"][0]["text"]
    assert answer["stopReason"] in ("end_turn", "max_tokens")
    assert answer["usage"]["totalTokens"] == answer["usage"]["inputTokens"] + answer["usage"]["outputTokens"]


def test_boto3_raises_the_services_own_exceptions(client: Client) -> None:
    bedrock, textract, sagemaker = client("bedrock-runtime"), client("textract"), client("sagemaker-runtime")
    with pytest.raises(bedrock.exceptions.ValidationException):
        bedrock.invoke_model(modelId="amazon.titan-embed-text-v2:0", body=json.dumps({"inputText": ""}))
    with pytest.raises(textract.exceptions.InvalidJobIdException):
        textract.get_document_text_detection(JobId="nobody")
    with pytest.raises(sagemaker.exceptions.ModelError) as caught:
        sagemaker.invoke_endpoint(EndpointName="e-tei", Body=b"{}")
    assert caught.value.response["OriginalStatusCode"] == 422


def test_textract_reads_a_word_on_a_scanned_page(client: Client) -> None:
    s3, textract = client("s3"), client("textract")
    s3.create_bucket(Bucket="scans")
    s3.put_object(Bucket="scans", Key="page.pdf", Body=scanned_page("Warranty certificate"))
    job = textract.start_document_text_detection(
        DocumentLocation={"S3Object": {"Bucket": "scans", "Name": "page.pdf"}}
    )["JobId"]

    deadline = time.monotonic() + 60
    while (result := textract.get_document_text_detection(JobId=job))["JobStatus"] == "IN_PROGRESS":
        assert time.monotonic() < deadline
        time.sleep(0.1)

    assert result["JobStatus"] == "SUCCEEDED"
    words = [block["Text"] for block in result["Blocks"] if block["BlockType"] == "WORD"]
    assert words == ["Warranty", "certificate"]


def test_textract_replays_a_recording_and_keeps_the_quota_it_was_told(
    client: Client, control_textract: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    s3, textract = client("s3"), client("textract")
    s3.create_bucket(Bucket="replayed")
    s3.put_object(Bucket="replayed", Key="page.pdf", Body=scanned_page("Another text"))
    (tmp_path / "page.json").write_text(json.dumps({"Blocks": RECORDED}))
    document = {"S3Object": {"Bucket": "replayed", "Name": "page.pdf"}}

    control_textract(replay=str(tmp_path), jobs_at_once=1, job_seconds=1.5)
    job = textract.start_document_analysis(DocumentLocation=document, FeatureTypes=["TABLES"])["JobId"]
    with pytest.raises(textract.exceptions.LimitExceededException):
        textract.start_document_text_detection(DocumentLocation=document)
    while (result := textract.get_document_analysis(JobId=job))["JobStatus"] == "IN_PROGRESS":
        time.sleep(0.1)

    assert [(block["BlockType"], block.get("Text")) for block in result["Blocks"]] == [
        ("PAGE", None),
        ("LINE", "Total 12.50"),
        ("TABLE", None),
    ]
    counted = control_textract()
    assert counted["settings"]["jobs_at_once"] is None  # naming nothing goes back to the start's settings
    assert counted["starts"] == 0


def test_settings_that_make_no_sense_are_refused_with_a_reason(
    control_textract: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    assert "fault_share" in control_textract(fault_share=2)["message"]
    assert "holds no recorded response" in control_textract(replay=str(tmp_path))["message"]


def test_hashed_vectors_take_the_model_s_place_for_a_while(client: Client, urls: Endpoints) -> None:
    address = f"{urls.models_url}/_control/embedding"
    real = embed(client, "warranty", "search_document")

    assert httpx.put(address, json={"model": "hashed"}, trust_env=False).status_code == 200
    hashed = embed(client, "warranty", "search_document")
    assert httpx.put(address, json={"model": "real"}, trust_env=False).status_code == 200

    assert len(hashed) == len(real)
    assert likeness(hashed, real) < 0.5
    assert embed(client, "warranty", "search_document") == real
    assert httpx.put(address, json={"model": "better"}, trust_env=False).status_code == 400


def test_a_question_does_not_wait_behind_documents(client: Client) -> None:
    """Promise 34: what is asked keeps its pace while documents are embedded."""
    bedrock, texts = client("bedrock-runtime"), [f"Chunk {number}. " + "The pump failed. " * 15 for number in range(96)]
    body = json.dumps({"texts": texts, "input_type": "search_document", "truncate": "END"})
    question = json.dumps({"texts": ["Why did the pump fail?"], "input_type": "search_query"})
    once = Config(retries={"total_max_attempts": 1}, read_timeout=120)
    documents = boto3.client("bedrock-runtime", endpoint_url=bedrock.meta.endpoint_url, config=once, **CREDENTIALS)

    def embed_chunks() -> str:
        try:
            documents.invoke_model(modelId="cohere.embed-english-v3", body=body)
        except documents.exceptions.ThrottlingException:
            return "refused"
        return "done"

    with ThreadPoolExecutor(8) as pool:
        outcomes = [pool.submit(embed_chunks) for _ in range(8)]
        time.sleep(0.3)
        bedrock.invoke_model(modelId="cohere.embed-english-v3", body=question)
        unfinished = [outcome for outcome in outcomes if not outcome.done()]

    assert unfinished != []
    # How many are too many depends on the machine: tests/unit/devstack/test_pace.py has the rule.
    assert "done" in {outcome.result() for outcome in outcomes} <= {"done", "refused"}


RECORDED = [
    {"BlockType": "PAGE", "Id": "p", "Relationships": [{"Type": "CHILD", "Ids": ["l", "t"]}]},
    {"BlockType": "LINE", "Id": "l", "Text": "Total 12.50", "Confidence": 99.0},
    {"BlockType": "TABLE", "Id": "t", "Confidence": 98.0},
    {"BlockType": "LAYOUT_TABLE", "Id": "y", "Confidence": 98.0},
]


def scanned_page(text: str) -> bytes:
    """A PDF that holds only a picture of this text."""
    page = Image.new("RGB", (1240, 600), "white")
    ImageDraw.Draw(page).text((120, 200), text, "black", ImageFont.load_default(60))
    content = io.BytesIO()
    page.save(content, "PDF", resolution=150)
    return content.getvalue()
