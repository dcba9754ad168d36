"""Requests and answers held against botocore's description of a service, patterns and values of lists included."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.exceptions import ClientError
from botocore.model import OperationModel, Shape
from botocore.session import get_session
from botocore.validate import ParamValidator


@cache
def _operation(service: str, name: str) -> OperationModel:
    return get_session().get_service_model(service).operation_model(name)


def check_request(service: str, operation: str, parameters: Mapping[str, Any]) -> None:
    """Fails as boto3 and the service do: unknown, missing, too long, of another form than the API's."""
    shape = _operation(service, operation).input_shape
    assert shape is not None
    _check(shape, parameters)


def checked_answer(service: str, operation: str, answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, if the service could give it."""
    shape = _operation(service, operation).output_shape
    assert shape is not None
    _check(shape, answer)
    return answer


def client_error(operation: str, code: str, status: int = 400, message: str = "refused") -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)


def _check(shape: Shape, value: Any) -> None:
    report = ParamValidator().validate(value, shape)
    problems = [report.generate_report()] if report.has_errors() else list(_offences(shape, value, shape.name))
    assert not problems, problems


def _offences(shape: Any, value: Any, path: str) -> Iterator[str]:
    if shape.type_name == "structure":
        for name, member in value.items():
            yield from _offences(shape.members[name], member, f"{path}.{name}")
    elif shape.type_name == "list":
        for member in value:
            yield from _offences(shape.member, member, path)
    elif shape.type_name == "string":
        yield from (f"{path}: {value!r} breaks {rule}" for rule in _broken(shape.metadata, value))
    elif shape.type_name in ("integer", "long") and value > shape.metadata.get("max", value):
        yield f"{path}: {value} is too much"


def _broken(rules: Mapping[str, Any], value: str) -> Iterator[str]:
    if len(value) > rules.get("max", len(value)):
        yield f"max {rules['max']}"
    if "enum" in rules and value not in rules["enum"]:
        yield "enum"
    pattern = rules.get("pattern", ".*")
    # Java's names of classes of letters are not Python's.
    if r"\p{" not in pattern and not re.fullmatch(pattern, value, re.DOTALL):
        yield pattern
