"""GET and PUT of /_control/<service>."""

from __future__ import annotations

import json
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from devstack.modelserver.aws_errors import json_response
from devstack.modelserver.faults import Control, Kind


def control_routes(
    service: str, control: Control[Kind], learn: Callable[[Kind], object] = lambda _: None
) -> list[Route]:
    """GET tells counts and settings. PUT sets what its body names; the rest is as it was when the server started.

    Args:
        service: End of the path.
        control: What is set.
        learn: Told of a behaviour before it holds; a ValueError of it refuses the behaviour.
    """
    started_with = control.behaviour

    async def show(_: Request) -> Response:
        return json_response(control.report())

    async def put(request: Request) -> Response:
        try:
            asked = json.loads(await request.body())
            behaviour = type(started_with).model_validate({**started_with.model_dump(), **asked})
            await run_in_threadpool(learn, behaviour)
        except (ValueError, TypeError) as error:  # pydantic's and json's errors are ValueErrors
            return json_response({"message": str(error)}, 400)
        control.set(behaviour)
        return json_response(control.report())

    path = f"/_control/{service}"
    return [Route(path, show), Route(path, put, methods=["PUT"])]
