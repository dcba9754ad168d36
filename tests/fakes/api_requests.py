"""Requests generated from the API's description: some as it says, some nearly, some not at all."""

from __future__ import annotations

import base64
import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from docqa.models.api import Problem

ROOT = Path(__file__).resolve().parents[2]
API: dict[str, Any] = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))

_ODD = st.sampled_from(
    ["", " ", "\x00", "\u200b", "\ud7ff", "é", "x" * 5_000, "../..", "%2e%2e", "'; --", "{{7*7}}", "-1", "1e400", "NaN"]
)
_TEXT = st.one_of(st.text(max_size=40), _ODD)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def operations(functions: dict[str, str]) -> list[tuple[str, str, str]]:
    """(method, path, function) of every operation that one of these functions serves, by operation id."""
    return [
        (method, path, functions[operation["operationId"]])
        for path, methods in API["paths"].items()
        for method, operation in methods.items()
        if operation["operationId"] in functions
    ]


def events(method: str, path: str, sample: dict[str, Any], known: dict[str, str]) -> st.SearchStrategy[dict[str, Any]]:
    """Gateway events for one operation.

    Args:
        method: In small letters.
        path: As the description has it.
        sample: A real event of the operation.
        known: Path parameters that lead to something.
    """
    operation = API["paths"][path][method]
    parameters = operation.get("parameters", [])
    names = {place: [one["name"] for one in parameters if one["in"] == place] for place in ("path", "query", "header")}
    by_name = {one["name"]: one["schema"] for one in parameters}

    def values(place: str, *, optional: bool) -> st.SearchStrategy[dict[str, str]]:
        of_each = {name: st.one_of(_of_schema(by_name[name]).map(str), _TEXT) for name in names[place]}
        return st.fixed_dictionaries({}, optional=of_each) if optional else st.fixed_dictionaries(of_each)

    return st.builds(
        _event,
        st.just(sample),
        st.one_of(st.just({name: known[name] for name in names["path"]}), values("path", optional=False)),
        values("query", optional=True),
        values("header", optional=True),
        _bodies(operation),
        st.booleans(),
    )


def check(method: str, path: str, answer: dict[str, Any]) -> None:
    """The answer is one that the description names, no fault, and a problem document where it is a refusal."""
    described = API["paths"][path][method]["responses"]
    status = answer["statusCode"]
    assert str(status) in described, f"{status} is not described"
    assert status < 500
    if status >= 400:
        assert answer["headers"]["Content-Type"] == "application/problem+json"
        assert Problem.model_validate_json(answer["body"]).status == status


def _event(
    sample: dict[str, Any],
    path: dict[str, str],
    query: dict[str, str],
    headers: dict[str, str],
    body: bytes | None,
    encoded: bool,
) -> dict[str, Any]:
    event = copy.deepcopy(sample)
    event["pathParameters"] = path or None
    event["queryStringParameters"] = query or None
    event["headers"].pop("Idempotency-Key", None)
    event["headers"].update(headers)
    if body is not None:
        event["isBase64Encoded"] = encoded
        event["body"] = base64.b64encode(body).decode() if encoded else body.decode("utf-8", "replace")
    return event


def _bodies(operation: dict[str, Any]) -> st.SearchStrategy[bytes | None]:
    if "requestBody" not in operation:
        return st.none()
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    good = _of_schema(schema)
    nearly = st.builds(
        lambda body, changes: {**body, **changes}, good, st.dictionaries(_names(schema), _JSON, max_size=2)
    )
    whole = st.one_of(good, nearly, _JSON).map(lambda value: json.dumps(value).encode())
    cut = st.builds(lambda text, at: text[:at], whole, st.integers(0, 40))
    return st.one_of(whole, cut, st.binary(max_size=60))


def _names(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(sorted(_resolved(schema)["properties"])), st.text(max_size=8))


def _additional(schema: dict[str, Any]) -> dict[str, Any]:
    """What a member that has no name in the schema may be; `true`: anything."""
    said = schema.get("additionalProperties")
    return said if isinstance(said, dict) else {}


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = API["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return found


def _of_schema(schema: dict[str, Any]) -> st.SearchStrategy[Any]:  # noqa: PLR0911, C901 - one a type
    """Values that a schema allows, as far as the description's own schemas need it."""
    schema = _resolved(schema)
    if "anyOf" in schema:
        return st.one_of(*map(_of_schema, schema["anyOf"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "object":
            return _objects(schema)
        case "array":
            return st.lists(_of_schema(schema.get("items", {})), max_size=3)
        case "integer":
            return st.integers(schema.get("minimum", -10), schema.get("maximum", 10**12))
        case "number":
            return st.floats(0, 1)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "string" if "pattern" in schema:
            return st.from_regex(schema["pattern"], fullmatch=True)
        case "string":
            return st.text(min_size=schema.get("minLength", 0), max_size=min(schema.get("maxLength", 30), 30))
    return _JSON


def _objects(schema: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    properties = {name: _of_schema(one) for name, one in schema.get("properties", {}).items()}
    needed = {name: properties.pop(name) for name in schema.get("required", [])}
    if not properties and not needed:
        return st.dictionaries(st.text(max_size=8), _of_schema(_additional(schema)), max_size=3)
    return st.fixed_dictionaries(needed, optional=properties)
