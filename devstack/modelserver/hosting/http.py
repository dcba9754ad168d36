"""SageMaker's runtime over HTTP; its control plane shares one path with other JSON 1.1 services."""

from __future__ import annotations

import asyncio

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from devstack.modelserver.aws_errors import json_response
from devstack.modelserver.hosting.containers import JSON
from devstack.modelserver.hosting.service import SageMaker


def runtime_routes(sagemaker: SageMaker) -> list[Route]:
    """InvokeEndpoint and InvokeEndpointAsync."""

    async def invoke(request: Request) -> Response:
        content, name = await request.body(), request.path_params["endpoint"]
        target = request.headers.get("x-amzn-sagemaker-target-model")
        place = await run_in_threadpool(sagemaker.realtime.admit, name, len(content), target)
        try:
            await asyncio.sleep(place.wait)  # no thread is taken by who waits for an instance or a model
            content_type = request.headers.get("content-type", JSON)
            answered = await run_in_threadpool(sagemaker.realtime.answer, place, content, content_type)
        finally:
            place.leave()
        headers = {"x-Amzn-Invoked-Production-Variant": "AllTraffic"}
        return json_response(answered.content, headers=headers, media_type=answered.content_type)

    async def invoke_async(request: Request) -> Response:
        body, name = await request.body(), request.path_params["endpoint"]
        taken = await run_in_threadpool(sagemaker.asynchronous.invoke, name, request.headers, body)
        headers = {"X-Amzn-SageMaker-OutputLocation": taken.answer}
        if taken.failure:
            headers["X-Amzn-SageMaker-FailureLocation"] = taken.failure
        return json_response({"InferenceId": taken.inference_id}, 202, headers)

    return [
        Route("/endpoints/{endpoint}/invocations", invoke, methods=["POST"]),
        Route("/endpoints/{endpoint}/async-invocations", invoke_async, methods=["POST"]),
    ]
