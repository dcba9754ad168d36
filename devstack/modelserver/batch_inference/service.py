"""Bedrock's batch inference put together, with its routes."""

from __future__ import annotations

import time
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from devstack.modelserver.aws_errors import json_response, parsed_object
from devstack.modelserver.batch_inference.answering import Answering
from devstack.modelserver.batch_inference.behaviour import BedrockControl
from devstack.modelserver.batch_inference.jobs import BatchTable
from devstack.modelserver.batch_inference.operations import BatchInference
from devstack.modelserver.batch_inference.worker import BatchWorker
from devstack.modelserver.bedrock import BedrockRuntime
from devstack.modelserver.documents import EventBus, ObjectStore
from devstack.modelserver.job_line import JobLine
from devstack.modelserver.models.registry import BackgroundModels, Models
from devstack.modelserver.quotas import RateLimit


class BedrockBatch:
    """The whole service.

    Args:
        folder: what it remembers.
        models: what answers.
        objects, bus: of the emulator.
        control: faults and times.
        line: does the work.
    """

    def __init__(
        self, folder: Path, models: Models, objects: ObjectStore, bus: EventBus, control: BedrockControl, line: JobLine
    ) -> None:
        table = BatchTable(folder, time.time)
        # Batches have quotas of their own: what limits the runtime does not limit them.
        runtime = BedrockRuntime(BackgroundModels(models), RateLimit(None, time.monotonic))
        self._worker = BatchWorker(table, Answering(runtime, control), objects, bus, control, line)
        self._operations = BatchInference(table, control, self._worker.begin, self._worker.changed)

    def resume(self) -> None:
        """Go on with what a stopped server left undone."""
        self._worker.resume()

    def routes(self) -> list[Route]:
        """The four operations."""
        return [
            Route("/model-invocation-job", self._create, methods=["POST"]),
            Route("/model-invocation-jobs", self._list),
            Route("/model-invocation-job/{job:path}/stop", self._stop, methods=["POST"]),
            Route("/model-invocation-job/{job:path}", self._get),
        ]

    async def _create(self, request: Request) -> Response:
        body = parsed_object(await request.body())
        return json_response(await run_in_threadpool(self._operations.create, body))

    async def _get(self, request: Request) -> Response:
        return json_response(await run_in_threadpool(self._operations.get, request.path_params["job"]))

    async def _stop(self, request: Request) -> Response:
        return json_response(await run_in_threadpool(self._operations.stop, request.path_params["job"]))

    async def _list(self, request: Request) -> Response:
        return json_response(await run_in_threadpool(self._operations.list_jobs, dict(request.query_params)))
