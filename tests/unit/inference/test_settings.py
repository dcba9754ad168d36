"""Which jobs the settings give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from docqa.adapters.bedrock_batch import BedrockBatchJobs
from docqa.adapters.sagemaker_async import SageMakerAsyncJobs
from docqa.adapters.sagemaker_transform import SageMakerTransformJobs
from docqa.bootstrap import clients, inference, stores
from docqa.bootstrap.inference import ReplyJobSettings, VectorJobSettings, reply_jobs, vector_jobs
from docqa.config import load_settings
from docqa.errors import ConfigurationError
from docqa.models.inference import Prompt, Record, Route
from tests.fakes.bucket import VersionedBucket

SAGEMAKER = {
    "EMBEDDING_PROVIDER": "sagemaker",
    "EMBEDDING_MODEL": "embedder",
    "EMBEDDING_DIMENSIONS": "384",
    "EMBEDDING_FORMAT": "tei",
}
BEDROCK = {
    "EMBEDDING_PROVIDER": "bedrock",
    "EMBEDDING_MODEL": "eu.amazon.titan-embed-text-v2:0",
    "EMBEDDING_DIMENSIONS": "1024",
}
ROLE = "arn:aws:iam::123456789012:role/batch"


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Clients are made, and nothing is called."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    yield
    for made in (clients.client, stores.bucket, vector_jobs, reply_jobs):
        made.cache_clear()


def vectors(route: Route, **settings: str) -> Any:
    return vector_jobs(route, load_settings(VectorJobSettings, settings), "work")


def replies(route: Route, **settings: str) -> Any:
    return reply_jobs(route, load_settings(ReplyJobSettings, settings), "work")


@pytest.mark.parametrize("route", Route)
@pytest.mark.parametrize("provider", [SAGEMAKER, BEDROCK])
def test_a_route_that_is_not_configured_is_not_there(provider: dict[str, str], route: Route) -> None:
    assert vectors(route, **provider) is None


def test_each_setting_is_a_route() -> None:
    endpoint = vectors(Route.ASYNCHRONOUS, **SAGEMAKER, EMBEDDING_ASYNC_ENDPOINT="e")
    transform = vectors(Route.BATCH, **SAGEMAKER, EMBEDDING_TRANSFORM_MODEL="m", TRANSFORM_INSTANCE_TYPE="ml.m5.xlarge")
    batch = vectors(Route.BATCH, **BEDROCK, EMBEDDING_BATCH_ROLE_ARN=ROLE, BATCH_LEAST_RECORDS="10")

    assert isinstance(endpoint, SageMakerAsyncJobs)
    assert isinstance(transform, SageMakerTransformJobs)
    assert isinstance(batch, BedrockBatchJobs)
    assert (endpoint.route, transform.route, batch.route) == (Route.ASYNCHRONOUS, Route.BATCH, Route.BATCH)
    assert batch.limits.least_records == 10
    assert vectors(Route.REALTIME, **SAGEMAKER, EMBEDDING_ASYNC_ENDPOINT="e") is None
    assert vectors(Route.BATCH, **SAGEMAKER, EMBEDDING_ASYNC_ENDPOINT="e") is None


class Transforms:
    """SageMaker's control plane, which remembers what it was asked."""

    def __init__(self) -> None:
        self.instance_types: list[str] = []

    def create_transform_job(self, **request: Any) -> None:
        self.instance_types.append(request["TransformResources"]["InstanceType"])


def test_jobs_of_each_model_run_on_their_own_instances(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model's image was chosen for an instance type, and two models may have two."""
    service = Transforms()
    monkeypatch.setattr(inference, "client", lambda name: service)
    monkeypatch.setattr(inference, "bucket", VersionedBucket)
    embedding = {**SAGEMAKER, "EMBEDDING_TRANSFORM_MODEL": "m", "TRANSFORM_INSTANCE_TYPE": "ml.m5.xlarge"}
    chat = {"CHAT_PROVIDER": "sagemaker", "CHAT_TRANSFORM_MODEL": "m", "TRANSFORM_INSTANCE_TYPE": "ml.m5.xlarge"}
    prompt = Prompt((("user", "Why?"),), 10)

    vectors(Route.BATCH, **embedding).start("acme/inference/a/", [Record("1", "text")], "a")
    replies(Route.BATCH, **chat).start("acme/inference/b/", [Record("1", prompt)], "b")
    own = replies(Route.BATCH, **chat, CHAT_TRANSFORM_INSTANCE_TYPE="ml.g5.2xlarge")
    own.start("acme/inference/c/", [Record("1", prompt)], "c")

    assert service.instance_types == ["ml.m5.xlarge", "ml.m5.xlarge", "ml.g5.2xlarge"]


def test_chat_models_have_the_same_routes() -> None:
    sagemaker = {"CHAT_PROVIDER": "sagemaker", "CHAT_FORMAT": "tgi"}
    bedrock = {"CHAT_PROVIDER": "bedrock", "CHAT_MODEL": "amazon.nova-lite-v1:0"}

    assert isinstance(replies(Route.ASYNCHRONOUS, **sagemaker, CHAT_ASYNC_ENDPOINT="e"), SageMakerAsyncJobs)
    assert isinstance(
        replies(Route.BATCH, **sagemaker, CHAT_TRANSFORM_MODEL="m", TRANSFORM_INSTANCE_TYPE="ml.g5.xlarge"),
        SageMakerTransformJobs,
    )
    assert isinstance(replies(Route.BATCH, **bedrock, CHAT_BATCH_ROLE_ARN=ROLE), BedrockBatchJobs)
    assert replies(Route.BATCH, CHAT_PROVIDER="none") is None
    assert replies(Route.BATCH, **bedrock) is None


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (BEDROCK | {"EMBEDDING_ASYNC_ENDPOINT": "e"}, "EMBEDDING_ASYNC_ENDPOINT cannot be used with"),
        (BEDROCK | {"EMBEDDING_TRANSFORM_MODEL": "m"}, "EMBEDDING_TRANSFORM_MODEL cannot be used with"),
        (SAGEMAKER | {"EMBEDDING_BATCH_ROLE_ARN": ROLE}, "EMBEDDING_BATCH_ROLE_ARN cannot be used with"),
        (SAGEMAKER | {"EMBEDDING_TRANSFORM_MODEL": "m"}, "TRANSFORM_INSTANCE_TYPE is missing"),
        (SAGEMAKER | {"EMBEDDING_FORMAT": "titan"}, "EMBEDDING_FORMAT must be one of"),
        (BEDROCK | {"EMBEDDING_FORMAT": "tei"}, "EMBEDDING_FORMAT tei is not spoken on Bedrock"),
        (BEDROCK | {"EMBEDDING_MODEL": "other.model"}, "of no known family"),
    ],
)
def test_settings_that_do_not_fit_together_are_refused_by_name(settings: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        vectors(Route.BATCH, **settings)


def test_a_chat_model_without_a_name_has_no_batch() -> None:
    with pytest.raises(ConfigurationError, match="CHAT_MODEL is missing"):
        replies(Route.BATCH, CHAT_PROVIDER="bedrock", CHAT_BATCH_ROLE_ARN=ROLE)


def test_jobs_are_made_once_a_process() -> None:
    settings = load_settings(VectorJobSettings, SAGEMAKER | {"EMBEDDING_ASYNC_ENDPOINT": "e"})

    assert inference.vector_jobs(Route.ASYNCHRONOUS, settings, "work") is inference.vector_jobs(
        Route.ASYNCHRONOUS, settings, "work"
    )
