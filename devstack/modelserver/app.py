"""The routes: which path and header belong to which service."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from devstack.modelserver.aws_errors import AwsError, json_1_1_error, json_response, rest_json_error, validation_error
from devstack.modelserver.bedrock import BedrockRuntime
from devstack.modelserver.documents import Announcer, DocumentStore
from devstack.modelserver.models.hashed import HashedEmbedding
from devstack.modelserver.models.ports import EmbeddingModel
from devstack.modelserver.models.registry import Lazy, Models
from devstack.modelserver.quotas import RateLimit
from devstack.modelserver.sagemaker import SageMakerRuntime
from devstack.modelserver.settings import ModelServerSettings
from devstack.modelserver.textract import Textract
from devstack.modelserver.textract_control import TextractBehaviour, TextractControl
from devstack.modelserver.textract_jobs import JobTable
from devstack.modelserver.textract_worker import TextractWorker

JSON_1_1 = "application/x-amz-json-1.1"


class ModelServer:
    """One server: its services and its HTTP routes."""

    def __init__(
        self, settings: ModelServerSettings, models: Models, documents: DocumentStore, announcer: Announcer
    ) -> None:
        quotas = settings.quotas
        jobs = JobTable(settings.state_dir / "textract")
        self.models = models
        # By what PUT /_control/embedding calls them.
        real = models.embedding
        self._embeddings: dict[str, Lazy[EmbeddingModel]] = {
            "real": real,
            "hashed": Lazy(lambda: HashedEmbedding(real.get().dimensions)),
        }
        self.behaviour = TextractBehaviour.of(quotas)
        self.control = TextractControl(self.behaviour)
        self.worker = TextractWorker(
            jobs, documents, announcer, models.ocr, self.control, dpi=settings.ocr_dpi, most_pages=quotas.textract_pages
        )
        self.bedrock = BedrockRuntime(models, RateLimit(quotas.bedrock_requests_per_second, time.monotonic))
        self.sagemaker = SageMakerRuntime(models)
        self.textract = Textract(jobs, documents, quotas, self.control, self.worker.begin)

    def app(self) -> Starlette:
        """The server as an ASGI application."""
        routes = [
            Route("/health", self._health),
            Route("/model/{model:path}/converse", self._converse, methods=["POST"]),
            Route("/model/{model:path}/invoke", self._invoke_model, methods=["POST"]),
            Route("/endpoints/{endpoint}/invocations", self._invoke_endpoint, methods=["POST"]),
            Route("/", self._textract, methods=["POST"]),
            Route("/_control/textract", self._show_control),
            Route("/_control/textract", self._set_control, methods=["PUT"]),
            Route("/_control/embedding", self._choose_embedding, methods=["PUT"]),
        ]
        return Starlette(routes=routes, exception_handlers={AwsError: rest_json_error}, lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        self.worker.resume()
        # The first question must not wait for these; OCR is loaded by the first page, it is large.
        threading.Thread(target=lambda: (self.models.embedding.get(), self.models.chat.get()), daemon=True).start()
        yield
        self.worker.stop()

    async def _health(self, _: Request) -> Response:
        return json_response({"status": "ok", "models": self.models.states()})

    async def _converse(self, request: Request) -> Response:
        body = _object(await request.body())
        return json_response(await run_in_threadpool(self.bedrock.converse, request.path_params["model"], body))

    async def _invoke_model(self, request: Request) -> Response:
        body = _object(await request.body())
        answer, tokens = await run_in_threadpool(self.bedrock.invoke, request.path_params["model"], body)
        return json_response(answer, headers={"X-Amzn-Bedrock-Input-Token-Count": str(tokens)})

    async def _invoke_endpoint(self, request: Request) -> Response:
        content = await request.body()
        answer = await run_in_threadpool(self.sagemaker.invoke, request.path_params["endpoint"], content)
        return json_response(answer, headers={"x-Amzn-Invoked-Production-Variant": "AllTraffic"})

    async def _textract(self, request: Request) -> Response:
        target = request.headers.get("x-amz-target", "").removeprefix("Textract.")
        operation = self.textract.operations.get(target)
        if operation is None:
            return json_1_1_error(AwsError("UnknownOperationException", f"{target} is not offered here"))
        try:
            answer = await run_in_threadpool(operation, json.loads(await request.body()))
        except AwsError as error:
            return json_1_1_error(error)
        return json_response(answer, media_type=JSON_1_1)

    async def _show_control(self, _: Request) -> Response:
        return json_response(self.control.report())

    async def _set_control(self, request: Request) -> Response:
        try:
            started_with = self.behaviour.model_dump()
            behaviour = TextractBehaviour.model_validate({**started_with, **_object(await request.body())})
            await run_in_threadpool(self.worker.learn, behaviour)
        except ValueError as error:  # pydantic's ValidationError is one
            return json_response({"message": str(error)}, 400)
        self.control.set(behaviour)
        return json_response(self.control.report())

    async def _choose_embedding(self, request: Request) -> Response:
        model = _object(await request.body()).get("model")
        if model not in self._embeddings:
            return json_response({"message": f"model must be one of {', '.join(self._embeddings)}"}, 400)
        self.models.embedding = self._embeddings[model]
        return json_response({"model": model})


def _object(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except ValueError as error:
        raise validation_error("The request body is not valid JSON.") from error
    if not isinstance(body, dict):
        raise validation_error(
            "Malformed input request: expected type: JSONObject, please reformat your input and try again."
        )
    return body
