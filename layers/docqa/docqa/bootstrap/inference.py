"""Which jobs there are for models that answer later: by the settings, each route made once a process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from pydantic import Field

from docqa.bootstrap.chat import ChatSettings
from docqa.bootstrap.clients import client
from docqa.bootstrap.clock import SystemClock
from docqa.bootstrap.content_handlers import bedrock_embedding_bodies, chat_container, embedding_container
from docqa.bootstrap.embeddings import EmbeddingModelSettings
from docqa.bootstrap.stores import bucket
from docqa.config import Settings
from docqa.errors import ConfigurationError
from docqa.models.inference import Route

if TYPE_CHECKING:
    from docqa.adapters.content_handlers.handler import ContentHandler
    from docqa.models.inference import Prompt, Reply, Vector
    from docqa.ports.inference import InferenceJobs

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")


class JobSettings(Settings):
    """What jobs of any model have in common; derive from it."""

    async_queue_seconds: int = Field(
        default=21_600, ge=60, le=21_600, description="How long a request to an asynchronous endpoint may wait."
    )
    async_invocation_seconds: int = Field(
        default=900, ge=1, le=3_600, description="How long its container may work on a request."
    )
    transform_instance_type: str = Field(default="", description="Of batch transform jobs, such as ml.m5.xlarge.")
    transform_instance_count: int = Field(default=1, ge=1)
    batch_least_records: int = Field(default=100, ge=1, description="Bedrock's quotas of a batch inference job.")
    batch_most_records: int = Field(default=50_000, ge=1)
    batch_hours: int = Field(default=24, ge=24, le=168, description="After which Bedrock gives a batch job up.")


class VectorJobSettings(EmbeddingModelSettings, JobSettings):
    """Settings of every function that has passages embedded by jobs; derive from it."""

    embedding_async_endpoint: str = Field(default="", description="SageMaker endpoint with the embedding model.")
    embedding_transform_model: str = Field(default="", description="SageMaker model, for batch transform.")
    embedding_batch_role_arn: str = Field(default="", description="Role of Bedrock batch inference.")


class ReplyJobSettings(ChatSettings, JobSettings):
    """Settings of every function that has prompts answered by jobs; derive from it."""

    chat_async_endpoint: str = Field(default="", description="SageMaker endpoint with the chat model.")
    chat_transform_model: str = Field(default="", description="SageMaker model, for batch transform.")
    chat_transform_instance_type: str = Field(default="", description="Of its jobs; absent: TRANSFORM_INSTANCE_TYPE.")
    chat_batch_role_arn: str = Field(default="", description="Role of Bedrock batch inference.")


@dataclass(frozen=True, slots=True)
class _Model:
    """A model and the ways to it, as the settings with this front (EMBEDDING, CHAT) name them; empty: none."""

    front: str
    provider: str
    model: str
    async_endpoint: str
    transform_model: str
    transform_instance_type: str
    batch_role_arn: str


@cache
def vector_jobs(route: Route, settings: VectorJobSettings, work_bucket: str) -> InferenceJobs[str, Vector] | None:
    """Jobs that embed passages with the model that the settings name; None where the route is not configured.

    Raises:
        ConfigurationError: the settings name a route that the provider does not have, or leave out what it needs.
    """
    from docqa.adapters.job_results import fault_of_vector

    model, wire_format = settings.embedding_model, settings.embedding_format
    named = _Model(
        "EMBEDDING",
        settings.embedding_provider,
        model,
        settings.embedding_async_endpoint,
        settings.embedding_transform_model,
        settings.transform_instance_type,
        settings.embedding_batch_role_arn,
    )
    handler = (
        bedrock_embedding_bodies(model, wire_format, settings.embedding_dimensions)
        if settings.embedding_provider == "bedrock"
        else embedding_container(wire_format)
    )
    make = _Maker(settings, work_bucket, handler, fault_of_vector(settings.embedding_dimensions))
    return make.jobs(route, named, "InvokeModel")


@cache
def reply_jobs(route: Route, settings: ReplyJobSettings, work_bucket: str) -> InferenceJobs[Prompt, Reply] | None:
    """Jobs that answer prompts with the chat model that the settings name; None where the route is not configured.

    Raises:
        ConfigurationError: the settings name a route that the provider does not have, or leave out what it needs.
    """
    from docqa.adapters.content_handlers.converse import Converse
    from docqa.adapters.job_results import no_fault

    if settings.chat_provider == "none":
        return None
    named = _Model(
        "CHAT",
        settings.chat_provider,
        settings.chat_model,
        settings.chat_async_endpoint,
        settings.chat_transform_model,
        settings.chat_transform_instance_type or settings.transform_instance_type,
        settings.chat_batch_role_arn,
    )
    handler = Converse() if settings.chat_provider == "bedrock" else chat_container(settings.chat_format)
    return _Maker(settings, work_bucket, handler, no_fault).jobs(route, named, "Converse")


class _Maker(Generic[Asked, Answered]):
    """Makes jobs of one kind of model. A Bedrock model has batch inference only, a container everything else."""

    def __init__(
        self,
        settings: JobSettings,
        work_bucket: str,
        handler: ContentHandler[Asked, Answered],
        fault_of: Callable[[Answered], str],
    ) -> None:
        self._settings = settings
        self._work_bucket = work_bucket
        self._handler = handler
        self._fault_of = fault_of

    def jobs(
        self, route: Route, model: _Model, invocation_type: Literal["InvokeModel", "Converse"]
    ) -> InferenceJobs[Asked, Answered] | None:
        if model.provider == "bedrock":
            _refuse(model, {"ASYNC_ENDPOINT": model.async_endpoint, "TRANSFORM_MODEL": model.transform_model})
            wanted = route is Route.BATCH and model.batch_role_arn
            return self._on_bedrock(model, invocation_type) if wanted else None
        _refuse(model, {"BATCH_ROLE_ARN": model.batch_role_arn})
        if route is Route.ASYNCHRONOUS and model.async_endpoint:
            return self._asynchronous(model.async_endpoint)
        if route is Route.BATCH and model.transform_model:
            return self._transform(model)
        return None

    def _on_bedrock(
        self, model: _Model, invocation_type: Literal["InvokeModel", "Converse"]
    ) -> InferenceJobs[Asked, Answered]:
        from docqa.adapters.bedrock_batch import BatchQuotas, BedrockBatchJobs

        if not model.model:
            raise ConfigurationError(f"{model.front}_MODEL is missing: name the model")
        settings = self._settings
        return BedrockBatchJobs(
            client("bedrock"),
            model.model,
            model.batch_role_arn,
            bucket(self._work_bucket),
            self._handler,
            self._fault_of,
            invocation_type,
            BatchQuotas(settings.batch_least_records, settings.batch_most_records, settings.batch_hours),
        )

    def _asynchronous(self, endpoint: str) -> InferenceJobs[Asked, Answered]:
        from docqa.adapters.sagemaker_async import SageMakerAsyncJobs

        return SageMakerAsyncJobs(
            client("sagemaker-runtime"),
            endpoint,
            bucket(self._work_bucket),
            self._handler,
            self._fault_of,
            SystemClock(),
            self._settings.async_queue_seconds,
            self._settings.async_invocation_seconds,
        )

    def _transform(self, model: _Model) -> InferenceJobs[Asked, Answered]:
        from docqa.adapters.sagemaker_transform import SageMakerTransformJobs

        if not model.transform_instance_type:
            raise ConfigurationError("TRANSFORM_INSTANCE_TYPE is missing: name the instance of batch transform jobs")
        return SageMakerTransformJobs(
            client("sagemaker"),
            model.transform_model,
            bucket(self._work_bucket),
            self._handler,
            self._fault_of,
            SystemClock(),
            model.transform_instance_type,
            self._settings.transform_instance_count,
        )


def _refuse(model: _Model, elsewhere: Mapping[str, str]) -> None:
    """Raise where a setting names what the provider does not have: another model's vectors or replies are no use."""
    if named := [f"{model.front}_{name}" for name, value in elsewhere.items() if value]:
        raise ConfigurationError(f"{' and '.join(named)} cannot be used with {model.front}_PROVIDER {model.provider}")
