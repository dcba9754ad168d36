"""The decorator of every pipeline step: model in, model out, ids in every log line."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable, Iterator
from typing import Any, get_type_hints

from pydantic import BaseModel

from docqa.runtime.logging import log_failure, logger

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def input_model(function: Callable[..., Any]) -> type[BaseModel]:
    """The pydantic model that a handler's only parameter is annotated with."""
    (name,) = inspect.signature(function).parameters
    model = get_type_hints(function)[name]
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise TypeError(f"{function.__name__}: annotate its parameter with a pydantic model")
    return model


def step(function: Callable[[Any], BaseModel | None]) -> Handler:
    """Make a Lambda handler of a function from one pydantic model to another (or to nothing).

    Errors pass through, because their class names are what the state machine retries and catches by.
    """
    model = input_model(function)

    @functools.wraps(function)
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        work = model.model_validate(event)
        logger.clear_state()
        logger.append_keys(request_id=getattr(context, "aws_request_id", ""), **dict(_identity(work)))
        started = time.perf_counter()
        try:
            result = function(work)
        except Exception as error:
            log_failure(error)
            raise
        logger.info("step done", extra={"seconds": round(time.perf_counter() - started, 3)})
        return result.model_dump(mode="json") if result is not None else {}

    return handler


def _identity(work: BaseModel) -> Iterator[tuple[str, object]]:
    reference = getattr(work, "reference", work)
    for name in ("tenant", "document_id", "generation", "attempt"):
        value = getattr(reference, name, None)
        if value is not None:
            yield name, value
