"""The contracts as files, made from the models: OpenAPI, queue messages, events. Part of `make docs`."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from docqa.models import events
from docqa.models.answer import Answer
from docqa.models.batch import BatchResult
from docqa.models.question import Question
from tools.routes import PROBLEMS, ROUTES, Route

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MESSAGES: dict[str, type[BaseModel]] = {"question": Question, "answer": Answer, "batch-result": BatchResult}
EVENTS: tuple[type[events.BusEvent], ...] = (
    events.DocumentIndexed,
    events.DocumentFailed,
    events.DocumentDeleted,
    events.DocumentExpired,
    events.AnswerReady,
    events.BatchCompleted,
)


def pages() -> dict[str, str]:
    """Every contract file by its path."""
    return {
        "docs/openapi.json": _text(openapi()),
        **{f"docs/messages/{name}.schema.json": _text(_schema(model)) for name, model in MESSAGES.items()},
        **{f"docs/events/{model.__name__}.schema.json": _text(_schema(model)) for model in EVENTS},
        "docs/events/README.md": _event_catalogue(),
    }


def openapi() -> dict[str, Any]:
    """The HTTP API as an OpenAPI 3.1 document."""
    models = {model for route in ROUTES for model in route.models()}
    ordered = sorted(models, key=lambda model: model.__name__)
    inputs = {route.body for route in ROUTES if route.body}
    _, definitions = models_json_schema(
        [(model, "validation" if model in inputs else "serialization") for model in ordered],
        ref_template="#/components/schemas/{model}",
    )
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "docqa",
            "version": "0.1.0",
            "description": "Questions answered from an organisation's own documents, with citations.",
        },
        "servers": [
            {"url": "{ApiUrl}", "description": "The stack's output ApiUrl.", "variables": {"ApiUrl": {"default": "/"}}}
        ],
        "security": [{"idToken": []}],
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {
                "idToken": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "ID token of the stack's Cognito user pool.",
                }
            },
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {"operationId": route.operation, "summary": route.summary}
    if route.parameters:
        operation["parameters"] = [parameter.as_openapi() for parameter in route.parameters]
    if route.body:
        operation["requestBody"] = {"required": True, "content": _content(route.body, "application/json")}
    operation["responses"] = {
        **{str(status): _response(text, model) for status, (text, model) in route.responses.items()},
        **{str(status): _problem(status) for status in sorted(route.problems)},
    }
    return operation


def _response(text: str, model: type[BaseModel] | None) -> dict[str, Any]:
    return {"description": text} | ({"content": _content(model, "application/json")} if model else {})


def _problem(status: int) -> dict[str, Any]:
    return {
        "description": PROBLEMS[status],
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _content(model: type[BaseModel], media_type: str) -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    # An answer is written by docqa and a question read by it: every field that is written is always there.
    written = model.model_json_schema(mode="validation" if model is Question else "serialization")
    return {"$schema": DIALECT, **written}


def _event_catalogue() -> str:
    rows = [
        f"| `{model.__name__}` | {' '.join((model.__doc__ or '').split())} | [schema]({model.__name__}.schema.json) |"
        for model in EVENTS
    ]
    return "\n".join(
        [
            "# Events",
            "",
            f"What docqa puts on the stack's event bus: `source` is `{events.BusEvent.source}`, `detail-type` the name",
            "below, `detail` what its schema says: ids and counts, never content. Delivery is at least once.",
            "",
            "| detail-type | when | detail |",
            "|---|---|---|",
            *rows,
        ]
    )


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
