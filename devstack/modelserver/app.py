"""The routes: which path and header belong to which service."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from devstack.modelserver.aws_errors import AwsError, json_1_1_error, json_response, parsed_object, rest_json_error
from devstack.modelserver.batch_inference.behaviour import BedrockControl
from devstack.modelserver.batch_inference.service import BedrockBatch
from devstack.modelserver.bedrock import BedrockRuntime
from devstack.modelserver.bedrock_rerank import BedrockAgentRuntime
from devstack.modelserver.behaviour_file import read_behaviours
from devstack.modelserver.control_routes import control_routes
from devstack.modelserver.documents import Announcer, EventBus, ObjectStore
from devstack.modelserver.hosting.http import runtime_routes
from devstack.modelserver.hosting.service import SageMaker
from devstack.modelserver.job_line import JobLine
from devstack.modelserver.models.hashed import HashedEmbedding
from devstack.modelserver.models.ports import EmbeddingModel
from devstack.modelserver.models.registry import Lazy, Models
from devstack.modelserver.settings import ModelServerSettings
from devstack.modelserver.textract import Textract
from devstack.modelserver.textract_control import TextractControl
from devstack.modelserver.textract_jobs import JobTable
from devstack.modelserver.textract_worker import TextractWorker

JSON_1_1 = "application/x-amz-json-1.1"


class ModelServer:
    """One server: its services and its HTTP routes.

    Args:
        settings: what can be chosen.
        models: what answers.
        objects, topics, bus: of the emulator.
    """

    def __init__(
        self, settings: ModelServerSettings, models: Models, objects: ObjectStore, topics: Announcer, bus: EventBus
    ) -> None:
        behaviours, folder = read_behaviours(settings.behaviour_file), settings.state_dir
        self.models = models
        # By what PUT /_control/embedding calls them.
        real = models.embedding
        self._embeddings: dict[str, Lazy[EmbeddingModel]] = {
            "real": real,
            "hashed": Lazy(lambda: HashedEmbedding(real.get().dimensions)),
        }
        self.line = JobLine()
        self.textract_control = TextractControl(behaviours.textract)
        self.bedrock_control = BedrockControl(behaviours.bedrock)
        table, quotas = JobTable(folder / "textract"), settings.quotas
        self.worker = TextractWorker(
            table,
            objects,
            topics,
            models.ocr,
            self.textract_control,
            dpi=settings.ocr_dpi,
            most_pages=quotas.textract_pages,
        )
        self.textract = Textract(table, objects, quotas, self.textract_control, self.worker.begin)
        self.bedrock = BedrockRuntime(models, self.bedrock_control)
        self.agents = BedrockAgentRuntime(self.bedrock_control)
        self.batch = BedrockBatch(folder / "bedrock", models, objects, bus, self.bedrock_control, self.line)
        self.sagemaker = SageMaker(folder / "sagemaker", models, objects, topics, bus, behaviours.sagemaker, self.line)
        self._json_1_1 = {
            **{f"Textract.{name}": operation for name, operation in self.textract.operations.items()},
            **{f"SageMaker.{name}": operation for name, operation in self.sagemaker.operations.items()},
        }

    def app(self) -> Starlette:
        """The server as an ASGI application."""
        routes = [
            Route("/health", self._health),
            Route("/model/{model:path}/converse", self._converse, methods=["POST"]),
            Route("/model/{model:path}/invoke", self._invoke_model, methods=["POST"]),
            Route("/rerank", self._rerank, methods=["POST"]),
            Route("/", self._operation, methods=["POST"]),
            *runtime_routes(self.sagemaker),
            *self.batch.routes(),
            *control_routes("textract", self.textract_control, self.worker.learn),
            *control_routes("sagemaker", self.sagemaker.control),
            *control_routes("bedrock", self.bedrock_control),
            Route("/_control/embedding", self._choose_embedding, methods=["PUT"]),
        ]
        return Starlette(routes=routes, exception_handlers={AwsError: rest_json_error}, lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        self.worker.resume()
        self.batch.resume()
        self.sagemaker.resume()
        self.line.start()
        # The first question must not wait for these; OCR is loaded by the first page, it is large.
        threading.Thread(target=lambda: (self.models.embedding.get(), self.models.chat.get()), daemon=True).start()
        yield
        self.worker.stop()
        await run_in_threadpool(self.line.stop)

    async def _health(self, _: Request) -> Response:
        return json_response({"status": "ok", "models": self.models.states()})

    async def _converse(self, request: Request) -> Response:
        body = parsed_object(await request.body())
        return json_response(await run_in_threadpool(self.bedrock.converse, request.path_params["model"], body))

    async def _invoke_model(self, request: Request) -> Response:
        body = parsed_object(await request.body())
        answer, tokens = await run_in_threadpool(self.bedrock.invoke, request.path_params["model"], body)
        return json_response(answer, headers={"X-Amzn-Bedrock-Input-Token-Count": str(tokens)})

    async def _rerank(self, request: Request) -> Response:
        return json_response(self.agents.rerank(parsed_object(await request.body())))

    async def _operation(self, request: Request) -> Response:
        target = request.headers.get("x-amz-target", "")
        operation = self._json_1_1.get(target)
        if operation is None:
            return json_1_1_error(AwsError("UnknownOperationException", f"{target} is not offered here"))
        try:
            answer: dict[str, Any] = await run_in_threadpool(operation, json.loads(await request.body()))
        except AwsError as error:
            return json_1_1_error(error)
        return json_response(answer, media_type=JSON_1_1)

    async def _choose_embedding(self, request: Request) -> Response:
        model = parsed_object(await request.body()).get("model")
        if model not in self._embeddings:
            return json_response({"message": f"model must be one of {', '.join(self._embeddings)}"}, 400)
        self.models.embedding = self._embeddings[model]
        return json_response({"model": model})
